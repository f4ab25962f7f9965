"""Thin tables that one process holds whole, written into buckets."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import write_table


def write_bucketed(folder: Path, table: pa.Table, buckets: int) -> None:
    """Write ``table`` (sorted by its first column, ``row_id``) into one file per bucket."""
    owners = np.array([bucket_of(row_id, buckets) for row_id in table["row_id"].to_pylist()], np.int64)
    for bucket in range(buckets):
        rows = table.take(pa.array(np.flatnonzero(owners == bucket)))
        write_table(part(folder, bucket), rows, table.schema)
