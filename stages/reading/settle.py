"""Normalize, second half: all rows of one bucket together, sorted, twins numbered, written.

The order of raw rows, of files and of workers must not matter: rows are sorted by what they say, never by where they
stood; only ``places`` knows where.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.reading.collect import SPILL
from stages.records.schema import LEFT_OUT, PLACES, RECORDS
from stages.storage.buckets import SUFFIX, part
from stages.storage.parquet import write_table


@dataclass(frozen=True)
class BucketTask:
    """One bucket: where its spill lies and where its tables go."""

    bucket: int
    scratch: Path
    records: Path
    places: Path
    left_out: Path


def _spilled(task: BucketTask, kind: str, schema: pa.Schema) -> pa.Table:
    folder = task.scratch / kind / f"{task.bucket:03d}"
    tables = [schema.empty_table()]
    for file in sorted(folder.glob("*.arrow")):
        with pa.memory_map(str(file)) as source:
            tables.append(pa.ipc.open_file(source).read_all())
    return pa.concat_tables(tables).combine_chunks()


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
    """Return the final ids: a repeated own id with other text gets a digest, identical rows get ``~2``, ``~3``…

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
    table = _spilled(task, "records", SPILL)
    first = pc.list_element(table["places"], 0) if len(table) else pa.array([], SPILL.field("places").type.value_type)
    keyed = table.select(["row_id", "text_digest", "metadata", "content_hash"])
    keyed = keyed.append_column("file", pc.struct_field(first, "file")).append_column(
        "line", pc.struct_field(first, "line")
    )
    order = pc.sort_indices(keyed, [(name, "ascending") for name in keyed.column_names])
    ids = _numbered(table["row_id"].take(order), table["text_digest"].take(order))
    by_id = pc.sort_indices(ids)
    table = table.take(order.take(by_id)).set_column(0, "row_id", ids.take(by_id))
    write_table(part(task.records, task.bucket), table.select(RECORDS.names), RECORDS)
    write_table(part(task.places, task.bucket), _places(table), PLACES)
    write_table(part(task.left_out, task.bucket), _left_out(task), LEFT_OUT)
    return len(table)


def _places(table: pa.Table) -> pa.Table:
    places = table["places"].combine_chunks()
    parents = pc.list_parent_indices(places)
    flat = pc.list_flatten(places)
    columns = [table["row_id"].take(parents), table["source"].take(parents)]
    found = pa.table([*columns, pc.struct_field(flat, "file"), pc.struct_field(flat, "line")], names=PLACES.names)
    return found.sort_by([("row_id", "ascending"), ("file", "ascending"), ("line", "ascending")]).cast(PLACES)


def _left_out(task: BucketTask) -> pa.Table:
    table = _spilled(task, "left_out", LEFT_OUT)
    table = table.sort_by([(name, "ascending") for name in ("unit_id", "reason", "detail", "file", "line")])
    ids = _numbered(table["unit_id"], table["unit_id"])
    return table.set_column(0, "unit_id", ids)
