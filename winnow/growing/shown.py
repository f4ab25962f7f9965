"""The texts of the rows that slots show, as they were read, before cleaning: a new rule re-prices no round."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.growing.render import Texts, texts_of
from winnow.storage.buckets import bucket_of, read_bucket


def texts_in(records: Path, buckets: int, row_ids: Iterable[str]) -> dict[str, Texts]:
    """Return the texts of ``row_ids`` by id, of those that the normalized ``records`` have."""
    wanted: dict[int, list[str]] = {}
    for row_id in row_ids:
        wanted.setdefault(bucket_of(row_id, buckets), []).append(row_id)
    found: dict[str, Texts] = {}
    for bucket, ids in sorted(wanted.items()):
        table = read_bucket(records, bucket, ["row_id", "context", "messages"])
        table = table.filter(pc.is_in(table["row_id"], value_set=pa.array(ids, pa.string())))
        found |= {row["row_id"]: texts_of(row) for row in table.to_pylist()}
    return found
