"""Spill files between the two halves of normalize: one Arrow file per task, its batches bucket by bucket."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from winnow.records.schema import LEFT_OUT, RECORDS
from winnow.storage.buckets import bucket_of

SPILL = pa.schema([*RECORDS, ("text_digest", pa.string()), ("file", pa.string()), ("lines", pa.list_(pa.int64()))])
_BUFFER = 1 << 20  # bytes
KINDS = {"records": SPILL, "left_out": LEFT_OUT, "children": RECORDS}


def _path(scratch: Path, kind: str, number: int) -> Path:
    return scratch / kind / f"{number:06d}.arrow"


class Spill:
    """Writes the rows of task ``number``; batch ``n`` of a file holds rows of bucket ``n % buckets``."""

    def __init__(self, scratch: Path, number: int, buckets: int) -> None:
        self._scratch, self._number, self._buckets = scratch, number, buckets
        self._writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def write(self, kind: str, ids: Sequence[str], table: pa.Table) -> None:
        """Write rows of one kind; each of ``ids`` names the bucket of its row."""
        if kind not in self._writers:
            path = _path(self._scratch, kind, self._number)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = self._open.enter_context(pa.OSFile(str(path), "wb"))
            buffered = self._open.enter_context(pa.BufferedOutputStream(file, _BUFFER))  # Arrow writes in small pieces
            schema = KINDS[kind].with_metadata({"buckets": str(self._buckets)})
            self._writers[kind] = self._open.enter_context(pa.ipc.new_file(buffered, schema))
        bucket = np.array([bucket_of(one, self._buckets) for one in ids], np.int64)
        order = np.argsort(bucket, kind="stable")
        (batch,) = table.take(pa.array(order)).combine_chunks().to_batches()
        bounds = np.searchsorted(bucket[order], np.arange(self._buckets + 1)).tolist()
        for start, end in pairwise(bounds):
            self._writers[kind].write_batch(batch.slice(start, end - start))


def remove(scratch: Path, number: int) -> None:
    """Remove what task ``number`` spilled."""
    for kind in KINDS:
        _path(scratch, kind, number).unlink(missing_ok=True)


def _batches(scratch: Path, kind: str, bucket: int) -> Iterator[pa.RecordBatch]:
    for path in sorted((scratch / kind).glob("*.arrow")):
        with pa.OSFile(str(path)) as source:  # a memory map would hold far more pages than those of the bucket
            reader = pa.ipc.open_file(source)
            buckets = int(reader.schema.metadata[b"buckets"])
            for number in range(bucket, reader.num_record_batches, buckets):
                yield reader.get_batch(number).replace_schema_metadata(None)


def spilled(scratch: Path, kind: str, bucket: int) -> pa.Table:
    """Return the rows of one bucket that all tasks spilled."""
    return pa.Table.from_batches(_batches(scratch, kind, bucket), KINDS[kind]).combine_chunks()
