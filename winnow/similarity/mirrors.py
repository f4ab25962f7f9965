"""The two directions of a translation pair: each row's reply stands in the other's prompt."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.keys import RowKeys, said
from winnow.similarity.parts import plain
from winnow.storage.types import U64, Ints
from winnow.text.columns import matches
from winnow.text.tokens import hashed_tokens

_SHORTEST = 4  # tokens of a reply that may be the other side of a pair
_LANGUAGES = "english|chinese|french|german|spanish|japanese|russian|korean|italian|portuguese"
_TRANSLATES = (
    rf"(?i)translat|翻译|翻譯|译成|译为|譯|traduc|traduis|übersetz|(?:into|in|to|from) (?:{_LANGUAGES})|中文|英文|英语"
)


class Segments(NamedTuple):
    """Hashes of what prompts may ask to translate (``segment``, of rows ``owner``), and of the replies to them."""

    rows: int
    owner: Ints
    segment: U64
    answered: Ints
    reply: U64


def segments(table: pa.Table, keys: RowKeys) -> Segments:
    """Return the context, the last line and what follows the first colon of each prompt that asks for a translation."""
    instruction = views.instruction(table).fill_null("")
    some = np.flatnonzero(matches(instruction, _TRANSLATES) & (keys.tokens >= _SHORTEST))
    at = pa.array(some)
    asked, context = pc.utf8_rtrim_whitespace(instruction.take(at)), views.context(table).take(at)
    after = pc.replace_substring_regex(asked, r"(?s)^[^:：]*[:：]", "")
    last = pc.replace_substring_regex(asked, r"(?s)^.*\n", "")
    counts, hashes = said(hashed_tokens(plain(pa.concat_arrays([context, after, last]))))
    long = counts >= _SHORTEST
    return Segments(len(table), np.tile(some, 3)[long], hashes[long], some, keys.said[some])


def stacked(parts: Sequence[Segments]) -> Segments:
    """Return the segments of tables laid end to end."""
    first = np.concatenate(([0], np.cumsum([part.rows for part in parts]))).astype(np.int64)
    return Segments(
        int(first[-1]),
        np.concatenate([np.zeros(0, np.int64), *(part.owner + at for part, at in zip(parts, first, strict=False))]),
        np.concatenate([np.zeros(0, np.uint64), *(part.segment for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(part.answered + at for part, at in zip(parts, first, strict=False))]),
        np.concatenate([np.zeros(0, np.uint64), *(part.reply for part in parts)]),
    )


def mirrored(found: Segments) -> Ints:
    """Return pairs of rows, the earlier first, whose replies stand in each other's prompts, sorted."""
    order = np.argsort(found.segment, kind="stable")
    segment, owner = found.segment[order], found.owner[order]
    begin, end = np.searchsorted(segment, found.reply), np.searchsorted(segment, found.reply, "right")
    sizes = np.minimum(end - begin, _MOST)
    here = np.repeat(found.answered, sizes)
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    there = owner[np.repeat(begin, sizes) + offset]
    pairs = np.stack((here, there), axis=1)[here != there]
    codes = np.unique(pairs[:, 0] * found.rows + pairs[:, 1])
    back = np.isin(codes % max(found.rows, 1) * found.rows + codes // max(found.rows, 1), codes)
    both = np.stack(np.divmod(codes[back], max(found.rows, 1)), axis=1)
    return both[both[:, 0] < both[:, 1]]


_MOST = 8  # rows whose prompt holds one reply, of which no more are looked at
