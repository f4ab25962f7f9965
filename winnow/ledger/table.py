"""One line per key out of checked segments, as a table, without holding the replies twice."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.ledger.check import Piece, Whole

SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("status", pa.string()),
        ("model", pa.string()),
        ("finish_reason", pa.string()),
        ("reply", pa.large_string()),  # one column in one piece; a string column ends at 2 GiB
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("place", pa.string()),
    ]
)
"""One row = the reply to one request."""

_LINE = pa.schema([*SCHEMA, ("digest", pa.string())])
_ORDER = [(name, "ascending") for name in ("key", "late", "digest")]


class Chosen(NamedTuple):
    """The keys, sorted, the line that stands for each, counted over all pieces, and the pieces that share keys."""

    keys: npt.NDArray[np.bytes_]
    lines: npt.NDArray[np.int64]
    tied: npt.NDArray[np.int64]


def choose(pieces: list[Whole]) -> Chosen:
    """Return one line per key: ``ok`` before every other status, then the smallest digest.

    So it is a function of the set of lines alone.
    """
    empty = Whole(*(np.empty(0, kind) for kind in (np.int32, "S32", "S32", np.uint8)))
    _, keys, digests, late = (np.concatenate(column) for column in zip(empty, *pieces, strict=True))
    thin = pa.table({"key": _fixed_size(keys), "late": pa.array(late), "digest": _fixed_size(digests)})
    order = pc.sort_indices(thin, sort_keys=_ORDER).to_numpy().astype(np.int64)
    keys = keys[order]
    again = np.zeros(len(keys) + 1, bool)  # whether a line has the key of the one before it
    again[1:-1] = keys[1:] == keys[:-1]
    of_piece = np.repeat(np.arange(len(pieces)), [len(one.lengths) for one in pieces])
    tied = np.unique(of_piece[order[again[:-1] | again[1:]]])
    return Chosen(keys[~again[:-1]], order[~again[:-1]], tied)


def _fixed_size(values: npt.NDArray[np.bytes_]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(values), [None, pa.py_buffer(values)])


def table_of(pieces: list[Piece], counts: list[int], lines: npt.NDArray[np.int64]) -> pa.Table:
    """Return some ``lines`` of pieces, which have so many lines each, as a table of :data:`SCHEMA` in their order.

    Each column is in one piece. The replies are written one after the other into one buffer, which has room for the
    lines as they stand in the files: text is never longer than its JSON.
    """
    wanted = np.zeros(sum(counts), bool)
    wanted[lines] = True
    text = np.empty(sum(piece.stop - piece.start for piece in pieces), np.uint8)
    ends = [np.zeros(1, np.int64)]
    thin = [SCHEMA.empty_table().drop_columns(["reply"])]
    for piece, mask in zip(pieces, np.split(wanted, np.cumsum(counts, dtype=np.int64))[:-1], strict=True):
        if not mask.any():
            continue
        block = _json(piece.bytes())
        block = block if mask.all() else block.filter(pa.array(mask))
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


def _json(lines: bytes) -> pa.Table:
    """Parse lines that were checked; the reader itself would crash on deep nesting, and guess at types."""
    import pyarrow.json as pj

    return pj.read_json(
        pa.BufferReader(lines),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=pj.ParseOptions(explicit_schema=_LINE, unexpected_field_behavior="error"),
    )
