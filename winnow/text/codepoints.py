"""Columns of text as arrays of code points, so that what looks at characters runs without a loop over rows."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import U8, U32, Ints
from winnow.text.columns import matches

_TABLE_SIZE = 0x20000
_RARE_HAN_END = 0x40000  # planes 2 and 3 hold CJK extensions alone; above stand tags and variation selectors
SEPARATOR, WORD, SINGLE = 0, 1, 2
_SYMBOLS = "+*/%=<>^&|~#@\\$€£¥"  # so that 2+3 is not 2*3; the hyphen is left out, prose is full of it
# scripts written without spaces between words: every character is a token
_SINGLE_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, zero
    (0x3041, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xA960, 0xA97F),  # Hangul, all blocks
    (0xAC00, 0xD7FF),
    (0x1100, 0x11FF),
    (0xF900, 0xFAFF),  # Han compatibility
    (0xFF66, 0xFF9F),  # half-width kana
)


class Codepoints(NamedTuple):
    """Texts laid end to end: code points and the bounds of text ``i`` at ``bounds[i] : bounds[i + 1]``."""

    points: U32
    bounds: Ints


def every_character(count: int, surrogate: str) -> pa.Array:
    """Return the first ``count`` code points as texts of one character; ``surrogate`` stands for each of these."""
    return pa.array([chr(point) if not 0xD800 <= point < 0xE000 else surrogate for point in range(count)])


@cache
def classes() -> U8:
    """Return the class of every code point below ``0x20000``: separator, part of a word, or a token by itself.

    Arrow's Unicode tables are used, not Python's, because the lock file pins them.
    """
    letters = every_character(_TABLE_SIZE, " ")
    table = pc.utf8_is_alnum(letters).to_numpy(zero_copy_only=False).astype(np.uint8)
    table[matches(letters, r"^\p{M}$")] = WORD  # vowel signs belong to the words of Indic scripts
    for first, last in _SINGLE_RANGES:
        block = table[first : last + 1]
        block[block == WORD] = SINGLE
    table[[ord(symbol) for symbol in _SYMBOLS]] = SINGLE
    return table


def classify(points: U32) -> U8:
    """Return the class of each code point.

    >>> classify(np.array([0x20BB7, 0xE0100], np.uint32)).tolist() == [SINGLE, SEPARATOR]
    True
    """
    if points.max(initial=0) < _TABLE_SIZE:
        return classes()[points]
    kind = classes()[np.minimum(points, _TABLE_SIZE - 1)]
    kind[points >= _TABLE_SIZE] = SEPARATOR
    kind[(points >= _TABLE_SIZE) & (points < _RARE_HAN_END)] = SINGLE
    return kind


def codepoints(texts: pa.Array) -> Codepoints:
    """Return the code points of ``texts`` (no nulls) end to end.

    >>> codepoints(pa.array(["é", "", "中文"])).bounds.tolist()
    [0, 1, 1, 3]
    """
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    if bounds[-1] == 0:
        return Codepoints(np.zeros(0, np.uint32), bounds)
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = texts.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
    wide = str(data, "utf-8").encode("utf-32-le", "surrogatepass")
    return Codepoints(np.frombuffer(wide, np.uint32), bounds)


def slices(texts: pa.Array, characters: int) -> Iterator[tuple[int, pa.Array]]:
    """Yield ``(start, texts[start:stop])`` so that each slice holds about ``characters`` characters, at least a text.

    So memory stays flat, whatever the size of the column.
    """
    ends = np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False))
    start = 0
    while start < len(texts):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + characters, "right")))
        yield start, texts.slice(start, stop - start)
        start = stop
