"""Preference rows that ``deduplicate`` made of rows with one prompt and several rated replies."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.deduplicating import REJECTED
from winnow.records.identity import content_hash
from winnow.records.schema import RECORDS
from winnow.storage.buckets import bucket_of, each_bucket, read_bucket

Rejected = Mapping[str, Sequence[list[dict[str, Any]]]]
"""By the row id of the chosen row: the replies that were rated worse, best first, each as a list of messages."""


class _Reply(NamedTuple):
    """A row that left as a rejected reply: where it ranks, its id, and the row that was chosen over it."""

    rank: float
    row_id: str
    chosen: str


def rejected_replies(buckets: int, decisions: Path, records: Path) -> dict[str, list[list[dict[str, Any]]]]:
    """Return the rejected replies of every chosen row, as the ``decisions`` of ``deduplicate`` name them.

    ``records`` is the folder of the clean records, which hold the texts.
    """
    replies: list[_Reply] = []
    for table in each_bucket(decisions, buckets, ["row_id", "reason", "value", "limit", "other_row_id", "detail"]):
        rows = table.filter(pc.and_(pc.equal(table["reason"], "same_prompt"), pc.equal(table["detail"], REJECTED)))
        for row in rows.to_pylist():
            # the chosen row's value is the limit: the nearer to it, the better
            replies.append(_Reply(abs(row["limit"] - row["value"]), row["row_id"], row["other_row_id"]))
    by_bucket: dict[int, list[str]] = {}
    for reply in replies:
        by_bucket.setdefault(bucket_of(reply.row_id, buckets), []).append(reply.row_id)
    texts: dict[str, list[dict[str, Any]]] = {}
    for bucket, ids in sorted(by_bucket.items()):
        table = read_bucket(records, bucket, ["row_id", "messages"])
        named = table.filter(pc.is_in(table["row_id"], value_set=pa.array(ids)))
        texts |= {row["row_id"]: row["messages"][-1:] for row in named.to_pylist()}
    by_chosen: dict[str, list[list[dict[str, Any]]]] = {}
    for reply in sorted(replies):
        by_chosen.setdefault(reply.chosen, []).append(texts[reply.row_id])
    return by_chosen


def with_rejected(records: pa.Table, rejected: Rejected) -> tuple[pa.Table, pa.Array]:
    """Return ``records`` with the chosen rows as preference rows, and a mask of them."""
    mask = pc.is_in(records["row_id"], value_set=pa.array(sorted(rejected), pa.string())).combine_chunks()
    at = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    if len(at) == 0:
        return records, mask
    rows = records.take(pa.array(at)).to_pylist()
    for row in rows:
        worse = rejected[row["row_id"]]
        row["kind"], row["prompt_turns"] = "preference", len(row["messages"]) - 1
        row["rejected"] = [{"messages": reply, "rank": rank, "score": None} for rank, reply in enumerate(worse, 1)]
        row["content_hash"] = content_hash(
            row["system"], row["context"], row["messages"], row["rejected"], row["tools"]
        )
    order = np.arange(len(records))
    order[at] = len(records) + np.arange(len(at))
    return pa.concat_tables([records.select(RECORDS.names), pa.Table.from_pylist(rows, RECORDS)]).take(
        pa.array(order)
    ), mask
