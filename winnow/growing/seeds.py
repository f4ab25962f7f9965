"""The rows that a round may show: seeds by their facts, and accepted rows of earlier rounds of the plan."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import eq
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.recipes.rounds import Shown

Cell = tuple[str, ...]
"""A value of each fact by which a plan aims: one cell of the grid of their combinations."""
_CLOSE = 8  # rows that take turns in a cell that has few of its own


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
    """Hands out candidates one after the other in their order, and begins again at the end.

    Of those for a cell the first share most of its values, so that a cell without rows is served by its neighbours.
    """

    def __init__(self, candidates: Iterable[Candidate], key: Callable[[Candidate], bytes]) -> None:
        self._order = sorted(candidates, key=key)
        self._close: dict[tuple[Cell, int], list[Candidate]] = {}
        self._at = Counter[Cell]()

    def __len__(self) -> int:
        return len(self._order)

    def next(self, count: int, without: Iterable[str] = (), cell: Cell = ()) -> list[Candidate]:
        """Return the next ``count`` candidates that are not among ``without``, fewer where there are not so many."""
        seen, found = set(without), list[Candidate]()
        order = self._closest(cell, max(_CLOSE, count + len(seen)))
        for _ in range(len(order)):
            if len(found) == count:
                break
            one = order[self._at[cell] % len(order)]
            self._at[cell] += 1
            if one.row_id not in seen:
                seen.add(one.row_id)
                found.append(one)
        return found

    def _closest(self, cell: Cell, least: int) -> list[Candidate]:
        """Return the candidates that share most values with a cell, the closest first, as many as suffice."""
        if not cell:
            return self._order
        if (cell, least) not in self._close:
            shared: dict[int, list[Candidate]] = {}
            for one in self._order:
                shared.setdefault(sum(map(eq, one.cell, cell)), []).append(one)
            found: list[Candidate] = []
            for level in sorted(shared, reverse=True):
                if len(found) < least:
                    found += shared[level]
            self._close[cell, least] = found
        return self._close[cell, least]
