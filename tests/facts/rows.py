"""Texts of made-up rows, without records."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.texts import Texts
from winnow.text import language


def texts_of(rows: list[tuple[str, str, str]]) -> Texts:
    """Return the texts of rows of instruction, context and response, each one exchange."""
    instruction, context, response = (pa.array([row[at] for row in rows], pa.string()) for at in range(3))
    of_instruction, of_response = language.identify_pairs(instruction, response)
    prompt = pc.binary_join_element_wise(context, instruction, "\n")
    empty = pa.array([""] * len(rows), pa.string())
    values: dict[str, Any] = dict.fromkeys(
        ("row_id", "source", "kind", "system", "reasoning", "rejected", "metadata"), empty
    )
    return Texts(
        **values,
        context=context,
        instruction=instruction,
        user_turns=instruction,
        prompt=prompt,
        opening=prompt,
        group=pa.nulls(len(rows), pa.string()),
        first_turn=instruction,
        opening_request=pc.binary_join_element_wise(instruction, context, "\n\n"),
        response=response,
        conversation=pc.binary_join_element_wise(prompt, response, "\n"),
        turns=np.full(len(rows), 2),
        calls_tool=np.zeros(len(rows), bool),
        offers_tools=np.zeros(len(rows), bool),
        language=of_response.codes,
        instruction_language=of_instruction.codes,
        response_language=of_response.codes,
        language_confidence=of_response.confidence,
    )
