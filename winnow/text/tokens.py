"""Mixed tokens (a word, or one character of a script without spaces) as 64-bit hashes, and n-grams of them.

Splitting on spaces sees 0.2 % of Chinese rows as long enough and finds a quarter of their near-duplicates; mixed
tokens give the same similarity for the same edit in both languages.

The hash of a token is the difference of two prefix sums of a polynomial in an odd base modulo 2**64, mixed
afterwards: the same in every process, at every batch size, on every machine.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.storage.types import U8, U32, U64, Bools, Ints
from winnow.text.codepoints import SEPARATOR, SINGLE, WORD, classify, codepoints

SLICE = 1 << 18  # characters that are code points in memory at a time: what fits a processor's cache
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_ORDER = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB], np.uint64)


class Tokens(NamedTuple):
    """Hashes of the tokens of texts laid end to end; text ``i`` has ``hashes[bounds[i] : bounds[i + 1]]``."""

    hashes: U64
    bounds: Ints


def mix(values: U64) -> U64:
    """Return ``values`` with every input bit spread over all output bits (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def _powers(base: int, count: int) -> U64:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers)


def _power(base: np.uint64, count: int) -> U64:
    size = 1 << max(16, int(count - 1).bit_length()) if count else 1
    return _powers(int(base), size)[:count]


def hashed_tokens(texts: pa.Array) -> Tokens:
    """Return the mixed tokens of ``texts`` (no nulls; already normalised) as hashes.

    >>> tokens = hashed_tokens(pa.array(["the cat, the cat", "中文 ok"]))
    >>> tokens.bounds.tolist(), bool(tokens.hashes[0] == tokens.hashes[2])
    ([0, 4, 7], True)
    """
    points, bounds = codepoints(texts)
    starts, ends = spans(points, bounds)
    return Tokens(hashed_spans(points, starts, ends), np.searchsorted(starts, bounds).astype(np.int64))


def spans(points: U32, bounds: Ints, kinds: U8 | None = None) -> tuple[Ints, Ints]:
    """Return where the mixed tokens of texts laid end to end start and end (exclusive).

    ``kinds`` are the classes of the code points, :func:`~winnow.text.codepoints.classify` where not given.
    """
    if len(points) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    kinds = classify(points) if kinds is None else kinds
    word = kinds == WORD
    edge = np.zeros(len(points) + 1, bool)  # a token never crosses from one text into the next
    edge[bounds] = True
    before = np.empty_like(word)
    before[0], before[1:] = False, word[:-1]
    single = kinds == SINGLE
    starts = np.flatnonzero(single | (word & (~before | edge[:-1])))
    after = np.empty_like(word)
    after[-1], after[:-1] = False, word[1:]
    ends = np.flatnonzero(single | (word & (~after | edge[1:])))
    return starts, ends + 1


def hashed_spans(points: U32, starts: Ints, ends: Ints) -> U64:
    """Return the hash of each token ``points[starts[i] : ends[i]]``."""
    terms = np.zeros(len(points) + 1, np.uint64)
    np.multiply(points.astype(np.uint64) + np.uint64(1), _power(_BASE, len(points)), out=terms[1:])
    sums = np.cumsum(terms, out=terms)
    return mix((sums[ends] - sums[starts]) * _power(_INVERSE, len(points))[starts])


def joined(parts: Sequence[Tokens]) -> Tokens:
    """Return the tokens of several runs of texts as those of all texts.

    >>> one = Tokens(np.array([7], np.uint64), np.array([0, 1]))
    >>> joined([one, one]).bounds.tolist()
    [0, 1, 2]
    """
    if not parts:
        return Tokens(np.zeros(0, np.uint64), np.zeros(1, np.int64))
    sizes = np.cumsum([0, *(len(part.hashes) for part in parts)])
    bounds = [part.bounds[1:] + start for part, start in zip(parts, sizes, strict=False)]
    return Tokens(np.concatenate([part.hashes for part in parts]), np.concatenate([np.zeros(1, np.int64), *bounds]))


def among(hashes: U64, known: U64) -> Bools:
    """Return a mask of the ``hashes`` that are in ``known``, which is sorted (numpy.isin sorts both).

    >>> among(np.array([7, 8], np.uint64), np.array([3, 7], np.uint64)).tolist()
    [True, False]
    """
    if len(known) == 0:
        return np.zeros(len(hashes), bool)
    return known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes


def ngrams(tokens: Tokens, n: int) -> Tokens:
    """Return hashes of the runs of ``n`` tokens of each text; a shorter text has one run of all its tokens.

    >>> grams = ngrams(hashed_tokens(pa.array(["a b c d", "a b", ""])), 3)
    >>> np.diff(grams.bounds).tolist()
    [2, 1, 0]
    """
    hashes, bounds = tokens
    lengths = np.diff(bounds)
    counts = np.where(lengths >= n, lengths - n + 1, np.minimum(lengths, 1))
    out = np.zeros(len(bounds), np.int64)
    np.cumsum(counts, out=out[1:])
    if out[-1] == 0:
        return Tokens(np.zeros(0, np.uint64), out)
    start = np.repeat(bounds[:-1] - out[:-1], counts) + np.arange(out[-1])
    limit = np.repeat(bounds[1:], counts)
    total = np.zeros(out[-1], np.uint64)
    for k in range(n):
        at = start + k
        inside = at < limit
        value = hashes[np.minimum(at, len(hashes) - 1)]
        value[~inside] = 0
        total = mix(total * _ORDER[k % 3] + value + np.uint64(k))
    return Tokens(total, out)


__all__ = ["SEPARATOR", "SLICE", "Tokens", "among", "hashed_spans", "hashed_tokens", "joined", "mix", "ngrams", "spans"]
