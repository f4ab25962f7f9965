"""ROUGE-L (Lin 2004) between texts as runs of the project's own tokens, exactly, of all pairs that can reach a floor.

The usual library keeps ``[a-z0-9]`` alone and gives two equal Chinese sentences 0; here a Chinese character is a token
as a Latin word is. F = 2 LCS / (a + b) for texts of a and b tokens. A pair at the floor differs in at most
(1 - floor) (a + b) tokens, and so do its signatures (:mod:`winnow.similarity.parity`): that bound is looked at for all
pairs whose lengths allow the floor, a wider signature for those that remain, and the longest common subsequence for
what is left of these.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from winnow.similarity.parity import folded, numbered, scan, signatures, wide_bound
from winnow.similarity.subsequence import common_subsequence
from winnow.storage.types import U64, Floats, Ints
from winnow.text.tokens import Tokens

_TOKENS = 12  # tokens of a text for which one word of a signature tells most unlike texts apart
_WORDS = 64  # most words of a signature
_WIDER = 4  # times as many words has the signature that is looked at second
_PAIRS = 1 << 20  # pairs that are looked at more closely at once
_LITTLE = 1e-9  # keeps a pair that is at the floor in spite of rounding


class Pairs(NamedTuple):
    """Positions ``a`` and ``b`` of the two texts of each pair, and their F."""

    a: Ints
    b: Ints
    similarity: Floats


class _Side(NamedTuple):
    """Texts by length: their tokens, each numbered by its occurrence, their positions and numbers of tokens."""

    tokens: Tokens
    texts: Ints
    sizes: Ints


def pairs_from(a: Tokens, b: Tokens, floor: float) -> Iterator[Pairs]:
    """Yield all pairs of a text of ``a`` and one of ``b`` whose F is ``floor`` (above 0) or more, in blocks.

    Equal to comparing all pairs. Texts without tokens have none.
    """
    left, right = _by_length(a), _by_length(b)
    words, shortest = 1, 1
    while shortest <= int(left.sizes.max(initial=0)):
        longest = _TOKENS * words if words < _WORDS else int(left.sizes[-1])
        for rows, columns in _near(left, right, floor, (shortest, longest), words):
            both = np.diff(a.bounds)[rows] + np.diff(b.bounds)[columns]
            found = 2 * common_subsequence(a, b, rows, columns) / both
            at = found >= floor - _LITTLE
            yield Pairs(rows[at], columns[at], found[at])
        words, shortest = 2 * words, longest + 1


def _by_length(tokens: Tokens) -> _Side:
    sizes = np.diff(tokens.bounds)
    texts = np.argsort(sizes, kind="stable")
    return _Side(Tokens(numbered(tokens), tokens.bounds), texts, sizes[texts])


def _window(side: _Side, least: float, most: float) -> slice:
    """Return where the texts of ``least`` to ``most`` tokens stand, never those without any."""
    start, end = np.searchsorted(side.sizes, [max(np.ceil(least - _LITTLE), 1), np.floor(most + _LITTLE) + 1])
    return slice(int(start), int(end))


def _near(left: _Side, right: _Side, floor: float, lengths: tuple[int, int], words: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs, with a left text of these ``lengths``, whose wide signatures allow the floor."""
    shorter = floor / (2 - floor)  # share of the other's length that a text has at least
    mine = _window(left, *lengths)
    others = _window(right, lengths[0] * shorter, lengths[1] / shorter)
    rows, columns = left.texts[mine], right.texts[others]
    if not len(rows) or not len(columns):
        return
    wide = min(_WIDER * words, _WORDS)
    first, second = signatures(left.tokens, rows, wide), signatures(right.tokens, columns, wide)
    few, many = folded(first, words), np.ascontiguousarray(folded(second, words).T)
    for some, other in _scanned(left.sizes[mine], right.sizes[others], few, many, floor):
        apart = wide_bound(first, second, some, other)
        allowed = (1 - floor) * (left.sizes[mine][some] + right.sizes[others][other]) + _LITTLE
        kept = apart <= allowed
        yield rows[some[kept]], columns[other[kept]]


def _scanned(sizes: Ints, others: Ints, few: U64, many: U64, floor: float) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs whose narrow signatures allow the floor, about :data:`_PAIRS` at a time.

    ``sizes`` ascend, so that what depends on the length alone is computed once for each.
    """
    found: list[Ints] = []
    owners: list[int] = []
    count, size, window = 0, 0, slice(0)
    allowed = np.zeros(0, np.uint16)
    shorter = floor / (2 - floor)
    for number, one in enumerate(sizes.tolist()):
        if one != size:
            size = one
            ends = np.searchsorted(others, [np.ceil(one * shorter - _LITTLE), np.floor(one / shorter + _LITTLE) + 1])
            window = slice(*ends.tolist())
            allowed = np.floor((1 - floor) * (one + others[window]) + _LITTLE)
            allowed = np.minimum(allowed, 64 * _WORDS).astype(np.uint16)
        hits = scan(few[number], many[:, window], allowed) + window.start
        found.append(hits)
        owners.append(number)
        count += len(hits)
        if count >= _PAIRS:
            yield np.repeat(owners, [len(one) for one in found]), np.concatenate(found)
            found, owners, count = [], [], 0
    if found:
        yield np.repeat(owners, [len(one) for one in found]), np.concatenate(found)
