"""The texts that facts are stated of, taken from a batch of records once."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.storage.types import Bools, Floats, Ints, Labels
from winnow.text import language
from winnow.text.form import tokens_of
from winnow.text.tokens import Tokens

COLUMNS = [
    *("row_id", "source", "kind", "content_hash", "parents", "margin", "group"),
    *("system", "context", "messages", "rejected", "tools", "metadata"),
]
"""The columns of records that facts are made from."""


@dataclass(frozen=True)
class Texts:
    """One batch of rows as columns of text; every array has one value a row and no nulls.

    ``instruction`` is the last user turn before the response, ``user_turns`` all of them, ``prompt`` context and user
    turns, ``opening`` context and first user turn, ``opening_request`` the same as chat formats have it, ``response``
    the last turn, ``reasoning`` the thoughts before it, ``rejected`` the worse replies, ``conversation`` everything
    else; ``metadata`` is JSON text. ``group`` alone may be null.
    """

    row_id: pa.Array
    source: pa.Array
    kind: pa.Array
    group: pa.Array
    system: pa.Array
    context: pa.Array
    instruction: pa.Array
    user_turns: pa.Array
    prompt: pa.Array
    opening: pa.Array
    first_turn: pa.Array
    opening_request: pa.Array
    response: pa.Array
    reasoning: pa.Array
    rejected: pa.Array
    conversation: pa.Array
    metadata: pa.Array
    turns: Ints
    calls_tool: Bools
    offers_tools: Bools
    language: Labels
    instruction_language: Labels
    response_language: Labels
    language_confidence: Floats
    _tokens: dict[str, Tokens] = field(default_factory=dict, compare=False)

    def __len__(self) -> int:
        return len(self.response)

    def tokens(self, name: str) -> Tokens:
        """Return the mixed tokens of the text column ``name`` in normal form; made once."""
        if name not in self._tokens:
            self._tokens[name] = tokens_of(getattr(self, name))
        return self._tokens[name]


def texts(table: pa.Table) -> Texts:
    """Return the texts of a table of records with :data:`COLUMNS`.

    ``language`` is the response's, or the instruction's where the response shows none (a number, a formula).
    """
    instruction, response = views.instruction(table), views.response(table)
    of_instruction, of_response = language.identify_pairs(instruction, response)
    unknown = of_response.codes == language.UNKNOWN
    return Texts(
        row_id=_column(table, "row_id"),
        source=_column(table, "source"),
        kind=_column(table, "kind"),
        group=table["group"].combine_chunks() if isinstance(table["group"], pa.ChunkedArray) else table["group"],
        system=_column(table, "system"),
        context=views.context(table),
        instruction=instruction,
        user_turns=views.user_turns(table),
        prompt=views.prompts(table),
        opening=views.opening_prompt(table),
        first_turn=views.first_turn(table),
        opening_request=views.opening_request(table),
        response=response,
        reasoning=views.reasoning(table),
        rejected=views.rejected(table).fill_null(""),
        conversation=views.conversation(table),
        metadata=_column(table, "metadata"),
        turns=views.turn_counts(table),
        calls_tool=views.calls_tool(table).to_numpy(zero_copy_only=False),
        offers_tools=pc.is_valid(table["tools"]).to_numpy(),
        language=np.where(unknown, of_instruction.codes, of_response.codes),
        instruction_language=of_instruction.codes,
        response_language=of_response.codes,
        language_confidence=np.where(unknown, of_instruction.confidence, of_response.confidence),
    )


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table[name]
    return (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).fill_null("")
