"""Normalize, second half: all rows of one bucket together, sorted, twins numbered, written.

The order of raw rows, of files and of workers must not matter: rows are sorted by their content, never by their
place; only ``places`` knows where.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.reading.spill import spilled
from winnow.records.schema import LEFT_OUT, PLACES, RECORDS
from winnow.storage.buckets import SUFFIX, part
from winnow.storage.parquet import TableWriter, write_table

_BATCH = 8_192  # rows in hand at once; the writer's row groups, so that batches leave no trace in the file


@dataclass(frozen=True)
class BucketTask:
    """One bucket: where its spill lies and where its tables go; ``unsplit`` are sources whose arrays name no splits."""

    bucket: int
    scratch: Path
    records: Path
    places: Path
    left_out: Path
    unsplit: frozenset[str] = field(default=frozenset(), kw_only=True)


def _starts(*columns: pa.ChunkedArray) -> np.ndarray:
    """Return a mask of the rows at which a group of equal values starts (the table is sorted by them)."""
    count = len(columns[0])
    starts = np.zeros(count, bool)
    starts[:1] = True
    for column in columns:
        values = column.combine_chunks()
        starts[1:] |= pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return starts


def _numbered(base: pa.ChunkedArray, text_digest: pa.ChunkedArray) -> pa.Array:
    """Return the final ids: a repeated own id with other text gets a digest, identical rows are numbered from ``~2``.

    >>> base = pa.chunked_array([["s:1", "s:1", "s:2", "s:2"]])
    >>> _numbered(base, pa.chunked_array([["aa", "aa", "bb", "cc"]])).to_pylist()
    ['s:1', 's:1~2', 's:2~bb', 's:2~cc']
    """
    if len(base) == 0:
        return pa.array([], pa.string())
    new_base, new_text = _starts(base), _starts(base, text_digest)
    ids = base.to_pylist()
    if new_base.all():
        return pa.array(ids, pa.string())
    group = np.cumsum(new_base) - 1
    texts_of_group = np.bincount(group, weights=new_text)
    first_of_text = np.maximum.accumulate(np.where(new_text, np.arange(len(ids)), 0))
    twin = np.arange(len(ids)) - first_of_text + 1
    digests = text_digest.to_pylist()
    for index in np.flatnonzero((texts_of_group[group] > 1) | (twin > 1)):
        if texts_of_group[group[index]] > 1:
            ids[index] += SUFFIX + digests[index][:12]
        if twin[index] > 1:
            ids[index] += f"{SUFFIX}{twin[index]}"
    return pa.array(ids, pa.string())


def settle(task: BucketTask) -> int:
    """Write records, places and left-out units of one bucket; return its number of records."""
    pa.default_memory_pool().release_unused()  # by the bucket before
    table = spilled(task.scratch, "records", task.bucket)
    first = pc.list_element(table["lines"], 0) if len(table) else pa.array([], pa.int64())
    keyed = table.select(["row_id", "text_digest", "metadata", "content_hash", "file"]).append_column("line", first)
    order = pc.sort_indices(keyed, [(name, "ascending") for name in keyed.column_names])
    ids = _numbered(table["row_id"].take(order), table["text_digest"].take(order))
    by_id = pc.sort_indices(ids)
    order, ids = order.take(by_id), ids.take(by_id)
    with TableWriter(part(task.records, task.bucket), RECORDS) as records:
        for start in range(0, max(len(table), 1), _BATCH):
            rows = table.take(order.slice(start, _BATCH)).set_column(0, "row_id", ids.slice(start, _BATCH))
            records.write(_unsplit(rows, task.unsplit) if task.unsplit else rows)
    thin = table.select(["row_id", "source", "file", "lines"]).take(order).set_column(0, "row_id", ids)
    write_table(part(task.places, task.bucket), _places(thin), PLACES)
    write_table(part(task.left_out, task.bucket), _left_out(task), LEFT_OUT)
    return len(table)


def _unsplit(rows: pa.Table, sources: frozenset[str]) -> pa.Table:
    """Return rows without the splits of some sources."""
    inside = pc.is_in(rows["source"], value_set=pa.array(sorted(sources), pa.string()))
    kept = pc.if_else(inside, pa.scalar(None, pa.string()), rows["own_split"])
    return rows.set_column(rows.schema.get_field_index("own_split"), "own_split", kept)


def _places(table: pa.Table) -> pa.Table:
    lines = table["lines"].combine_chunks()
    parents = pc.list_parent_indices(lines)
    columns = [table[name].take(parents) for name in ("row_id", "source", "file")]
    places = pa.table([*columns, pc.list_flatten(lines)], schema=PLACES)
    if len(places) > len(table):
        places = places.sort_by([("row_id", "ascending"), ("file", "ascending"), ("line", "ascending")])
    return places


def _left_out(task: BucketTask) -> pa.Table:
    table = spilled(task.scratch, "left_out", task.bucket)
    table = table.sort_by([(name, "ascending") for name in ("unit_id", "reason", "detail", "file", "line")])
    ids = _numbered(table["unit_id"], table["unit_id"])
    return table.set_column(0, "unit_id", ids)
