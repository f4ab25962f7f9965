"""Groups of duplicates: the rows for which one row stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

SHOWN = 10  # groups


@dataclass(frozen=True)
class Cluster:
    """Rows that one row stands for: ``members`` are some of them as (row_id, reason, similarity)."""

    survivor: str
    size: int
    reasons: Counter[str]
    sources: Counter[str]
    weakest: float | None
    members: list[tuple[str, str, float | None]]


def clusters(duplicates: Sequence[pa.Table], count: int) -> list[Cluster]:
    """Return the largest groups, with up to ``count`` members each, the least alike first.

    ``duplicates`` hold survivor, row_id, reason and value, in any order.

    >>> names = ["survivor", "row_id", "reason", "value"]
    >>> rows = [["a:1", "a:1"], ["b:2", "a:3"], ["exact_duplicate", "near_duplicate"], [1.0, 0.9]]
    >>> largest = clusters([pa.table(rows, names)], 1)[0]
    >>> largest.size, largest.members
    (3, [('a:3', 'near_duplicate', 0.9)])
    """
    if not duplicates:
        return []
    table = pa.concat_tables(duplicates)
    sizes = table.group_by("survivor").aggregate([([], "count_all")])
    order = pc.sort_indices(sizes, [("count_all", "descending"), ("survivor", "ascending")])
    largest = sizes["survivor"].take(order[:SHOWN]).to_pylist()
    table = table.filter(pc.is_in(table["survivor"], value_set=pa.array(largest, pa.string())))
    table = table.take(pc.sort_indices(table, [("value", "ascending"), ("row_id", "ascending")]))
    return [_cluster(survivor, table.filter(pc.equal(table["survivor"], survivor)), count) for survivor in largest]


def _cluster(survivor: str, rows: pa.Table, count: int) -> Cluster:
    ids = [survivor, *rows["row_id"].to_pylist()]
    members = zip(*(rows[name][:count].to_pylist() for name in ("row_id", "reason", "value")), strict=True)
    return Cluster(
        survivor,
        len(ids),
        Counter(rows["reason"].to_pylist()),
        Counter(row_id.split(":", 1)[0] for row_id in ids),
        pc.min(rows["value"]).as_py(),
        list(members),
    )


def survivors(duplicates: Sequence[pa.Table]) -> int:
    """Return how many rows stand for others."""
    chunks = [chunk for table in duplicates for chunk in table["survivor"].chunks]
    return len(pc.unique(pa.chunked_array(chunks, pa.string())))
