"""Which rows hold too much of an item of a test set."""

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop

SEMANTIC = pa.array(["tfidf", "embed"])
"""Measures that are a cosine, which has a limit of its own."""


def too_much(row_ids: pa.Array, overlaps: pa.Table, max_overlap: float, max_semantic: float) -> pa.Table:
    """Return the overlaps of ``row_ids`` above the limit of their measure, which is added as a column ``limit``.

    ``max_semantic`` is 0 where a cosine drops no row.
    """
    semantic = pc.is_in(overlaps["measure"], value_set=SEMANTIC)
    limit = pc.if_else(semantic, max_semantic, max_overlap)
    above = pc.and_(pc.greater(overlaps["overlap"], limit), pc.is_in(overlaps["row_id"], value_set=row_ids))
    if not max_semantic:
        above = pc.and_(above, pc.invert(semantic))
    return overlaps.append_column("limit", limit).filter(above)


def contaminated(row_ids: pa.Array, matches: pa.Table) -> dict[int, Drop]:
    """Return the drops by position in ``row_ids`` for what :func:`too_much` returns.

    The item that a row holds most of is named, as benchmark:item; the detail says by what measure and where.
    """
    columns = ["limit", "overlap", "longest_run", "benchmark", "item", "side"]
    keys = [
        ("row_id", "ascending"),
        *((one, "descending" if at in (1, 2) else "ascending") for at, one in enumerate(columns)),
    ]
    matches = matches.sort_by(keys)
    place = {row_id: position for position, row_id in enumerate(row_ids.to_pylist())} if len(matches) else {}
    drops: dict[int, Drop] = {}
    for row in matches.to_pylist():
        item, detail = f"{row['benchmark']}:{row['item']}", f"{row['measure']} in {row['side']}"
        reason = "benchmark_paraphrase" if row["measure"] in SEMANTIC.to_pylist() else "benchmark_overlap"
        drops.setdefault(place[row["row_id"]], Drop(reason, row["overlap"], row["limit"], item, detail))
    return drops


def rows_by_benchmark(matches: pa.Table) -> Counter[str]:
    """Return how many rows of what :func:`too_much` returns hold items of each test set; a row may hold several."""
    pairs = set(zip(matches["row_id"].to_pylist(), matches["benchmark"].to_pylist(), strict=True))
    return Counter(benchmark for _, benchmark in pairs)
