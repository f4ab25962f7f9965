"""Exact keys of a row: of all its text, of its prompt, of its reply. Equal keys are equal normalised texts."""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.storage.types import U64, Bools, Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, hashed_tokens

COLUMNS = ["row_id", "kind", "system", "context", "messages", "rejected", "label", "tools"]
Keys = U64


class RowKeys(NamedTuple):
    """Keys of the rows of a table, two 64-bit numbers each, shape (rows, 2).

    ``asks`` marks prompts with a letter or a digit, ``answers`` replies of substance: without it, equal prompts or
    replies mean nothing.
    """

    exact: Keys
    prompt: Keys
    reply: Keys
    asks: Bools
    answers: Bools


def digests(*texts: pa.Array) -> Keys:
    """Return a 128-bit key (BLAKE2b) of the texts of each row taken together, shape (rows, 2).

    >>> digests(pa.array(["a", "b", "a"]))[:, 0].argsort(kind="stable").tolist() in ([0, 2, 1], [1, 0, 2])
    True
    """
    joined = pc.binary_join_element_wise(*texts, "\x1f").cast(pa.binary())
    return np.frombuffer(
        b"".join([blake2b(one, digest_size=16).digest() for one in joined.to_pylist()]), "<u8"
    ).reshape(-1, 2)


def row_keys(table: pa.Table, texts: pa.Array, comparable: pa.Array, reply_tokens: int) -> RowKeys:
    """Return the keys of a table of records; ``texts`` are all text of its rows, normalised.

    The prompt is what a reply answers to: system prompt, context, every user turn and the tools on offer. A reply is
    of substance from ``reply_tokens`` mixed tokens on; "positive" answers fifty questions of Alpaca.
    """
    prompts = normalised(prompt(table))
    replies = normalised(views.response(table))
    return RowKeys(
        digests(texts, comparable),
        digests(prompts, comparable, _column(table, "tools")),
        digests(replies, comparable),
        pc.match_substring_regex(prompts, r"[\p{L}\p{N}]").to_numpy(zero_copy_only=False),
        _token_counts(replies) >= reply_tokens,
    )


def prompt(table: pa.Table) -> pa.Array:
    """Return system prompt, context and all user turns of each row, joined by line breaks."""
    return pc.binary_join_element_wise(
        table["system"].combine_chunks(), views.prompts(table), "\n", null_handling="skip"
    )


def _column(table: pa.Table, name: str) -> pa.Array:
    return table[name].combine_chunks().fill_null("")


def _token_counts(texts: pa.Array) -> Ints:
    counts = [np.diff(hashed_tokens(some).bounds) for _, some in slices(texts, SLICE)]
    return np.concatenate([np.zeros(0, np.int64), *counts])
