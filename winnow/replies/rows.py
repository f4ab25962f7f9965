"""Which rows a stage asks about, and their requests, some hundred rows at a time."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from winnow.records.draw import sample
from winnow.replies.folders import Folders
from winnow.replies.settings import ALIVE, TooLong
from winnow.replies.stage import Asking, Q, Row, S
from winnow.storage.buckets import each_batch, positions, read_bucket

_ROWS = 512  # rows whose requests are held at a time; their texts are some kilobytes each

Topics = list[tuple[str, list[Q]]]
"""What is asked about a row: topics with their questions; none where the row is too long for a topic."""


def chosen(asking: Asking[S, Q], settings: S, folders: Folders, row_ids: pa.ChunkedArray, bucket: int) -> pa.Array:
    """Return a mask of the rows of a bucket that are asked about; those taken down are sent to nobody."""
    mask = sample(settings.seed, row_ids, asking.salt, settings.share)
    if settings.rows == ALIVE:
        gate = read_bucket(folders.decisions, bucket, ["row_id", "verdict"])
        alive = gate["row_id"].filter(pc.equal(gate["verdict"], "keep")).combine_chunks()
        mask &= pc.is_in(row_ids, value_set=alive).to_numpy()
    else:
        gate = read_bucket(folders.filter, bucket, ["row_id", "reason"])
        gone = gate["row_id"].filter(pc.equal(gate["reason"], "takedown").fill_null(False)).combine_chunks()
        mask &= ~pc.is_in(row_ids, value_set=gone).to_numpy()
    return pa.array(mask)


def each_chunk(
    asking: Asking[S, Q], settings: S, folders: Folders, bucket: int, among: pa.Array | None = None
) -> Iterator[Iterator[list[Row]]]:
    """Yield the rows of a bucket that are asked about (of these those ``among`` some ids), each batch in chunks."""
    known = read_bucket(folders.annotations, bucket, ["row_id", *asking.annotations])
    for table in each_batch(folders.records, bucket, ["row_id", *asking.columns]):
        table = table.filter(chosen(asking, settings, folders, table["row_id"], bucket))
        if among is not None:
            table = table.filter(pc.is_in(table["row_id"], value_set=among))
        of_rows = pa.array(positions(table["row_id"], known["row_id"]))
        for name in asking.annotations:
            table = table.append_column(name, known[name].take(of_rows))
        yield _chunks(table)


def _chunks(table: pa.Table) -> Iterator[list[Row]]:
    for start in range(0, len(table), _ROWS):
        yield table.slice(start, _ROWS).to_pylist()


def questions(asking: Asking[S, Q], settings: S, row: Row) -> "Topics[Q]":
    """Return the questions about a row by topic; topics that do not concern it are left out."""
    topics: Topics[Q] = []
    for topic in asking.topics(settings):
        try:
            if asked := list(asking.requests(settings, row, topic)):
                topics.append((topic, asked))
        except TooLong:
            topics.append((topic, []))
    return topics
