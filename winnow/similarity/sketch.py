"""Sketches of rows: what the comparison of two rows needs of them, and no text.

A row has six parts, compared apart: system prompt, what was said before the instruction, the instruction with its
context, the reasoning, the response, the rejected replies. Each is a list of its mixed tokens, dress and courtesy taken
off (:mod:`winnow.text.dress`), signs that mean something kept. A token is a 64-bit number: 32 bits of its hash, and
below them what :mod:`winnow.similarity.classes` says of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.classes import describe
from winnow.storage.types import U64, Bools, Ints
from winnow.text.codepoints import slices
from winnow.text.columns import matches
from winnow.text.dress import answer_alone, request_alone, undressed
from winnow.text.normal import compatible, normalised
from winnow.text.tokens import SLICE

PARTS = ("system", "history", "prompt", "reasoning", "reply", "rejected")
SYSTEM, HISTORY, PROMPT, REASONING, REPLY, REJECTED = range(len(PARTS))
_THOUSANDS = r"(\d),(\d{3})\b"  # 10,000 is 10000


class Sketches(NamedTuple):
    """Tokens of rows laid end to end; part ``p`` of row ``i`` is ``tokens[bounds[k] : bounds[k + 1]]``, k = 6i + p."""

    tokens: U64
    bounds: Ints

    def __len__(self) -> int:
        return (len(self.bounds) - 1) // len(PARTS)


def sketches(table: pa.Table, stock: Sequence[str], whole: Bools | None = None) -> Sketches:
    """Return the sketches of a table of records; system prompts that say no more than ``stock`` ones count as none.

    Rows that are not ``whole`` are sketched without their replies.
    """
    columns = [texts.take(pa.array(np.arange(len(table)))) for texts in _parts(table, stock, whole)]
    flat = pa.concat_arrays(columns).take(
        pa.array(np.arange(len(table) * len(PARTS)).reshape(len(PARTS), -1).T.ravel())
    )
    tokens, sizes = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for _, some in slices(flat, SLICE):
        found, bounds = describe(some)
        found, bounds = _with_signs_alone(some, found, bounds)
        tokens.append(found)
        sizes.append(np.diff(bounds))
    return Sketches(np.concatenate(tokens), np.concatenate(([0], np.cumsum(np.concatenate(sizes)))))


def without_stock(systems: pa.Array, stock: Sequence[str]) -> pa.Array:
    """Return system prompts, empty where one is among ``stock`` but for case, spaces and the closing stop.

    >>> without_stock(pa.array(["you are  kind", "Be brief."]), ["You are kind."]).to_pylist()
    ['', 'Be brief.']
    """
    distinct = systems.dictionary_encode()
    plain = pc.utf8_rtrim(normalised(distinct.dictionary), characters=" .。!！")
    known = pc.utf8_rtrim(normalised(pa.array(list(stock), pa.string())), characters=" .。!！")
    return pc.if_else(pc.is_in(plain, value_set=known), "", distinct.dictionary).take(distinct.indices)


def _parts(table: pa.Table, stock: Sequence[str], whole: Bools | None) -> tuple[pa.Array, ...]:
    history, prompt, *answer = views.exchanges(table)
    system = without_stock(table["system"].combine_chunks().fill_null(""), stock)
    answer += [views.rejected(table).fill_null("")]
    if whole is not None and not whole.all():
        answer = [pc.if_else(pa.array(whole), texts, "") for texts in answer]
    reasoning, reply = _apart(*answer[:2])
    parts = (system, history, prompt, reasoning, reply, answer[2])
    system, history, prompt, reasoning, reply, rejected = (_plain(texts) for texts in parts)
    return system, history, request_alone(prompt), reasoning, answer_alone(reply), answer_alone(rejected)


def _apart(reasoning: pa.Array, reply: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the reasoning and the reply, with thoughts that stand in the reply among the reasoning."""
    rows = np.flatnonzero(matches(reply, r"^\s*<think>"))
    if len(rows) == 0:
        return reasoning, reply
    found = pc.extract_regex(reply.take(pa.array(rows)), r"(?s)^\s*<think>(?P<thought>.*?)</think>(?P<said>.*)$")
    mask = np.zeros(len(reply), bool)
    mask[rows[found.is_valid().to_numpy(zero_copy_only=False)]] = True
    chosen, told = pa.array(mask), found.drop_null()
    thought = pc.binary_join_element_wise(reasoning.filter(chosen), pc.struct_field(told, "thought"), "\n")
    return (
        pc.replace_with_mask(reasoning, chosen, thought),
        pc.replace_with_mask(reply, chosen, pc.struct_field(told, "said")),
    )


def _plain(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(compatible(undressed(texts)), _THOUSANDS, r"\1\2")


def _with_signs_alone(texts: pa.Array, tokens: U64, bounds: Ints) -> tuple[U64, Ints]:
    """Give texts without a token, such as emoji, the whole text as one: else all of them would be alike."""
    bare = np.flatnonzero((np.diff(bounds) == 0) & (pc.utf8_length(texts).to_numpy(zero_copy_only=False) > 0))
    if len(bare) == 0:
        return tokens, bounds
    from hashlib import blake2b

    keys = [blake2b(text.strip().encode(), digest_size=4).digest() for text in texts.take(pa.array(bare)).to_pylist()]
    whole = np.frombuffer(b"".join(keys), "<u4").astype(np.uint64) << np.uint64(32)
    sizes = np.diff(bounds)
    sizes[bare] = 1
    return np.insert(tokens, bounds[bare], whole), np.concatenate(([0], np.cumsum(sizes)))
