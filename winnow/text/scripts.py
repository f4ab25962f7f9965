"""Traditional Chinese folded onto simplified, one character by one, for keys and comparisons alone."""

from functools import cache

import numpy as np

from winnow.storage.types import U32

_BLOCKS = ((0x3400, 0xA000), (0xF900, 0xFB00))  # Han; its rare planes have no pairs that a test set would hold


@cache
def _simplified() -> U32:
    """Return for each code point below the last block what OpenCC's ``t2s`` makes of it, itself where it is Han only.

    Each character is converted on a line of its own, so that no phrase of OpenCC's dictionary changes the table: what
    a character becomes never depends on its neighbours, and a copy cut in pieces folds as the whole does.
    """
    from opencc import OpenCC

    points = np.concatenate([np.arange(*block) for block in _BLOCKS])
    folded = OpenCC("t2s").convert("\n".join(map(chr, points.tolist()))).split("\n")
    table = np.arange(_BLOCKS[-1][1], dtype=np.uint32)
    table[points] = [ord(one) for one in folded]
    return table


def simplified(points: U32) -> U32:
    """Return code points with traditional Chinese characters folded onto simplified ones.

    >>> "".join(map(chr, simplified(np.array([ord(one) for one in "圖書館 ok"], np.uint32))))
    '图书馆 ok'
    """
    if points.max(initial=0) < _BLOCKS[0][0]:
        return points
    table = _simplified()
    inside = points < len(table)
    return table[points] if inside.all() else np.where(inside, table[np.where(inside, points, 0)], points)
