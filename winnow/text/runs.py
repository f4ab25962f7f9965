"""Runs of ASCII letters and digits in texts, counted on their bytes: a regex takes three to ten times as long.

Every byte of another character in UTF-8 is 128 or more, so it ends a run as any sign does.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.storage.types import U8, Bools, Ints

_NONE, _CONTINUED, _SPACE, _DIGIT, _LETTER = range(5)
_LONG = 8  # letters of a long word
_TABLE = np.zeros(256, np.uint8)
_TABLE[0x80:0xC0] = _CONTINUED
_TABLE[[ord(sign) for sign in "\t\n\f\r "]] = _SPACE
_TABLE[ord("0") : ord("9") + 1] = _DIGIT
_TABLE[ord("A") : ord("Z") + 1] = _TABLE[ord("a") : ord("z") + 1] = _LETTER


class Runs(NamedTuple):
    """Where runs begin and how long they are, in bytes of texts laid end to end; the texts' bounds among them."""

    starts: Ints
    lengths: Ints
    bounds: Ints

    def per_text(self, weights: Ints | Bools | None = None) -> Ints:
        """Return the number of runs of each text, or the sum of their ``weights``."""
        at = np.searchsorted(self.starts, self.bounds)
        return np.diff(at if weights is None else np.concatenate(([0], np.cumsum(weights)))[at])


def _bytes(texts: pa.Array) -> tuple[U8, Ints]:
    """Return the bytes of ``texts`` (no nulls) end to end, and the bounds of each."""
    if len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    whole = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    return whole[bounds[0] : bounds[-1]], bounds - bounds[0]


def _runs(inside: Bools, bounds: Ints) -> Runs:
    edge = np.zeros(len(inside) + 1, bool)
    edge[bounds] = True  # no run goes on from one text into the next
    starts, ends = inside.copy(), inside.copy()
    starts[1:] &= ~inside[:-1] | edge[1:-1]
    ends[:-1] &= ~inside[1:] | edge[1:-1]
    first = np.flatnonzero(starts)
    return Runs(first, np.flatnonzero(ends) + 1 - first, bounds)


def latin_words(texts: pa.Array) -> Ints:
    """Return the number of runs of the letters A to Z in each text.

    >>> latin_words(pa.array(["It's 10 o'clock", "", "中文 ok"])).tolist()
    [4, 0, 1]
    """
    data, bounds = _bytes(texts)
    return _runs(_TABLE[data] == _LETTER, bounds).per_text()


class Pieces(NamedTuple):
    """Counts of each text: runs of letters A to Z, those of eight and more, digits by up to three, other signs."""

    words: Ints
    long_words: Ints
    numbers: Ints
    signs: Ints


def pieces(texts: pa.Array) -> Pieces:
    r"""Return what each text is made of; ``signs`` are all other characters but space, tab and line breaks.

    >>> [counts.tolist() for counts in pieces(pa.array(["extraordinary 2026!", "好 ok\n", ""]))]
    [[1, 1, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0]]
    """
    data, bounds = _bytes(texts)
    kinds = _TABLE[data]
    letters, digits = _runs(kinds == _LETTER, bounds), _runs(kinds == _DIGIT, bounds)
    signs = np.flatnonzero(kinds == _NONE)
    return Pieces(
        letters.per_text(),
        letters.per_text(letters.lengths >= _LONG),
        digits.per_text(-(-digits.lengths // 3)),
        np.diff(np.searchsorted(signs, bounds)),
    )
