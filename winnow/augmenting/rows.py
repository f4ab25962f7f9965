"""Rows whose prompt may get constraints: one question in plain words, one reply in prose or lists, of one language."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.constraints.kinds import LANGUAGES
from winnow.facts.subject import Settings
from winnow.facts.subjects.tags import tags
from winnow.facts.texts import texts
from winnow.storage.types import Bools, Labels
from winnow.text.columns import byte_lengths, matches
from winnow.text.scripts import traditional

LONGEST = 400, 6000
"""Bytes of an instruction, and of a reply, above which a row is left alone."""
_NOT_ASKED = r"[:：`{}<>|=\\]|https?:|_{2,}|\n\s*\n|\.{3}|…"
"""In an instruction: data that stand behind it, code, links, gaps to fill."""
_NOT_SAID = r"```|\\[a-zA-Z(\[]|https?:|</?[a-zA-Z]+/?>|\{\{|_{3,}|(?m)^[ \t]*(?:def|import|class|SELECT|#include)\b"
"""In a reply: code, formulas, links, forms to fill."""


class Fit(NamedTuple):
    """What a batch of rows is: which may get constraints, which replies count as usual ones, task type, language."""

    fit: Bools
    usual: Bools
    task: Labels
    language: Labels
    response: pa.Array


class Row(NamedTuple):
    """A row that may get constraints."""

    row_id: str
    task: str
    language: str


def fit(table: pa.Table, settings: Settings, sources: Collection[str]) -> Fit:
    """Return what the rows of a table of records are; only rows of ``sources`` may get constraints, if it has any.

    Left alone are conversations of several turns, rows with a system prompt, context, tools, reasoning or rejected
    replies, rows that were made from others, those whose licence has only a name, traditional Chinese, and other
    languages than English and Chinese.
    """
    batch = texts(table)
    task = np.array(tags(batch, settings)["task"].to_pylist(), dtype=object)
    usual = np.isin(_text(batch.kind), ["sft", "preference"]) & (byte_lengths(batch.response) > 0)
    usual &= np.isin(batch.response_language, LANGUAGES)
    plain = usual & (_text(batch.kind) == "sft") & (batch.turns == 2) & ~batch.calls_tool & ~batch.offers_tools
    for column in (batch.system, batch.context, batch.reasoning, batch.rejected):
        plain &= byte_lengths(column) == 0
    plain &= ~pc.greater(pc.list_value_length(table["parents"]), 0).fill_null(False).to_numpy()
    plain &= _text(table["license"]) != "other"
    plain &= batch.instruction_language == batch.response_language
    plain &= (byte_lengths(batch.instruction) <= LONGEST[0]) & (byte_lengths(batch.response) <= LONGEST[1])
    plain &= ~matches(batch.instruction, _NOT_ASKED) & ~matches(batch.response, _NOT_SAID)
    plain &= pc.not_equal(batch.instruction, batch.response).to_numpy(zero_copy_only=False)
    # the words of constraints are in simplified characters
    plain &= ~traditional(batch.instruction) & ~traditional(batch.response)
    if sources:
        plain &= np.isin(_text(batch.source), sorted(sources))
    return Fit(plain, usual, task, batch.response_language, batch.response)


def _text(column: pa.Array | pa.ChunkedArray) -> Labels:
    return np.array(column.to_pylist(), dtype=object)
