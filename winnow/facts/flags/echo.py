"""Echo: how much of the response repeats the instruction or the context.

A row whose answer repeats its question teaches a model to repeat. The measure is the share of the longer text's token
pairs that the other one has too, counted with repeats, so that a short quotation in a long answer, or one word
picked from a text, is none.
"""

import numpy as np
import pyarrow as pa

from winnow.facts.texts import Texts
from winnow.storage.types import U64, Bools, Floats, Ints
from winnow.text.columns import byte_lengths
from winnow.text.form import tokens_of
from winnow.text.tokens import Tokens, mix, ngrams

FLOOR = 0.8  # below it the share is 0: texts that differ this much in length are not compared at all
LIMIT = 0.9  # share from which the row is flagged: one word in ten may differ
LEAST_CONTEXT = 600  # bytes in UTF-8; a short passage about X may be the very answer to "What is X?"
FEWEST = 5  # tokens; "Yes" to "Yes?" is no echo


def echo_shares(texts: Texts) -> Floats:
    """Return the echo of the instruction and of the context for each row, shape (2, rows), from 0 to 1."""
    shares = np.zeros((2, len(texts)))
    for of_field, field in zip(shares, (texts.instruction, texts.context), strict=True):
        rows = _alike_in_length(texts.response, field)
        if len(rows):
            of_field[rows] = shared(_pairs(texts.response, rows), _pairs(field, rows))
    return np.where(shares >= FLOOR, np.round(shares, 3), 0.0)


def echoes(texts: Texts, shares: Floats) -> Bools:
    """Return a mask of the rows that repeat their whole instruction, or nearly all of a context of some length.

    An answer in a full sentence has nearly all words of its question, and a context of one sentence may be the answer.
    """
    return (shares[0] == 1) | ((shares[1] >= LIMIT) & (byte_lengths(texts.context) >= LEAST_CONTEXT))


def _alike_in_length(a: pa.Array, b: pa.Array) -> Ints:
    left, right = byte_lengths(a), byte_lengths(b)
    # bytes, not tokens, so with some room: a pair of tokens can be long in one text and short in the other
    return np.flatnonzero(np.minimum(left, right) >= 0.9 * FLOOR * np.maximum(np.maximum(left, right), 1))


def _pairs(texts: pa.Array, rows: Ints) -> Tokens:
    return ngrams(tokens_of(texts.take(pa.array(rows))), 2)


def shared(a: Tokens, b: Tokens) -> Floats:
    """Return for each pair of texts the share of the longer one's token pairs that both have, counted with repeats.

    >>> from winnow.text.tokens import hashed_tokens
    >>> texts = [hashed_tokens(pa.array([text])) for text in ("a b c d", "x b c d")]
    >>> shared(*texts).tolist()
    [0.75]
    """
    keys = [_numbered(one) for one in (a, b)]
    longer = np.maximum(np.diff(a.bounds), np.diff(b.bounds))
    owners = np.repeat(np.arange(len(longer)), np.diff(a.bounds))
    counts = np.bincount(owners[np.isin(keys[0], keys[1])], minlength=len(longer))
    return np.where(longer >= FEWEST - 1, counts / np.maximum(longer, 1), 0.0)


def _numbered(tokens: Tokens) -> U64:
    """Return each token's hash mixed with its text and with how often the text had it before."""
    owners = np.repeat(np.arange(len(tokens.bounds) - 1), np.diff(tokens.bounds)).astype(np.uint64)
    keys = mix(tokens.hashes + mix(owners + np.uint64(1)))
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.zeros(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(ordered)), 0))
    nth = np.empty(len(keys), np.uint64)
    nth[order] = np.arange(len(ordered)) - starts
    return mix(keys + nth * np.uint64(0x9E3779B97F4A7C15))
