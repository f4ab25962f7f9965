"""Hashed TF-IDF vectors: words, characters of scripts without spaces and their bigrams, in 2**18 dimensions.

Weights are (1 + ln count) * (1 + ln((1 + rows) / (1 + rows with the feature))), vectors have length 1 (Salton and
Buckley 1988). No vocabulary is kept, so the vector of a text needs the document frequencies alone.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.storage.types import U32, Floats, Ints
from winnow.text.codepoints import SINGLE, classify, codepoints
from winnow.text.tokens import hashed_tokens, mix

BITS, COUNT_BITS = 18, 14
_COUNT = np.uint32((1 << COUNT_BITS) - 1)
_FIRST_SINGLE = 0x0E00  # below it, signs such as + and * are tokens of their own; they make no bigrams


class Weighted(NamedTuple):
    """Unit vectors laid end to end: features and weights of row ``i`` at ``bounds[i] : bounds[i + 1]``."""

    features: Ints
    weights: Floats
    bounds: Ints


def features(texts: pa.Array) -> tuple[U32, Ints]:
    """Return the features of ``texts`` (normalised) with their counts, packed in 32 bits, sorted, with bounds.

    >>> values, bounds = features(pa.array(["a b a", "中文"]))
    >>> sorted((values & _COUNT)[:2].tolist()), bounds.tolist()
    ([1, 2], [0, 2, 5])
    """
    tokens = hashed_tokens(texts)
    points, edges = codepoints(texts)
    single = (classify(points) == SINGLE) & (points >= _FIRST_SINGLE)
    owner = np.repeat(np.arange(len(texts)), np.diff(edges))
    at = np.flatnonzero(single[:-1] & single[1:] & (owner[:-1] == owner[1:]))
    bigrams = mix(points[at].astype(np.uint64) << np.uint64(21) | points[at + 1])
    owners = np.concatenate((np.repeat(np.arange(len(texts)), np.diff(tokens.bounds)), owner[at])).astype(np.uint64)
    hashed = np.concatenate((tokens.hashes, bigrams)) >> np.uint64(64 - BITS)
    packed, counts = np.unique(owners << np.uint64(BITS) | hashed, return_counts=True)
    sizes = np.bincount((packed >> np.uint64(BITS)).astype(np.int64), minlength=len(texts))
    feature = (packed & np.uint64((1 << BITS) - 1)).astype(np.uint32)
    values = feature << np.uint32(COUNT_BITS) | np.minimum(counts, _COUNT).astype(np.uint32)
    return values, np.concatenate(([0], np.cumsum(sizes)))


def frequencies(values: U32) -> Ints:
    """Return in how many rows each feature occurs, shape (2**18,)."""
    return np.bincount(values >> np.uint32(COUNT_BITS), minlength=1 << BITS)


def rarity(rows_with: Ints, rows: int) -> Floats:
    """Return the inverse document frequency of each feature."""
    return np.asarray(1 + np.log((1 + rows) / (1 + rows_with)), np.float64)


def weighted(values: U32, bounds: Ints, idf: Floats) -> Weighted:
    """Return the unit vectors of rows of packed features; a row without features is the zero vector."""
    feature = (values >> np.uint32(COUNT_BITS)).astype(np.int64)
    weights = (1 + np.log((values & _COUNT).astype(np.float64))) * idf[feature]
    owner = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    length = np.sqrt(np.bincount(owner, weights * weights, len(bounds) - 1))
    return Weighted(feature, weights / length[owner], bounds)


def rare_parts(vectors: Weighted, rows_with: Ints, floor: float) -> tuple[Ints, Ints]:
    """Return of each row its rarest features, so few that all others together are shorter than ``floor``.

    Two rows with a cosine of at least ``floor`` share one of these: the rarest feature that they share is among them
    in both, else all that they share would lie in the shorter rest of one, and a product with a unit vector is no
    longer than the vector (prefix filtering; Bayardo, Ma and Srikant 2007). So candidates are exact, and few.
    """
    owner = np.repeat(np.arange(len(vectors.bounds) - 1), np.diff(vectors.bounds))
    order = np.lexsort((vectors.features, -rows_with[vectors.features], owner))  # common ones first
    squares = vectors.weights[order] ** 2
    sums = np.cumsum(squares)
    starts = vectors.bounds[:-1]
    before = np.concatenate(([0.0], sums))[starts]
    kept = sums - np.repeat(before, np.diff(vectors.bounds)) >= floor * floor - 1e-6  # rounding never loses one
    sizes = np.bincount(owner[kept], minlength=len(starts))
    return vectors.features[order][kept], np.concatenate(([0], np.cumsum(sizes)))
