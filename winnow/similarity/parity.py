"""Signatures of texts that bound from below in how many tokens two of them differ.

A signature has a bit for each of a number of classes of tokens: whether the text has an odd number of that class. Each
token that only one of two texts has changes one bit, so that as many bits differ as tokens do, or fewer (bitmap filter:
Sandes, Teodoro and Melo 2020, "Bitmap filter: speeding up exact set similarity joins").
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.storage.types import U64, Ints
from winnow.text.tokens import Tokens, mix

_BATCH = 1 << 16  # pairs whose wide signatures are in memory at once


def numbered(tokens: Tokens) -> U64:
    """Return the tokens with the number of their occurrence mixed in: shared ones of two texts are a multiset's.

    >>> from winnow.text.tokens import hashed_tokens
    >>> import pyarrow as pa
    >>> len(set(numbered(hashed_tokens(pa.array(["no no no"]))).tolist()))
    3
    """
    owner = np.repeat(np.arange(len(tokens.bounds) - 1), np.diff(tokens.bounds))
    order = np.lexsort((tokens.hashes, owner))
    hashes, owners = tokens.hashes[order], owner[order]
    first = np.ones(len(order), bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    occurrence = np.zeros(len(order), np.uint64)
    occurrence[order] = (np.arange(len(order)) - start).astype(np.uint64)
    return mix(tokens.hashes + occurrence * np.uint64(0x9E3779B97F4A7C15))


def signatures(tokens: Tokens, texts: Ints, words: int) -> U64:
    """Return the signatures of some texts, a line of ``words`` 64-bit words each; ``words`` is a power of two."""
    sizes = np.diff(tokens.bounds)[texts]
    owner = np.repeat(np.arange(len(texts)), sizes)
    at = tokens.bounds[:-1][texts][owner] + np.arange(len(owner)) - (np.cumsum(sizes) - sizes)[owner]
    hashes = tokens.hashes[at]
    word = ((hashes >> np.uint64(6)) & np.uint64(words - 1)).astype(np.int64)
    out = np.zeros(len(texts) * words, np.uint64)
    np.bitwise_xor.at(out, owner * words + word, np.uint64(1) << (hashes & np.uint64(63)))
    return out.reshape(len(texts), words)


def folded(signature: U64, words: int) -> U64:
    """Return the signatures of ``words`` words that are in wider ones.

    >>> folded(np.array([[1, 2, 5, 2]], np.uint64), 2).tolist()
    [[4, 0]]
    """
    return np.bitwise_xor.reduce(signature.reshape(len(signature), -1, words), axis=1)


def scan(one: U64, many: U64, allowed: npt.NDArray[np.uint16]) -> Ints:
    """Return which of ``many`` signatures, a column each, differ from ``one`` in at most ``allowed`` bits each."""
    apart: npt.NDArray[Any] = np.bitwise_count(many[0] ^ one[0])
    if len(one) > 3:  # a sum of three counts is below 256
        apart = apart.astype(np.uint16)
    for word in range(1, len(one)):
        apart += np.bitwise_count(many[word] ^ one[word])
    return np.flatnonzero(apart <= allowed)


def wide_bound(first: U64, second: U64, rows: Ints, columns: Ints) -> Ints:
    """Return in how many bits the signatures of each pair differ; rows of ``first`` and of ``second`` by position."""
    out = np.zeros(len(rows), np.int64)
    for start in range(0, len(rows), _BATCH):
        some = slice(start, start + _BATCH)
        out[some] = np.bitwise_count(first[rows[some]] ^ second[columns[some]]).sum(axis=1, dtype=np.int64)
    return out
