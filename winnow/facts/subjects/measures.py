"""Languages, lengths, turns and the key of the opening prompt."""

import numpy as np
import pyarrow as pa

from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import YES_OR_NO, column
from winnow.storage.types import Floats
from winnow.text.lengths import characters, cjk_characters, estimated_tokens, latin_equivalent
from winnow.text.normal import normalised, text_keys
from winnow.text.tokenizer import exact_tokens

_CODE = "ISO 639-1 code, or `und`"
_CASCADE = "scripts and function words, fastText lid.176 (Joulin et al. 2016), langdetect"
_LATIN = "Latin characters; a CJK one counts annotate.cjk_weight"


def measures(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return languages, lengths and turns of each row; ``tokens`` is null without ``settings.tokenizer_path``."""

    def length(column: pa.Array) -> Floats:
        return latin_equivalent(characters(column), cjk_characters(column), settings.cjk_weight)

    response, cjk = length(texts.response), cjk_characters(texts.conversation)
    path = settings.tokenizer_path
    return {
        "language": pa.array(texts.language.tolist(), pa.string()),
        "instruction_language": pa.array(texts.instruction_language.tolist(), pa.string()),
        "response_language": pa.array(texts.response_language.tolist(), pa.string()),
        "language_confidence": pa.array(np.round(texts.language_confidence, 3)),
        "instruction_chars": pa.array(characters(texts.instruction)),
        "response_chars": pa.array(characters(texts.response)),
        "instruction_length": pa.array(length(texts.instruction)),
        "response_length": pa.array(response),
        "answer_length": pa.array(response + length(texts.reasoning)),
        "prompt_length": pa.array(length(texts.user_turns)),
        "total_length": pa.array(latin_equivalent(characters(texts.conversation), cjk, settings.cjk_weight)),
        "est_tokens": pa.array(estimated_tokens(texts.conversation, cjk)),
        "tokens": exact_tokens(texts.conversation, path) if path else pa.nulls(len(texts), pa.int32()),
        "turns": pa.array(texts.turns),
        "calls_tool": pa.array(texts.calls_tool),
        "offers_tools": pa.array(texts.offers_tools),
        "prompt_key": text_keys(normalised(texts.opening)),
    }


SUBJECT = Subject(
    [
        column(
            "language",
            pa.string(),
            "Language of the row: the response's, or the instruction's where the response shows none.",
            _CODE,
            _CASCADE,
        ),
        column("instruction_language", pa.string(), "Language of the last user turn.", _CODE, _CASCADE),
        column("response_language", pa.string(), "Language of the response.", _CODE, _CASCADE),
        column(
            "language_confidence",
            pa.float64(),
            "Confidence in `language`: 1 where scripts or function words decide, else fastText's probability.",
            "probability, 0 to 1",
            _CASCADE,
        ),
        column("instruction_chars", pa.int32(), "Length of the last user turn.", "Unicode code points"),
        column("response_chars", pa.int32(), "Length of the response.", "Unicode code points"),
        column("instruction_length", pa.float64(), "Length of the last user turn, comparable in all scripts.", _LATIN),
        column("response_length", pa.float64(), "Length of the response, comparable in all scripts.", _LATIN),
        column("answer_length", pa.float64(), "Length of the response and of the reasoning before it.", _LATIN),
        column("prompt_length", pa.float64(), "Length of all user turns together.", _LATIN),
        column("total_length", pa.float64(), "Length of the whole row, system prompt and context included.", _LATIN),
        column(
            "est_tokens",
            pa.int32(),
            "Estimated tokens of the whole row: a Latin word counts 1 or 2, a CJK character 0.72, other signs 0.9.",
            "tokens of a current BPE tokenizer",
            "Winnow; 1.04 of Qwen's count in English, 1.11 in Chinese",
        ),
        column(
            "tokens",
            pa.int32(),
            "Exact tokens of the whole row, without special tokens; empty where no tokenizer is set.",
            "tokens of annotate.tokenizer_path",
            "the tokenizer.json named there",
        ),
        column("turns", pa.int32(), "Messages of the conversation, the response included.", "messages"),
        column("calls_tool", pa.bool_(), "The last turn calls a tool, so its text may be empty.", YES_OR_NO),
        column("offers_tools", pa.bool_(), "The row defines tools.", YES_OR_NO),
        column(
            "prompt_key",
            pa.string(),
            "BLAKE2b of context and first user turn in normal form; equal opening prompts have equal keys.",
            "128-bit digest",
        ),
    ],
    measures,
)
