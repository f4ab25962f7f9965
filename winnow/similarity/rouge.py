"""ROUGE-L (Lin 2004) between texts as runs of the project's own tokens, exactly, and only for pairs that can reach it.

The usual library keeps ``[a-z0-9]`` alone and gives two equal Chinese sentences 0; here a Chinese character is a token
as a Latin word is. F = 2 LCS / (a + b) for texts of a and b tokens. The longest common subsequence holds at most the
tokens that both have, so a pair below that bound need not be compared; which pairs share enough is found by an index of
each text's rarest tokens (prefix filtering: Chaudhuri et al. 2006, Xiao et al. 2008 for the length of the prefix).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from winnow.storage.types import U64, Floats, Ints
from winnow.text.tokens import Tokens, mix

_CHUNK = 2_000  # candidates looked up at once
_CELLS = 1 << 22  # cells of the tables of subsequences that are in memory at once


class Pairs(NamedTuple):
    """Positions ``a`` and ``b`` of the two texts of each pair, and their F."""

    a: Ints
    b: Ints
    similarity: Floats


def numbered(tokens: Tokens) -> U64:
    """Return the tokens with the number of their occurrence mixed in: shared ones of two texts are a multiset's.

    >>> from winnow.text.tokens import hashed_tokens
    >>> import pyarrow as pa
    >>> len(set(numbered(hashed_tokens(pa.array(["no no no"]))).tolist()))
    3
    """
    owner = _owners(tokens)
    order = np.lexsort((tokens.hashes, owner))
    hashes, owners = tokens.hashes[order], owner[order]
    first = np.ones(len(order), bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    occurrence = np.zeros(len(order), np.uint64)
    occurrence[order] = (np.arange(len(order)) - start).astype(np.uint64)
    return mix(tokens.hashes + occurrence * np.uint64(0x9E3779B97F4A7C15))


def _owners(tokens: Tokens) -> Ints:
    return np.repeat(np.arange(len(tokens.bounds) - 1), np.diff(tokens.bounds))


class Side(NamedTuple):
    """Texts as an index needs them: tokens of each by rarity, as numbers, and where each text begins."""

    ids: Ints
    bounds: Ints


def _sides(a: Tokens, b: Tokens) -> tuple[Side, Side]:
    """Return both sides with their tokens numbered from the rarest, rarest first in each text."""
    known, ids, counts = np.unique(np.concatenate([numbered(a), numbered(b)]), return_inverse=True, return_counts=True)
    rank = np.empty(len(known), np.int64)
    rank[np.lexsort((known, counts))] = np.arange(len(known))
    ranked = rank[ids.reshape(-1)]
    sides = []
    for tokens, some in ((a, ranked[: len(a.hashes)]), (b, ranked[len(a.hashes) :])):
        sides.append(Side(some[np.lexsort((some, _owners(tokens)))], tokens.bounds))
    return sides[0], sides[1]


def _prefix(side: Side, floor: float) -> tuple[Ints, Ints]:
    """Return the rarest tokens of each text of which two texts at ``floor`` share one, and the text of each."""
    sizes = np.diff(side.bounds)
    least = np.ceil(floor / (2 - floor) * sizes - 1e-9).astype(np.int64)  # tokens that any partner must share
    lengths = np.where(sizes > 0, sizes - least + 1, 0)
    owner = np.repeat(np.arange(len(sizes)), lengths)
    starts = np.cumsum(lengths) - lengths
    at = side.bounds[:-1][owner] + np.arange(len(owner)) - starts[owner]
    return side.ids[at], owner


def pairs_from(a: Tokens, b: Tokens, floor: float) -> Iterator[Pairs]:
    """Yield all pairs of a text of ``a`` and one of ``b`` whose F is ``floor`` (above 0) or more, sorted by ``a``.

    Equal to comparing all pairs. Texts without tokens have none.
    """
    from scipy.sparse import csr_array

    left, right = _sides(a, b)
    size = int(max(left.ids.max(initial=-1), right.ids.max(initial=-1))) + 1
    tokens_of, owner_of = _prefix(left, floor)
    tokens_in, owner_in = _prefix(right, floor)
    index = csr_array((np.ones(len(tokens_in), np.int8), (tokens_in, owner_in)), shape=(size, len(b.bounds) - 1))
    sizes_a, sizes_b = np.diff(a.bounds), np.diff(b.bounds)
    for start in range(0, len(sizes_a), _CHUNK):
        end = min(start + _CHUNK, len(sizes_a))
        inside = (owner_of >= start) & (owner_of < end)
        some = csr_array(
            (np.ones(int(inside.sum()), np.int8), (owner_of[inside] - start, tokens_of[inside])),
            shape=(end - start, size),
        )
        hits = (some.astype(np.int32) @ index.astype(np.int32)).tocoo()
        rows, columns = hits.row.astype(np.int64) + start, hits.col.astype(np.int64)
        both = sizes_a[rows] + sizes_b[columns]
        near = 2 * np.minimum(sizes_a[rows], sizes_b[columns]) >= floor * both - 1e-9
        rows, columns = rows[near], columns[near]
        enough = 2 * _shared(left, right, rows, columns) >= floor * both[near] - 1e-9
        rows, columns = rows[enough], columns[enough]
        found = 2 * common_subsequence(a, b, rows, columns) / np.maximum(sizes_a[rows] + sizes_b[columns], 1)
        reached = found >= floor - 1e-9
        rows, columns, found = rows[reached], columns[reached], found[reached]
        order = np.lexsort((columns, rows))
        yield Pairs(rows[order], columns[order], found[order])


def _shared(left: Side, right: Side, rows: Ints, columns: Ints) -> Ints:
    """Return how many tokens both texts of each pair have, each as often as both have it.

    Tokens of one text differ, so that a token that stands twice among those of both is shared. One number holds pair
    and token, because numbers sort many times faster than pairs of columns.
    """
    out = np.zeros(len(rows), np.int64)
    lengths = np.diff(left.bounds)[rows] + np.diff(right.bounds)[columns]
    for some in _batches(lengths, 1 << 22):
        keys = np.concatenate([_keyed(side, at[some]) for side, at in ((left, rows), (right, columns))])
        keys.sort()
        out[some] = np.bincount(keys[1:][keys[1:] == keys[:-1]] >> 32, minlength=len(some))
    return out


def _keyed(side: Side, texts: Ints) -> Ints:
    """Return the tokens of some texts, each behind the position of its text."""
    sizes = np.diff(side.bounds)[texts]
    of = np.repeat(np.arange(len(texts)), sizes)
    starts = np.cumsum(sizes) - sizes
    return (of << 32) | side.ids[side.bounds[:-1][texts][of] + np.arange(len(of)) - starts[of]]


def _batches(lengths: Ints, most: int) -> Iterator[Ints]:
    """Yield positions in runs whose lengths come to about ``most``."""
    total = np.cumsum(lengths)
    start = 0
    while start < len(lengths):
        before = total[start - 1] if start else 0
        end = max(int(np.searchsorted(total, before + most)), start + 1)
        yield np.arange(start, end)
        start = end


def common_subsequence(a: Tokens, b: Tokens, rows: Ints, columns: Ints) -> Ints:
    """Return the length of the longest common subsequence of each pair of texts.

    One row of the table at a time, for many pairs of about one length at once: the usual recurrence, whose running
    maximum within a row is the maximum over the row so far.
    """
    out = np.zeros(len(rows), np.int64)
    sizes_a, sizes_b = np.diff(a.bounds)[rows], np.diff(b.bounds)[columns]
    order = np.lexsort((sizes_a, sizes_b))
    at = 0
    while at < len(order):
        wide = int(sizes_b[order[min(at + 4_096, len(order)) - 1]]) + 1
        some = order[at : at + max(min(4_096, _CELLS // max(wide, 1)), 1)]
        out[some] = _lengths(a, b, rows[some], columns[some])
        at += len(some)
    return out


def _lengths(a: Tokens, b: Tokens, rows: Ints, columns: Ints) -> Ints:
    first, sizes_a = _padded(a, rows)
    second, sizes_b = _padded(b, columns)
    outside = np.arange(second.shape[1])[None, :] >= sizes_b[:, None]
    best = np.zeros(second.shape, np.int32)
    for n in range(first.shape[1]):
        step = np.zeros_like(best)
        step[:, 1:] = best[:, :-1]
        equal = (second == first[:, n : n + 1]) & ~outside & (n < sizes_a)[:, None]
        best = np.maximum.accumulate(np.maximum(best, step + equal), axis=1)
    return best.max(axis=1, initial=0).astype(np.int64)


def _padded(tokens: Tokens, texts: Ints) -> tuple[U64, Ints]:
    """Return the tokens of some texts as one array, a text a row, and their numbers."""
    sizes = np.diff(tokens.bounds)[texts]
    wide = int(sizes.max(initial=0))
    at = tokens.bounds[:-1][texts][:, None] + np.arange(wide)[None, :]
    return tokens.hashes[np.minimum(at, max(len(tokens.hashes) - 1, 0))] if wide else np.zeros(
        (len(texts), 0), np.uint64
    ), sizes
