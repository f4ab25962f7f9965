"""The texts that facts are stated of, taken from a batch of records once."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.text import language
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, Tokens, hashed_tokens, joined

COLUMNS = [
    *(
        "row_id",
        "source",
        "kind",
        "content_hash",
        "parents",
        "system",
        "context",
        "messages",
        "margin",
        "tools",
        "metadata",
    ),
]
"""The columns of records that facts are made from."""


@dataclass(frozen=True)
class Texts:
    """One batch of rows as columns of text; every array has one value a row and no nulls.

    ``instruction`` is the last user turn before the response, ``user_turns`` all of them, ``prompt`` context and user
    turns, ``opening`` context and first user turn, ``response`` the last turn, ``reasoning`` what it thought before,
    ``conversation`` everything; ``metadata`` is JSON text.
    """

    source: pa.Array
    kind: pa.Array
    system: pa.Array
    context: pa.Array
    instruction: pa.Array
    user_turns: pa.Array
    prompt: pa.Array
    opening: pa.Array
    response: pa.Array
    reasoning: pa.Array
    conversation: pa.Array
    metadata: pa.Array
    turns: npt.NDArray[np.int64]
    calls_tool: npt.NDArray[np.bool_]
    offers_tools: npt.NDArray[np.bool_]
    language: npt.NDArray[np.object_]
    instruction_language: npt.NDArray[np.object_]
    response_language: npt.NDArray[np.object_]
    language_confidence: npt.NDArray[np.float64]
    _tokens: dict[str, Tokens] = field(default_factory=dict, compare=False)

    def __len__(self) -> int:
        return len(self.response)

    def tokens(self, name: str) -> Tokens:
        """Return the mixed tokens of the text column ``name``, normalised; made once."""
        if name not in self._tokens:
            column = normalised(getattr(self, name))
            self._tokens[name] = joined([hashed_tokens(some) for _, some in slices(column, SLICE)])
        return self._tokens[name]


def texts(table: pa.Table) -> Texts:
    """Return the texts of a table of records with :data:`COLUMNS`.

    ``language`` is the response's, or the instruction's where the response has none to tell (a number, a formula).
    """
    instruction, response = views.instruction(table), views.response(table)
    said, answered = language.identify_pairs(instruction, response)
    open_ = answered.codes == language.UNKNOWN
    return Texts(
        source=_column(table, "source"),
        kind=_column(table, "kind"),
        system=_column(table, "system"),
        context=views.context(table),
        instruction=instruction,
        user_turns=views.user_turns(table),
        prompt=views.prompts(table),
        opening=views.opening_prompt(table),
        response=response,
        reasoning=views.reasoning(table),
        conversation=views.conversation(table),
        metadata=_column(table, "metadata"),
        turns=views.turn_counts(table),
        calls_tool=views.calls_tool(table).to_numpy(zero_copy_only=False),
        offers_tools=pc.is_valid(table["tools"]).to_numpy(),
        language=np.where(open_, said.codes, answered.codes),
        instruction_language=said.codes,
        response_language=answered.codes,
        language_confidence=np.where(open_, said.confidence, answered.confidence),
    )


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table[name]
    return (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).fill_null("")
