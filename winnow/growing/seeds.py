"""The rows that a round may show: seeds by their facts, and accepted rows of earlier rounds of the plan."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from operator import eq
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.recipes.rounds import Shown

Cell = tuple[str, ...]
"""A value of each fact by which a plan aims: one cell of the grid of their combinations."""


class Candidate(NamedTuple):
    """A row that may be shown: its language, the round that wrote it (0 for seeds), and what its children inherit.

    ``cell`` are its values of the facts by which the plan aims.
    """

    row_id: str
    language: str
    round: int
    inherits: Shown
    cell: Cell = ()


def eligible(
    facts: pa.Table, wanted: Mapping[str, Sequence[Any]], written: Iterable[str], where: str
) -> pa.ChunkedArray:
    """Return a mask of the rows whose facts have one of the values ``wanted``.

    Rows of the sources ``written``, which models wrote, are seeds only where ``wanted`` names their source. Raises
    :class:`UserError`, which begins with ``where``, for a fact that there is none of.
    """
    mask = pa.chunked_array([pa.array([True] * len(facts), pa.bool_())])
    for name, values in wanted.items():
        if name not in facts.column_names:
            there = ", ".join(sorted(facts.column_names))
            raise UserError(f"{where}.seeds.{name} is no fact of a row; data/annotate has {there}.")
        try:
            among = pa.array(list(values), facts.schema.field(name).type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            kind = facts.schema.field(name).type
            raise UserError(f"{where}.seeds.{name} is {list(values)!r}; the fact is of the type {kind}.") from None
        mask = pc.and_(mask, pc.is_in(facts[name], value_set=among))
    if "source" not in wanted:
        mask = pc.and_(mask, pc.invert(pc.is_in(facts["source"], value_set=pa.array(sorted(written), pa.string()))))
    return mask


def inherited(license_: str, group: str | None, metadata: str) -> Shown:
    """Return what rows made from a record inherit; the group that a source gives its rows is no family of ours.

    >>> inherited("MIT", None, '{"depth":2,"output_terms":["non-commercial"]}')
    Shown(license='MIT', group=None, terms=('non-commercial',), depth=2)
    """
    if '"output_terms"' not in metadata and '"depth"' not in metadata:
        return Shown(license_)
    about = json.loads(metadata)
    terms, depth = about.get("output_terms"), about.get("depth")
    known = tuple(one for one in terms if isinstance(one, str)) if isinstance(terms, list) else ()
    return Shown(license_, group if "roles" in about else None, known, depth if type(depth) is int else 0)


def order_by(seed: int, *purpose: Any) -> Callable[[Candidate], bytes]:
    """Return a key that puts candidates into the order of a hash of seed, purpose and id, never of their arrival."""
    prefix = ":".join(map(str, (seed, *purpose)))

    def key(candidate: Candidate) -> bytes:
        return hashlib.blake2b(f"{prefix}:{candidate.row_id}".encode(), digest_size=16, person=b"seeds").digest()

    return key


class Wheel:
    """Hands out candidates one after the other; each turn of the wheel has an order of its own, by a hash.

    So a few seeds stand together in ever new ways. Of those for a cell the first share most of its values, so that a
    cell with few rows is served by its neighbours too, ``least`` rows together or more.
    """

    def __init__(self, candidates: Iterable[Candidate], least: int, *purpose: Any) -> None:
        self._all, self._least, self._purpose = list(candidates), least, purpose
        self._orders: dict[Cell, Iterator[Candidate]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def next(self, count: int, without: Iterable[str] = (), cell: Cell = ()) -> list[Candidate]:
        """Return the next ``count`` candidates that are not among ``without``, fewer where there are not so many."""
        seen, found = set(without), list[Candidate]()
        order = self._orders.setdefault(cell, self._turns(cell))
        for one in islice(order, 2 * len(self._all) if count else 0):
            if one.row_id not in seen:
                seen.add(one.row_id)
                found.append(one)
            if len(found) >= count:
                break
        return found

    def _turns(self, cell: Cell) -> Iterator[Candidate]:
        """Yield the candidates that share most values with a cell, the closest first, turn after turn."""
        shared: dict[int, list[Candidate]] = {}
        for one in self._all:
            shared.setdefault(sum(map(eq, one.cell, cell)), []).append(one)
        levels: list[list[Candidate]] = []
        for level in sorted(shared, reverse=True):
            if sum(map(len, levels)) < self._least:
                levels.append(shared[level])
        for turn in count() if levels else ():
            for some in levels:
                yield from sorted(some, key=order_by(*self._purpose, *[turn] * (turn > 0)))
