"""The length of the longest common subsequence of many pairs of texts, a machine word of it at a time.

One bit for each token of the shorter text, one step for each token of the longer one (Crochemore, Iliopoulos, Pinzon
and Reid 2001; Hyyrö 2004): V' = (V + (V & M)) | (V & ~M), where M has the places of the step's token. The zeros that
are left in V are the length.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.storage.types import U64, Ints
from winnow.text.tokens import Tokens

_KINDS = tuple(map(np.dtype, ("<u1", "<u2", "<u4", "<u8")))
_BATCH = 1 << 13  # pairs that take their steps together


class _Sides(NamedTuple):
    """Of each pair where the shorter and the longer text start in ``hashes``, and their numbers of tokens."""

    hashes: U64
    short: Ints
    long: Ints
    least: Ints
    most: Ints


def common_subsequence(a: Tokens, b: Tokens, rows: Ints, columns: Ints) -> Ints:
    """Return the length of the longest common subsequence of each pair of a text of ``a`` and one of ``b``.

    Pairs whose shorter text has up to 64 tokens take their steps together; each longer one is a number of its own.
    """
    sides = _sides(a, b, rows, columns)
    out = np.zeros(len(rows), np.int64)
    above = 0
    for kind in _KINDS:
        limit = 8 * kind.itemsize
        inside = np.flatnonzero((sides.least > above) & (sides.least <= limit))
        inside = inside[np.argsort(-sides.most[inside], kind="stable")]
        for start in range(0, len(inside), _BATCH):
            some = inside[start : start + _BATCH]
            out[some] = _together(sides, some, kind)
        above = limit
    for one in np.flatnonzero(sides.least > above).tolist():
        short, long, least, most = (int(values[one]) for values in sides[1:])
        out[one] = _alone(sides.hashes[short : short + least].tolist(), sides.hashes[long : long + most].tolist())
    return out


def _sides(a: Tokens, b: Tokens, rows: Ints, columns: Ints) -> _Sides:
    starts = a.bounds[:-1][rows], b.bounds[:-1][columns] + len(a.hashes)
    sizes = np.diff(a.bounds)[rows], np.diff(b.bounds)[columns]
    first = sizes[0] <= sizes[1]
    return _Sides(
        np.concatenate([a.hashes, b.hashes]),
        np.where(first, *starts),
        np.where(first, *starts[::-1]),
        np.minimum(*sizes),
        np.maximum(*sizes),
    )


def _together(sides: _Sides, some: Ints, kind: "np.dtype[Any]") -> Ints:
    """Return the lengths of pairs whose shorter texts fit in words of ``kind``, those with longer texts first.

    What stands behind a shorter text sets bits above its own, which change none below them and are not counted.
    """
    last, bits = len(sides.hashes) - 1, 8 * kind.itemsize
    tokens = sides.hashes[np.minimum(sides.short[some][:, None] + np.arange(bits), last)]
    long, most, least = sides.long[some], sides.most[some], sides.least[some]
    state: npt.NDArray[Any] = np.full(len(some), -1).astype(kind)
    for step in range(int(most[0])):
        live = int(np.searchsorted(-most, -step))  # pairs whose longer text has more than so many tokens
        equal = tokens[:live] == sides.hashes[long[:live] + step][:, None]
        match = np.packbits(equal, axis=1, bitorder="little").view(kind)[:, 0]
        now = state[:live]
        state[:live] = (now + (now & match)) | (now & ~match)
    counted = (np.uint64(0xFFFFFFFFFFFFFFFF) >> (64 - least).astype(np.uint64)) & ~state.astype(np.uint64)
    return np.bitwise_count(counted).astype(np.int64)


def _alone(shorter: list[int], longer: list[int]) -> int:
    """Return the length of the longest common subsequence of two texts.

    >>> _alone([1, 2, 3, 1], [2, 9, 1, 1])
    2
    """
    places: dict[int, int] = {}
    for at, token in enumerate(shorter):
        places[token] = places.get(token, 0) | 1 << at
    whole = state = (1 << len(shorter)) - 1
    for token in longer:
        match = places.get(token, 0)
        state = (state + (state & match) | state & ~match) & whole
    return len(shorter) - state.bit_count()
