"""Statistics of a row's response: sentences, diversity, repetition, characters, structure, coverage of the prompt."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.coverage import coverage
from winnow.facts.texts import Texts
from winnow.facts.vocabulary import unknown_word_rate
from winnow.text import structure
from winnow.text.characters import mix
from winnow.text.codepoints import slices
from winnow.text.diversity import compression_ratio, gaps, mtld, type_token_ratio
from winnow.text.repetition import duplicate_lines, ngram_repetition
from winnow.text.sentences import sentences
from winnow.text.words import words

SLICE = 1 << 21  # characters of responses that are held as code points at a time

_SHARES = [
    "type_token_ratio",
    "mtld",
    "compression_ratio",
    "duplicate_line_share",
    "duplicate_line_char_share",
    "top_2gram_share",
    "top_3gram_share",
    "top_4gram_share",
    "duplicate_5gram_share",
    "duplicate_10gram_share",
    "letter_share",
    "digit_share",
    "punctuation_share",
    "whitespace_share",
    "nonprintable_share",
    "han_share",
    "latin_share",
    "other_script_share",
]
_PRESENT = ["code", "math", "table", "list", "url"]
_PRESENT_IN_PROMPT = ["code", "math", "table", "url"]

FIELDS = [
    pa.field("sentences", pa.int32()),
    pa.field("sentence_length", pa.float64()),
    *(pa.field(name, pa.float64()) for name in _SHARES),
    pa.field("script", pa.string()),
    *(pa.field(f"response_has_{what}", pa.bool_()) for what in _PRESENT),
    pa.field("list_items", pa.int32()),
    *(pa.field(f"prompt_has_{what}", pa.bool_()) for what in _PRESENT_IN_PROMPT),
    pa.field("keyword_coverage", pa.float64()),
    pa.field("entity_coverage", pa.float64()),
    pa.field("unknown_word_rate", pa.float64()),
]
"""All of the response, where the name does not say otherwise. Shares and ratios lie between 0 and 1 and are rounded to
4 digits; ``sentence_length`` is in mixed tokens, 0.0 where there is none. ``unknown_word_rate`` is null where it
cannot be told: for a response in another language than English, and for one with code."""


def statistics(texts: Texts) -> dict[str, pa.Array]:
    """Return the statistics of each row: :data:`FIELDS`. Each measure says what it is for an empty text."""
    found = _of_responses(texts) | _of_structure(texts)
    columns = {field.name: pa.array(found[field.name], field.type) for field in FIELDS}
    told = (texts.response_language == "en") & ~found["response_has_code"]
    columns["unknown_word_rate"] = pc.if_else(pa.array(told), columns["unknown_word_rate"], None)
    return columns


def _of_responses(texts: Texts) -> dict[str, npt.NDArray]:
    tokens = texts.tokens("response")
    distances = gaps(tokens)
    found: dict[str, npt.NDArray] = {
        "type_token_ratio": type_token_ratio(tokens, distances),
        "mtld": mtld(tokens, distances),
        "compression_ratio": compression_ratio(texts.response),
    }
    found["duplicate_line_share"], found["duplicate_line_char_share"] = duplicate_lines(texts.response)
    parts = [
        _of_slice(part, texts.instruction.slice(start, len(part))) for start, part in slices(texts.response, SLICE)
    ]
    parts = parts or [_of_slice(texts.response, texts.instruction)]
    found |= {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    found["sentence_length"] = np.round(np.diff(tokens.bounds) / np.maximum(found["sentences"], 1), 4)
    return found


def _of_slice(responses: pa.Array, instructions: pa.Array) -> dict[str, npt.NDArray]:
    response = words(responses)
    repetition, characters = ngram_repetition(response), mix(response.points, response.edges)
    covered = coverage(instructions, response)
    return {
        "sentences": sentences(response),
        **{f"top_{n}gram_share": getattr(repetition, f"top_{n}") for n in (2, 3, 4)},
        **{f"duplicate_{n}gram_share": getattr(repetition, f"duplicate_{n}") for n in (5, 10)},
        "letter_share": characters.letter,
        "digit_share": characters.digit,
        "punctuation_share": characters.sign,
        "whitespace_share": characters.space,
        "nonprintable_share": characters.hidden,
        "han_share": characters.scripts[:, 0],
        "latin_share": characters.scripts[:, 1],
        "other_script_share": characters.other_scripts,
        "script": characters.script,
        "keyword_coverage": covered.keywords,
        "entity_coverage": covered.entities,
        "unknown_word_rate": unknown_word_rate(response),
    }


def _of_structure(texts: Texts) -> dict[str, npt.NDArray]:
    items = structure.list_items(texts.response)
    found: dict[str, npt.NDArray] = {"list_items": items, "response_has_list": structure.has_list(items)}
    for name, text in (("response", texts.response), ("prompt", texts.prompt)):
        code = structure.has_code(text)
        found |= {
            f"{name}_has_code": code,
            f"{name}_has_math": structure.has_math(text, code),
            f"{name}_has_table": structure.has_table(text),
            f"{name}_has_url": structure.has_url(text),
        }
    return found
