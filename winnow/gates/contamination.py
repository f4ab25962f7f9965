"""Which rows hold too much of a benchmark item."""

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop


def contaminated(row_ids: pa.Array, overlaps: pa.Table, max_overlap: float) -> dict[int, Drop]:
    """Return the drops by position in ``row_ids``: the item that a row holds most of is named, as benchmark:item."""
    matches = overlaps.filter(pc.greater(overlaps["overlap"], max_overlap))
    matches = matches.sort_by(
        [("row_id", "ascending"), ("overlap", "descending"), ("benchmark", "ascending"), ("item", "ascending")]
    )
    place = {row_id: position for position, row_id in enumerate(row_ids.to_pylist())} if len(matches) else {}
    drops: dict[int, Drop] = {}
    for row in matches.to_pylist():
        position = place.get(row["row_id"])
        if position is not None and position not in drops:
            item = f"{row['benchmark']}:{row['item']}"
            drops[position] = Drop("benchmark_overlap", row["overlap"], max_overlap, item, row["measure"])
    return drops
