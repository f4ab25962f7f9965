"""Languages, lengths, turns and the key of the opening prompt."""

import numpy as np
import pyarrow as pa

from winnow.facts.texts import Texts
from winnow.text import lengths
from winnow.text.normal import normalised, text_keys
from winnow.text.tokenizer import exact_tokens

FIELDS = [
    pa.field("language", pa.string()),
    pa.field("instruction_language", pa.string()),
    pa.field("response_language", pa.string()),
    pa.field("language_confidence", pa.float64()),
    pa.field("instruction_chars", pa.int32()),
    pa.field("response_chars", pa.int32()),
    pa.field("instruction_length", pa.float64()),
    pa.field("response_length", pa.float64()),
    pa.field("answer_length", pa.float64()),
    pa.field("prompt_length", pa.float64()),
    pa.field("total_length", pa.float64()),
    pa.field("est_tokens", pa.int32()),
    pa.field("tokens", pa.int32()),
    pa.field("turns", pa.int32()),
    pa.field("calls_tool", pa.bool_()),
    pa.field("offers_tools", pa.bool_()),
    pa.field("prompt_key", pa.string()),
]


def measures(texts: Texts, cjk_weight: float, tokenizer_path: str = "") -> dict[str, pa.Array]:
    """Return languages, lengths and turns of each row.

    Lengths are in Latin characters: a CJK character counts ``cjk_weight``. ``answer_length`` is the response with
    its reasoning, ``prompt_length`` all user turns. ``tokens`` is the exact number by the tokenizer at
    ``tokenizer_path``, null where there is none.
    """

    def length(column: pa.Array) -> np.ndarray:
        return lengths.latin_equivalent(lengths.characters(column), lengths.cjk_characters(column), cjk_weight)

    response = length(texts.response)
    return {
        "language": pa.array(texts.language.tolist(), pa.string()),
        "instruction_language": pa.array(texts.instruction_language.tolist(), pa.string()),
        "response_language": pa.array(texts.response_language.tolist(), pa.string()),
        "language_confidence": pa.array(np.round(texts.language_confidence, 3)),
        "instruction_chars": pa.array(lengths.characters(texts.instruction)),
        "response_chars": pa.array(lengths.characters(texts.response)),
        "instruction_length": pa.array(length(texts.instruction)),
        "response_length": pa.array(response),
        "answer_length": pa.array(response + length(texts.reasoning)),
        "prompt_length": pa.array(length(texts.user_turns)),
        "total_length": pa.array(length(texts.conversation)),
        "est_tokens": pa.array(
            lengths.estimated_tokens(texts.conversation, lengths.cjk_characters(texts.conversation))
        ),
        "tokens": exact_tokens(texts.conversation, tokenizer_path)
        if tokenizer_path
        else pa.nulls(len(texts), pa.int32()),
        "turns": pa.array(texts.turns),
        "calls_tool": pa.array(texts.calls_tool),
        "offers_tools": pa.array(texts.offers_tools),
        "prompt_key": text_keys(normalised(texts.opening)),
    }
