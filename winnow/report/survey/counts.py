"""Counts of rows by source, licence, gate, reason, split and language (a data cube), and sums over some of these."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc


class Cell(NamedTuple):
    """What rows that are counted together have in common; ``gate`` and ``reason`` are empty for released rows."""

    source: str
    license: str
    gate: str
    reason: str
    split: str
    language: str

    def released(self) -> bool:
        """Say whether the rows are in the release."""
        return not self.gate

    def dropped(self) -> bool:
        """Say whether a gate dropped the rows."""
        return bool(self.gate)


Cube = Counter[tuple[Cell, str]]
"""Sums by cell and measure, one of :data:`MEASURES`."""

MEASURES = ("rows", "draws", "tokens", "flagged", "rated", "rating")
"""Rows, draws in training, estimated tokens, rows with a flag, rows that their source rates, and those ratings."""


def count_rows(rows: pa.Table) -> Cube:
    """Count a table of rows: the fields of :class:`Cell` (null where empty) and, except for ``rows``, a column each of
    :data:`MEASURES`.
    """
    names = list(Cell._fields)
    aggregates: list[tuple[Any, ...]] = [([], "count_all"), *((name, "sum") for name in MEASURES[1:])]
    cube: Cube = Counter()
    for row in rows.group_by(names, use_threads=False).aggregate(aggregates).to_pylist():
        cell = Cell(*(row[name] or "" for name in names))
        cube[cell, "rows"] += row["count_all"]
        for name in MEASURES[1:]:
            if value := row[f"{name}_sum"]:
                cube[cell, name] += value
    return cube


def sums(
    cube: Mapping[tuple[Cell, str], Any],
    *names: str,
    measure: str = "rows",
    where: Callable[[Cell], bool] = lambda _: True,
) -> Counter[Any]:
    """Return the sums of one measure by the fields ``names``: plain keys of one field, tuples of several.

    >>> english, chinese = Cell("a", "MIT", "", "", "train", "en"), Cell("a", "MIT", "", "", "test", "zh")
    >>> cells = {(english, "rows"): 3, (chinese, "rows"): 1}
    >>> sums(cells, "source"), sums(cells, "split", "language", where=lambda cell: cell.language == "zh")
    (Counter({'a': 4}), Counter({('test', 'zh'): 1}))
    """
    places = [Cell._fields.index(name) for name in names]
    counts: Counter[Any] = Counter()
    for (cell, cell_measure), value in cube.items():
        if cell_measure == measure and where(cell):
            counts[cell[places[0]] if len(places) == 1 else tuple(cell[place] for place in places)] += value
    return counts


def nested(counts: Mapping[tuple[Any, ...], Any]) -> dict[Any, Counter[Any]]:
    """Return counts by tuples as counts by the last value, by the values before it (one value: by itself).

    >>> nested({("a", "x"): 1, ("a", "y"): 2, ("b", "x"): 3})["a"], nested({("a", "b", "x"): 1})["a", "b"]
    (Counter({'y': 2, 'x': 1}), Counter({'x': 1}))
    """
    by_first: dict[Any, Counter[Any]] = defaultdict(Counter)
    for (*first, last), count in counts.items():
        by_first[tuple(first) if len(first) > 1 else first[0]][last] += count
    return by_first


def count_values(rows: pa.Table, column: str) -> Counter[tuple[str, str, str]]:
    """Count the values of one text column as (column, value, measure): all rows, released rows, draws."""
    table = pa.table(
        {"value": rows[column].fill_null(""), "released": rows["inside"].cast(pa.int64()), "draws": rows["draws"]}
    )
    aggregates: list[tuple[Any, ...]] = [([], "count_all"), ("released", "sum"), ("draws", "sum")]
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in table.group_by(["value"], use_threads=False).aggregate(aggregates).to_pylist():
        for measure, name in (("rows", "count_all"), ("released", "released_sum"), ("draws", "draws_sum")):
            counts[column, row["value"], measure] = row[name]
    return counts


def count_flags(rows: pa.Table) -> Counter[tuple[str, str, str, str]]:
    """Count the flags of rows as (flag, source, language, "in" or "out")."""
    flags = rows["flags"].combine_chunks()
    at = pc.list_parent_indices(flags)
    names = ("source", "language", "inside")
    table = pa.table({"flag": pc.list_flatten(flags), **{name: rows[name].combine_chunks().take(at) for name in names}})
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for row in table.group_by(["flag", *names], use_threads=False).aggregate([([], "count_all")]).to_pylist():
        counts[row["flag"], row["source"], row["language"] or "", "in" if row["inside"] else "out"] += row["count_all"]
    return counts
