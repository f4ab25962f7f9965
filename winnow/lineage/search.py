"""Rows that hold a text, over all clean records."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.processes import workers
from winnow.storage.parquet import each_row_group
from winnow.versions.outputs import Outputs

_COLUMNS = ("row_id", "system", "context", "messages", "rejected")


def search(version: Outputs, text: str) -> list[str]:
    """Return the ids, in order, of the rows that hold ``text`` (in any case) in system prompt, context, turns or
    rejected replies.
    """
    with ThreadPoolExecutor(workers()) as pool:  # Arrow reads and searches while Python runs on
        buckets = pool.map(partial(_search_bucket, version, text), range(version.buckets))
        return sorted(row_id for ids in buckets for row_id in ids)


def _search_bucket(version: Outputs, text: str, bucket: int) -> list[str]:
    ids: list[str] = []
    for table in each_row_group(version.part("data/clean/records", bucket), _COLUMNS):
        ids += table["row_id"].filter(pa.array(holds(table, text))).to_pylist()
    return ids


def holds(table: pa.Table, text: str) -> npt.NDArray[np.bool_]:
    """Return for each row whether any of its texts holds ``text``, in any case.

    A text of one line is looked for in the texts as they lie, one that spans lines in all of them joined (as
    :func:`winnow.records.views.compared` does), which takes four times as long.
    """
    from winnow.records import views

    if "\n" in text:
        return _matches(views.compared(table), text)
    hits = _matches(table["system"], text) | _matches(table["context"], text)
    hits |= _in_any(table["messages"].combine_chunks(), text)
    rejected = table["rejected"].combine_chunks()
    if rejected.null_count < len(rejected):
        replies = pc.struct_field(pc.list_flatten(rejected), "messages")
        hits |= _any(_in_any(replies, text), rejected)
    return hits


def _matches(texts: pa.Array | pa.ChunkedArray, text: str) -> npt.NDArray[np.bool_]:
    if texts.null_count == len(texts):
        return np.zeros(len(texts), bool)
    hits = pc.match_substring(texts, text, ignore_case=True).fill_null(False)
    return np.asarray(hits.to_numpy(zero_copy_only=False), bool)


def _in_any(turns: pa.ListArray, text: str) -> npt.NDArray[np.bool_]:
    return _any(_matches(pc.struct_field(pc.list_flatten(turns), "content"), text), turns)


def _any(hits: npt.NDArray[np.bool_], lists: pa.ListArray) -> npt.NDArray[np.bool_]:
    """Return for each list whether one of its values, flattened to ``hits``, is true."""
    from winnow.records.views import bounds

    counts = np.concatenate(([0], np.cumsum(hits)))[bounds(lists)]
    return np.diff(counts) > 0
