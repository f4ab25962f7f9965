"""The counts of the page: how many rows there are of each source, licence, fate and language, and some sums of them."""

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

    @property
    def released(self) -> bool:
        """Whether the rows are in the release."""
        return not self.gate


Cube = Counter[tuple[Cell, str]]
"""Sums by cell and measure, one of :data:`MEASURES`."""

MEASURES = ("rows", "draws", "tokens", "flagged", "rated", "rating")
"""Rows, draws in training, estimated tokens, rows with a flag, rows that their source rates, and those ratings."""


def cube(rows: pa.Table) -> Cube:
    """Count a table of rows: the fields of :class:`Cell` (null where empty) and, but for ``rows``, a column each of
    :data:`MEASURES`.
    """
    names = list(Cell._fields)
    sums: list[tuple[Any, ...]] = [([], "count_all"), *((name, "sum") for name in MEASURES[1:])]
    found: Cube = Counter()
    for row in rows.group_by(names, use_threads=False).aggregate(sums).to_pylist():
        cell = Cell(*(row[name] or "" for name in names))
        found[cell, "rows"] += row["count_all"]
        for name in MEASURES[1:]:
            if value := row[f"{name}_sum"]:
                found[cell, name] += value
    return found


def totals(
    counts: Mapping[tuple[Cell, str], Any],
    *names: str,
    measure: str = "rows",
    where: Callable[[Cell], bool] = lambda _: True,
) -> Counter[Any]:
    """Return the sums of one measure by the fields ``names``: plain keys of one field, tuples of several.

    >>> english, chinese = Cell("a", "MIT", "", "", "train", "en"), Cell("a", "MIT", "", "", "test", "zh")
    >>> cells = {(english, "rows"): 3, (chinese, "rows"): 1}
    >>> totals(cells, "source"), totals(cells, "split", "language", where=lambda cell: cell.language == "zh")
    (Counter({'a': 4}), Counter({('test', 'zh'): 1}))
    """
    places = [Cell._fields.index(name) for name in names]
    found: Counter[Any] = Counter()
    for (cell, one), value in counts.items():
        if one == measure and where(cell):
            found[cell[places[0]] if len(places) == 1 else tuple(cell[place] for place in places)] += value
    return found


def nested(counts: Mapping[tuple[Any, Any], Any]) -> dict[Any, Counter[Any]]:
    """Return counts by pairs as counts by the second, by the first.

    >>> nested({("a", "x"): 1, ("a", "y"): 2, ("b", "x"): 3})["a"]
    Counter({'y': 2, 'x': 1})
    """
    found: dict[Any, Counter[Any]] = defaultdict(Counter)
    for (first, second), count in counts.items():
        found[first][second] += count
    return found


def out(cell: Cell) -> bool:
    """Whether the rows of a cell were left out."""
    return not cell.released


def values_of(rows: pa.Table, column: str) -> Counter[tuple[str, str, str]]:
    """Count the values of one text column as (column, value, measure): all rows, released rows, draws."""
    table = pa.table(
        {"value": rows[column].fill_null(""), "released": rows["inside"].cast(pa.int64()), "draws": rows["draws"]}
    )
    sums: list[tuple[Any, ...]] = [([], "count_all"), ("released", "sum"), ("draws", "sum")]
    found: Counter[tuple[str, str, str]] = Counter()
    for row in table.group_by(["value"], use_threads=False).aggregate(sums).to_pylist():
        for measure, name in (("rows", "count_all"), ("released", "released_sum"), ("draws", "draws_sum")):
            found[column, row["value"], measure] = row[name]
    return found


def flags_of(rows: pa.Table) -> Counter[tuple[str, str, str, str]]:
    """Count the flags of rows as (flag, source, language, "in" or "out")."""
    flags = rows["flags"].combine_chunks()
    at = pc.list_parent_indices(flags)
    names = ("source", "language", "inside")
    table = pa.table({"flag": pc.list_flatten(flags), **{name: rows[name].combine_chunks().take(at) for name in names}})
    found: Counter[tuple[str, str, str, str]] = Counter()
    counted = table.group_by(["flag", *names], use_threads=False).aggregate([([], "count_all")])
    for row in counted.to_pylist():
        found[row["flag"], row["source"], row["language"] or "", "in" if row["inside"] else "out"] += row["count_all"]
    return found
