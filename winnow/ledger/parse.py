"""Checked lines as a table, in any order, without holding them twice."""

import mmap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

from winnow.ledger.choose import Places

SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("status", pa.string()),
        ("model", pa.string()),
        ("finish_reason", pa.string()),
        ("reply", pa.large_string()),  # one column in one piece; a string column ends at 2 GiB
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
    ]
)
"""One row = the reply to one request."""

_LINE = pa.schema([*SCHEMA, ("digest", pa.string())])
_BLOCK = 1 << 22  # bytes of lines that are parsed at a time


def parse(paths: list[Path], places: Places) -> pa.Table:
    """Return the lines at ``places`` as a table of :data:`SCHEMA`, each column in one piece.

    The replies are written one after the other into one buffer, which has room for the lines as they stand in the
    files: text is never longer than its JSON.
    """
    text = np.empty(int(places.lengths.sum(dtype=np.int64)), np.uint8)
    ends = [np.zeros(1, np.int64)]
    thin = [SCHEMA.empty_table().drop_columns(["reply"])]
    for lines in _each_block(paths, places):
        block = _json(lines)
        replies = block["reply"].combine_chunks()
        _, offsets, data = replies.buffers()
        offsets = np.frombuffer(offsets, np.int64)[replies.offset : replies.offset + len(replies) + 1]
        start, size = ends[-1][-1], offsets[-1] - offsets[0]
        text[start : start + size] = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
        ends.append(offsets[1:] - offsets[0] + start)
        thin.append(block.select(thin[0].schema.names))
    offsets = np.concatenate(ends)
    replies = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(text))
    table = pa.concat_tables(thin).combine_chunks().append_column(SCHEMA.field("reply"), replies)
    return table.select(SCHEMA.names)


def _each_block(paths: list[Path], places: Places) -> Iterator[bytes]:
    """Yield the lines in their order, some MiB at a time."""
    if not len(places.lengths):
        return
    with ExitStack() as opened:
        maps = {}
        for number, path in enumerate(paths):
            if path.stat().st_size:
                file = opened.enter_context(path.open("rb"))
                maps[number] = opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        cuts = np.flatnonzero(np.diff(np.cumsum(places.lengths, dtype=np.int64) // _BLOCK)) + 1
        columns = (np.split(column, cuts) for column in places)
        for numbers, starts, lengths in zip(*columns, strict=True):
            triples = zip(numbers.tolist(), starts.tolist(), (starts + lengths).tolist(), strict=True)
            yield b"".join([maps[number][start:stop] for number, start, stop in triples])
            for one in maps.values():
                one.madvise(mmap.MADV_DONTNEED)  # these pages count as this process's memory otherwise


def _json(lines: bytes) -> pa.Table:
    """Parse lines that were checked; the reader itself would crash on deep nesting, and guess at types."""
    import pyarrow.json as pj

    return pj.read_json(
        pa.BufferReader(lines),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=pj.ParseOptions(explicit_schema=_LINE, unexpected_field_behavior="error"),
    )
