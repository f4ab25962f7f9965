"""Buckets: every table is cut by a hash of ``row_id`` and sorted by ``row_id`` inside.

Joins are zips of equal buckets, buckets are the unit of parallel work, and one more row changes one bucket.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.parquet import each_row_group, read_table

_LARGE = 16 << 20  # bytes of a large batch; an upper bound is this and a row group
SUFFIX = "~"  # parts the stable key of a row_id from the number of an identical twin


def bucket_of(row_id: str, buckets: int) -> int:
    """Return the bucket of a ``row_id``; identical raw rows (``key``, ``key~2``…) share one.

    >>> bucket_of("alpaca:17", 16) == bucket_of("alpaca:17~2", 16)
    True
    """
    return zlib.crc32(row_id.split(SUFFIX, 1)[0].encode()) % buckets


def part(folder: Path, bucket: int) -> Path:
    """Return the path of one bucket of a table.

    >>> part(Path("data/clean/records"), 3).name
    'part-003.parquet'
    """
    return folder / f"part-{bucket:03d}.parquet"


def read_bucket(folder: Path | str, bucket: int, columns: Sequence[str] | None = None) -> pa.Table:
    """Read one bucket of the table in ``folder``."""
    return read_table(part(Path(folder), bucket), columns)


def each_batch(folder: Path | str, bucket: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield one bucket of a table with text in batches of some thousand rows, in order."""
    return each_row_group(part(Path(folder), bucket), columns)


def each_large_batch(folder: Path | str, bucket: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield one bucket of a table in order, in batches of some 16 MB: for what costs as much for few rows as for many.

    Several hundred regular expressions, for instance, take a third of a second to compile.
    """
    held: list[pa.Table] = []
    for table in each_batch(folder, bucket, columns):
        held.append(table)
        if sum(one.nbytes for one in held) >= _LARGE:
            yield pa.concat_tables(held).combine_chunks()
            held = []
    if held:
        yield pa.concat_tables(held).combine_chunks()


def read_all(folder: Path | str, buckets: int, columns: Sequence[str] | None = None) -> pa.Table:
    """Read every bucket of a thin table; rows come bucket by bucket, sorted by ``row_id`` inside."""
    return pa.concat_tables([read_bucket(folder, bucket, columns) for bucket in range(buckets)])


def each_bucket(folder: Path | str, buckets: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield the buckets of the table in ``folder`` in order."""
    for bucket in range(buckets):
        yield read_bucket(folder, bucket, columns)


def merged(batches: Iterator[pa.Table], more: pa.Table) -> Iterator[pa.Table]:
    """Yield batches that are sorted by ``row_id`` with the rows of ``more``, sorted too, in their places.

    >>> batches = [pa.table({"row_id": ["a", "c"]}), pa.table({"row_id": ["d"]})]
    >>> [table["row_id"].to_pylist() for table in merged(iter(batches), pa.table({"row_id": ["b", "e"]}))]
    [['a', 'b', 'c'], ['d'], ['e']]
    """
    for batch in batches:
        if len(more) and len(batch):
            before = pc.sum(pc.less(more["row_id"], batch["row_id"][-1])).as_py() or 0
            batch = pa.concat_tables([batch, more.slice(0, before)]).sort_by("row_id") if before else batch
            more = more.slice(before)
        yield batch
    if len(more):
        yield more


def positions(of: pa.Array | pa.ChunkedArray, among: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return for each value of ``of`` its index in ``among``, -1 where it is not there.

    >>> positions(pa.array(["b", "x"]), pa.array(["a", "b"])).tolist()
    [1, -1]
    """
    indices = pc.index_in(of, value_set=among if isinstance(among, pa.Array) else among.combine_chunks())
    return indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
