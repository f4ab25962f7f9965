"""How varied the words of a text are, in measures that do not shrink with its length, and how well it compresses."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.storage.types import Floats, Ints
from winnow.text.columns import byte_lengths
from winnow.text.repetition import grouped, row_keys
from winnow.text.tokens import Tokens

THRESHOLD_PERCENT = 72
"""The type-token ratio, in percent, at which a factor is full (McCarthy & Jarvis 2010)."""
MTLD_TOKENS = 1_000
"""Tokens that MTLD looks at from the start of a text: its steps follow the longest text of a batch."""
TTR_TOKENS = 50
NEVER = np.iinfo(np.int64).max
_LEVEL = 6  # zlib's own default
_WRAPPER = 18  # bytes of gzip's header and checksum


class Gaps(NamedTuple):
    """How many tokens back each token occurred before in its text, and how many on it occurs next; else ``NEVER``."""

    before: Ints
    after: Ints


def gaps(tokens: Tokens) -> Gaps:
    """Return the distances between equal tokens of a text.

    >>> from winnow.text.tokens import hashed_tokens
    >>> gaps(hashed_tokens(pa.array(["a b a", "a"]))).before.tolist() == [NEVER, NEVER, 2, NEVER]
    True
    """
    rows = np.repeat(np.arange(len(tokens.bounds) - 1), np.diff(tokens.bounds))
    order, new = grouped(row_keys(rows, tokens.hashes, len(tokens.bounds) - 1))
    later, earlier = order[1:][~new[1:]], order[:-1][~new[1:]]
    distances = Gaps(np.full(len(order), NEVER), np.full(len(order), NEVER))
    distances.before[later] = distances.after[earlier] = later - earlier
    return distances


def type_token_ratio(tokens: Tokens, distances: Gaps) -> Floats:
    """Return the share of different tokens among the first 50 of each text; 1.0 where it has none.

    The ratio of a whole text falls with its length, that of 50 tokens can be compared.

    >>> from winnow.text.tokens import hashed_tokens
    >>> tokens = hashed_tokens(pa.array(["the cat the mat", ""]))
    >>> type_token_ratio(tokens, gaps(tokens)).tolist()
    [0.75, 1.0]
    """
    counts = np.minimum(np.diff(tokens.bounds), TTR_TOKENS)
    rows = np.repeat(np.arange(len(counts)), counts)
    at = np.arange(len(rows)) + np.repeat(tokens.bounds[:-1] - np.cumsum(counts) + counts, counts)
    types = np.bincount(rows[distances.before[at] == NEVER], minlength=len(counts))
    return np.where(counts > 0, np.round(types / np.maximum(counts, 1), 4), 1.0)


def mtld(tokens: Tokens, distances: Gaps) -> Floats:
    """Return the measure of textual lexical diversity of the first 1,000 tokens of each text; 0.0 where it has none.

    McCarthy & Jarvis (2010): the mean length of the runs of tokens ("factors") that keep a type-token ratio above
    0.72. What is left at the end counts as the part of a factor that its ratio has come down; read forward and
    backward, the mean of both. Where no token repeats it is the number of tokens: the true value is at least that.
    Values of texts below some 50 tokens mean little.

    >>> from winnow.text.tokens import hashed_tokens
    >>> tokens = hashed_tokens(pa.array(["a b a b", "a b c", "a b c d a", ""]))
    >>> mtld(tokens, gaps(tokens)).tolist()
    [4.0, 3.0, 7.0, 0.0]
    """
    sizes = np.minimum(np.diff(tokens.bounds), MTLD_TOKENS)
    order = np.argsort(-sizes, kind="stable")  # the longest first: those with a token at a step are a slice
    sizes, first = sizes[order], tokens.bounds[:-1][order]
    forward = _factors(sizes, first, 1, distances.before)
    backward = _factors(sizes, first + sizes - 1, -1, distances.after)
    values = np.empty(len(sizes))
    values[order] = np.round((sizes / forward + sizes / backward) / 2, 4)
    return values


def _factors(sizes: Ints, first: Ints, direction: int, distance: Ints) -> Floats:
    """Return the number of factors of each text, read from ``first`` on; all texts are read in step.

    A token is new to its factor where the same token lies farther back than the factor reaches.
    """
    length, types, full = (np.zeros(len(sizes), np.int64) for _ in range(3))
    live = np.searchsorted(-sizes, -np.arange(sizes.max(initial=0)), "left")
    for step, count in enumerate(live.tolist()):
        now, seen = length[:count], types[:count]
        now += 1
        seen += distance[first[:count] + step * direction] >= now
        done = seen * 100 <= now * THRESHOLD_PERCENT
        full[:count] += done
        now[done] = seen[done] = 0
    rest = (1 - types / np.maximum(length, 1)) / (1 - THRESHOLD_PERCENT / 100) * (length > 0)
    factors = full + rest
    return np.where(factors == 0, 1.0, factors)


def compression_ratio(texts: pa.Array) -> Floats:
    """Return the size of each text as deflate packs it (zlib level 6, no header), as a share of its UTF-8 bytes.

    At most 1.0, as of an empty text. Short texts do not compress: below some 100 bytes the ratio means nothing. Arrow's
    zlib is used, because the lock file pins it and other builds pack otherwise.

    >>> compression_ratio(pa.array(["abc" * 100, "abc", ""])).tolist()
    [0.03, 1.0, 1.0]
    """
    codec = pa.Codec("gzip", _LEVEL)
    sizes = byte_lengths(texts)
    packed = np.fromiter((codec.compress(text).size for text in texts.cast(pa.binary()).to_pylist()), np.int64)
    return np.where(sizes > 0, np.round(np.minimum((packed - _WRAPPER) / np.maximum(sizes, 1), 1), 4), 1.0)
