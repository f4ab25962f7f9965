"""Which line stands for a key, and in which order: a function of the set of lines alone."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.ledger.check import Piece, Whole

_ORDER = [(name, "ascending") for name in ("key", "late", "digest")]


class Places(NamedTuple):
    """Where lines stand, line by line: the number of the segment, the first byte there, and how many bytes."""

    segments: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int32]


def choose(found: list[tuple[int, Piece, Whole]]) -> tuple[Places, list[Piece]]:
    """Return one line per key, sorted by key: ``ok`` before every other status, then the smallest digest.

    Returned too are the pieces with lines of which the key stands in another line as well.
    """
    if not found:
        return Places(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int32)), []
    lengths = [whole.lengths for _, _, whole in found]
    starts = [piece.start + np.cumsum(whole.lengths, dtype=np.int64) - whole.lengths for _, piece, whole in found]
    numbers = [np.full(len(whole.lengths), number, np.int32) for number, _, whole in found]
    keys = np.concatenate([whole.keys for _, _, whole in found])
    thin = {
        "key": _fixed_size(keys),
        "late": pa.array(np.concatenate([whole.late for _, _, whole in found])),
        "digest": _fixed_size(np.concatenate([whole.digests for _, _, whole in found])),
    }
    order = pc.sort_indices(pa.table(thin), sort_keys=_ORDER).to_numpy()
    keys = keys[order]
    again = np.zeros(len(keys) + 1, bool)  # whether a line has the key of the one before it
    again[1:-1] = keys[1:] == keys[:-1]
    of_piece = np.repeat(np.arange(len(found)), [len(one) for one in lengths])
    tied = [found[number][1] for number in np.unique(of_piece[order[again[:-1] | again[1:]]])]
    order = order[~again[:-1]]
    return Places(*(np.concatenate(column)[order] for column in (numbers, starts, lengths))), tied


def _fixed_size(values: npt.NDArray[np.bytes_]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(values), [None, pa.py_buffer(values)])
