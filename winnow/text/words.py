"""The mixed tokens of texts as they are written: where each stands, and its hash whatever its case and width."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import U32, U64, Ints
from winnow.text.codepoints import codepoints, every_character
from winnow.text.tokens import hashed_spans, mix, spans

_TABLE_SIZE = 0x20000
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Words(NamedTuple):
    """Texts laid end to end and their mixed tokens.

    Text ``i`` is ``points[edges[i] : edges[i + 1]]`` and has the tokens ``bounds[i] : bounds[i + 1]``; token ``k`` is
    ``points[starts[k] : ends[k]]``. ``folded`` are the points in lower case and of normal width, ``hashes`` those of
    the folded tokens: those of :func:`~winnow.text.tokens.hashed_tokens`, but for characters that are several in
    compatibility form (``½``).
    """

    points: U32
    edges: Ints
    folded: U32
    starts: Ints
    ends: Ints
    bounds: Ints
    hashes: U64

    def rows(self) -> Ints:
        """Return the text that each token stands in."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))


@cache
def _fold() -> U32:
    lowered = pc.utf8_lower(pc.utf8_normalize(every_character(_TABLE_SIZE, " "), form="NFKC"))
    table = np.arange(_TABLE_SIZE, dtype=np.uint32)
    one = pc.equal(pc.utf8_length(lowered), 1).to_numpy(zero_copy_only=False)
    table[one] = codepoints(lowered.filter(pa.array(one))).points
    return table


def fold(points: U32) -> U32:
    """Return ``points`` in lower case and compatibility form where that is one character.

    >>> "".join(map(chr, fold(np.array([ord(c) for c in "ＡbÉ½"]))))
    'abé½'
    """
    if points.max(initial=0) < _TABLE_SIZE:
        return _fold()[points]
    return np.where(points < _TABLE_SIZE, _fold()[np.minimum(points, _TABLE_SIZE - 1)], points)


def words(texts: pa.Array) -> Words:
    """Return the mixed tokens of ``texts`` (no nulls).

    >>> tokens = words(pa.array(["The THE", "中文 ok"]))
    >>> tokens.bounds.tolist(), bool(tokens.hashes[0] == tokens.hashes[1])
    ([0, 2, 5], True)
    """
    points, edges = codepoints(texts)
    folded = fold(points)
    starts, ends = spans(folded, edges)
    bounds = np.searchsorted(starts, edges).astype(np.int64)
    return Words(points, edges, folded, starts, ends, bounds, hashed_spans(folded, starts, ends))


def prefix_hashes(words: Words, lengths: Ints) -> U64:
    """Return the hash of the first ``lengths[k]`` folded characters from the start of each token ``k``.

    A length may reach past the token's end: two Chinese characters are the tokens ``k`` and ``k + 1``.
    """
    total = np.zeros(len(words.starts), np.uint64)
    for at in range(int(lengths.max(initial=0))):
        inside = np.flatnonzero(lengths > at)
        total[inside] = total[inside] * _MULTIPLIER + words.folded[words.starts[inside] + at] + np.uint64(1)
    return mix(total)
