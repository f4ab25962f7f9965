"""Traditional Chinese folded onto simplified, one character by one, for keys and comparisons alone."""

from functools import cache

import numpy as np
import pyarrow as pa

from winnow.storage.types import U32, Bools
from winnow.text.codepoints import codepoints
from winnow.text.normal import normalised
from winnow.text.tokens import Tokens, hashed_spans, spans

TRADITIONAL = 0.1  # share of Han characters that folding changes, above which a text is traditional
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


def traditional(texts: pa.Array) -> Bools:
    """Tell which of ``texts`` (no nulls) are traditional Chinese: folding changes a tenth of their Han characters.

    Simplified texts have some of these too: 乾隆, 著名.

    >>> traditional(pa.array(["颱風來臨前應做哪些準備", "乾隆是清朝的皇帝，在位六十年", "kite"])).tolist()
    [True, False, False]
    """
    points, bounds = codepoints(texts)
    each = np.stack([simplified(points) != points, (points >= _BLOCKS[0][0]) & (points < _BLOCKS[0][1])])
    sums = np.concatenate((np.zeros((2, 1), np.int64), np.cumsum(each, axis=1)), axis=1)[:, bounds]
    changed, han = np.diff(sums, axis=1)
    return changed > TRADITIONAL * han


def folded_tokens(texts: pa.Array) -> Tokens:
    """Return the mixed tokens of ``texts`` (no nulls), normalised, traditional Chinese as simplified.

    >>> tokens = folded_tokens(pa.array(["圖書館 OK", "图书馆：ok"]))
    >>> bool((tokens.hashes[:4] == tokens.hashes[4:]).all())
    True
    """
    points, bounds = codepoints(normalised(texts))
    points = simplified(points)
    starts, ends = spans(points, bounds)
    return Tokens(hashed_spans(points, starts, ends), np.searchsorted(starts, bounds).astype(np.int64))
