"""Exact keys of a row: of all its text, of its prompt, of its reply. Equal keys are equal normalised texts."""

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.parts import CONTEXT, HISTORY, INSTRUCTION, REPLY, RESULTS, SYSTEM, Parts, plain, spaced
from winnow.storage.types import U64, Bools, Ints
from winnow.text.tokens import Tokens, mix

Keys = U64
LABEL = 5  # tokens below which replies are near only if they are equal; see winnow.similarity.pairs
_RATIO, _SENTENCE = 0.5, 30  # shares of tokens below which no similarity counts, but for an added sentence


class RowKeys(NamedTuple):
    """Keys of the rows of a table, two 64-bit numbers each, shape (rows, 2).

    ``asks`` marks prompts with a letter or a digit, ``answers`` replies of substance: without it, equal prompts or
    replies mean nothing. ``tokens`` is the number of tokens of a reply, ``said`` a number that replies of equal tokens
    share.
    """

    exact: Keys
    prompt: Keys
    reply: Keys
    asks: Bools
    answers: Bools
    tokens: Ints
    said: U64


def digests(*texts: pa.Array) -> Keys:
    """Return a 128-bit key (BLAKE2b) of the texts of each row taken together, shape (rows, 2).

    >>> digests(pa.array(["a", "b", "a"]))[:, 0].argsort(kind="stable").tolist() in ([0, 2, 1], [1, 0, 2])
    True
    """
    joined = pc.binary_join_element_wise(*texts, "\x1f").cast(pa.binary())
    return np.frombuffer(
        b"".join([blake2b(one, digest_size=16).digest() for one in joined.to_pylist()]), "<u8"
    ).reshape(-1, 2)


def row_keys(table: pa.Table, read: Parts, comparable: pa.Array, reply_tokens: int) -> RowKeys:
    """Return the keys of a table of records, whose parts are ``read``.

    The prompt is what a reply answers to: system prompt, context, every user turn and the tools on offer. A reply is
    of substance from ``reply_tokens`` mixed tokens on; "positive" answers fifty questions of Alpaca.
    """
    prompts = read.text(SYSTEM, CONTEXT, INSTRUCTION)
    longer = pc.or_(pc.not_equal(read.texts[HISTORY], ""), pc.not_equal(read.texts[RESULTS], ""))
    some = table.filter(longer)
    if len(some):
        turns = spaced(read.texts[SYSTEM].filter(longer), plain(views.prompts(some)))
        prompts = pc.replace_with_mask(prompts, longer, turns)
    tokens, answers = said(read.of(REPLY))
    return RowKeys(
        digests(read.text(), comparable),
        digests(prompts, comparable),
        digests(read.texts[REPLY], comparable),
        pc.match_substring_regex(prompts, r"[\p{L}\p{N}]").to_numpy(zero_copy_only=False),
        tokens >= reply_tokens,
        tokens,
        answers,
    )


def comparable(table: pa.Table) -> pa.Array:
    """Return what must be equal for two rows to be compared: kind, label of feedback, tools, tool calls."""
    labels = pc.cast(table["label"].combine_chunks(), pa.string()).fill_null("")
    return pc.binary_join_element_wise(
        table["kind"].combine_chunks(), labels, column(table, "tools"), views.tool_calls(table), " "
    )


def may_answer_alike(keys: RowKeys, pairs: Ints) -> Bools:
    """Tell for which pairs of rows the replies may be near: labels must be equal, longer replies about as long."""
    sizes = np.sort(keys.tokens[pairs], axis=1)
    equal = keys.said[pairs[:, 0]] == keys.said[pairs[:, 1]]
    short, long = sizes.T
    return equal | ((short >= LABEL) & ((short >= long * _RATIO) | (long - short <= _SENTENCE)))


def prompt(table: pa.Table) -> pa.Array:
    """Return system prompt, context and all user turns of each row, joined by line breaks."""
    return pc.binary_join_element_wise(
        table["system"].combine_chunks(), views.prompts(table), "\n", null_handling="skip"
    )


def column(table: pa.Table, name: str) -> pa.Array:
    """Return a column of text as one array, empty where it is null."""
    return table[name].combine_chunks().fill_null("")


def said(tokens: Tokens) -> tuple[Ints, U64]:
    """Return the number of tokens of each text, and a number that texts of equal tokens share."""
    hashes, bounds = tokens
    sizes = np.diff(bounds)
    place = np.arange(len(hashes)) - np.repeat(bounds[:-1], sizes)
    total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mix(hashes + place.astype(np.uint64)))))
    return sizes, total[bounds[1:]] - total[bounds[:-1]]
