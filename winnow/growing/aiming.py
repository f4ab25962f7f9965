"""Where a plan aims: cells of a grid of facts, such as task and domain, in which the fewest rows are."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import pyarrow as pa
import pyarrow.compute as pc

from winnow.growing.seeds import Cell
from winnow.harness.errors import UserError


def cells(facts: pa.Table, aim: Sequence[str], where: str) -> list[Cell]:
    """Return the cell of each row: its values of the facts ``aim``, as text.

    Raises :class:`UserError`, which begins with ``where``, for a fact that there is none of or that is a measure.
    """
    columns = []
    for name in aim:
        kind = facts.schema.field(name).type if name in facts.column_names else None
        if kind is None or not (pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind)):
            there = ", ".join(sorted(one.name for one in facts.schema if pa.types.is_string(one.type)))
            raise UserError(f"{where}.aim names {name}, no fact of a row with few values; such are {there}.")
        columns.append(pc.fill_null(pc.cast(facts[name], pa.string()), "").to_pylist())
    return list(zip(*columns, strict=True)) if columns else [()] * len(facts)


class Grid:
    """Rows by language and cell. It hands out the cell that has the fewest rows, those handed out before included.

    The grid has every combination of the values that ``seeds`` have, in whatever language; ``rows`` are counted in it.
    At a tie a hash of purpose, language and cell decides.
    """

    def __init__(self, rows: Iterable[tuple[str, Cell]], seeds: Iterable[tuple[str, Cell]], *purpose: object) -> None:
        counts, usable = Counter(rows), set(seeds)
        values = [sorted(set(one) - {""}) or [""] for one in zip(*(cell for _, cell in usable), strict=True)]
        self._heaps: dict[str, list[tuple[int, str, Cell]]] = {}
        for language in sorted({language for language, _ in usable}):
            heap = [(counts[language, cell], _digest(*purpose, language, *cell), cell) for cell in product(*values)]
            heapq.heapify(heap)
            self._heaps[language] = heap

    def next(self, language: str, rows: int) -> Cell:
        """Return the next cell of a language, in which then are so many rows more."""
        heap = self._heaps[language]
        count, tie, cell = heap[0]
        heapq.heapreplace(heap, (count + rows, tie, cell))
        return cell


def named(aim: Sequence[str], cell: Cell) -> Mapping[str, str]:
    """Return the values of a cell by fact.

    >>> named(["task"], ("code",))
    {'task': 'code'}
    """
    return {name: value for name, value in zip(aim, cell, strict=True) if value} if cell else {}


def _digest(*parts: object) -> str:
    return hashlib.blake2b(":".join(map(str, parts)).encode(), digest_size=8, person=b"cells").hexdigest()
