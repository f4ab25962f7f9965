"""Statistics of a row's response: sentences, diversity, repetition, characters, structure, coverage of the prompt."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.coverage import coverage
from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.facts.vocabulary import unknown_word_rate
from winnow.records.meaning import WINNOW, YES_OR_NO, column
from winnow.text import structure
from winnow.text.characters import mix
from winnow.text.codepoints import slices
from winnow.text.diversity import compression_ratio, gaps, mtld, type_token_ratio
from winnow.text.repetition import duplicate_lines, ngram_repetition
from winnow.text.sentences import sentences
from winnow.text.words import words

SLICE = 1 << 21  # characters of responses that are code points in memory at a time

_GOPHER = "Gopher (Rae et al. 2021, table A1), on mixed tokens"
_UNICODE = "Unicode general categories"
_SCRIPT = "Unicode scripts"


def _share(name: str, what: str, source: str = WINNOW) -> pa.Field:
    return column(name, pa.float64(), f"Share of {what}", "share, 0 to 1", source)


def _has(name: str, what: str) -> pa.Field:
    text = "response" if name.startswith("response") else "prompt (context and user turns)"
    return column(name, pa.bool_(), f"The {text} holds {what}.", YES_OR_NO)


_CODE = "lines of a programming, markup or query language"
_MATH = "LaTeX, mathematical signs or an equation with an operation"
_TABLE = "a table, in Markdown or in columns cut by bars, tabs or spaces"
_LIST = "a list of two items or more"
_URL = "a web address"

FIELDS = [
    column("sentences", pa.int32(), "Sentences of the response; a heading and a list item are one each.", "sentences"),
    column("sentence_length", pa.float64(), "Mean length of the response's sentences.", "mixed tokens a sentence"),
    _share(
        "type_token_ratio", "different tokens among the first 50 of the response.", "type-token ratio (Templin 1957)"
    ),
    column(
        "mtld",
        pa.float64(),
        "Lexical diversity of the response's first 1,000 tokens: mean length of runs whose type-token ratio stays "
        "above 0.72; means little below 50 tokens.",
        "mixed tokens",
        "MTLD (McCarthy and Jarvis 2010)",
    ),
    _share("compression_ratio", "the response's UTF-8 bytes that is left when zlib packs it.", "deflate (RFC 1951)"),
    _share("duplicate_line_share", "the response's lines that repeat an earlier line.", _GOPHER),
    _share("duplicate_line_char_share", "the response's characters in lines that repeat an earlier line.", _GOPHER),
    _share(
        "top_2gram_share",
        "the tokens' characters in the most frequent 2-gram of those that the response repeats.",
        _GOPHER,
    ),
    _share(
        "top_3gram_share",
        "the tokens' characters in the most frequent 3-gram of those that the response repeats.",
        _GOPHER,
    ),
    _share(
        "top_4gram_share",
        "the tokens' characters in the most frequent 4-gram of those that the response repeats.",
        _GOPHER,
    ),
    _share("duplicate_5gram_share", "the tokens' characters in 5-grams that stood in the response before.", _GOPHER),
    _share("duplicate_10gram_share", "the tokens' characters in 10-grams that stood in the response before.", _GOPHER),
    _share("letter_share", "letters and combining marks among the response's characters.", _UNICODE),
    _share("digit_share", "digits and other numbers among the response's characters.", _UNICODE),
    _share("punctuation_share", "punctuation and symbols, emoji too, among the response's characters.", _UNICODE),
    _share("whitespace_share", "white space among the response's characters.", _UNICODE),
    _share("nonprintable_share", "control, format, private and unassigned characters in the response.", _UNICODE),
    _share("han_share", "Han characters among the response's letters.", _SCRIPT),
    _share("latin_share", "Latin letters among the response's letters.", _SCRIPT),
    _share("other_script_share", "letters of any script but Han and Latin among the response's letters.", _SCRIPT),
    column("script", pa.string(), "Script of most of the response's letters; `none` without one.", "name", _SCRIPT),
    _has("response_has_code", _CODE),
    _has("response_has_math", _MATH),
    _has("response_has_table", _TABLE),
    _has("response_has_list", _LIST),
    _has("response_has_url", _URL),
    column("list_items", pa.int32(), "Lines of the response that begin as an item of a list.", "lines"),
    _has("prompt_has_code", _CODE),
    _has("prompt_has_math", _MATH),
    _has("prompt_has_table", _TABLE),
    _has("prompt_has_url", _URL),
    _share(
        "keyword_coverage", "the instruction's different keywords that the response takes up; 1 where there are none."
    ),
    _share(
        "entity_coverage",
        "the instruction's names, numbers and quotations that the response takes up; 1 where there are none.",
    ),
    _share(
        "unknown_word_rate",
        "the response's words in small letters that no English word list has; empty where it holds code or another "
        "language.",
    ),
]
"""All of the response, where the name does not say otherwise; shares and ratios are rounded to 4 digits."""


def statistics(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return the statistics of each row: :data:`FIELDS`. Each measure says what it is for an empty text."""
    values = _of_responses(texts) | _of_structure(texts)
    columns = {field.name: pa.array(values[field.name], field.type) for field in FIELDS}
    known = (texts.response_language == "en") & ~values["response_has_code"]
    columns["unknown_word_rate"] = pc.if_else(pa.array(known), columns["unknown_word_rate"], None)
    return columns


def _of_responses(texts: Texts) -> dict[str, npt.NDArray[Any]]:
    tokens = texts.tokens("response")
    distances = gaps(tokens)
    line_share, line_char_share = duplicate_lines(texts.response)
    parts = [
        _of_slice(part, texts.instruction.slice(start, len(part))) for start, part in slices(texts.response, SLICE)
    ] or [_of_slice(texts.response, texts.instruction)]
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return values | {
        "sentence_length": np.round(np.diff(tokens.bounds) / np.maximum(values["sentences"], 1), 4),
        "type_token_ratio": type_token_ratio(tokens, distances),
        "mtld": mtld(tokens, distances),
        "compression_ratio": compression_ratio(texts.response),
        "duplicate_line_share": line_share,
        "duplicate_line_char_share": line_char_share,
    }


def _of_slice(responses: pa.Array, instructions: pa.Array) -> dict[str, npt.NDArray[Any]]:
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


def _of_structure(texts: Texts) -> dict[str, npt.NDArray[Any]]:
    items = structure.list_items(texts.response)
    values: dict[str, npt.NDArray[Any]] = {"list_items": items, "response_has_list": structure.has_list(items)}
    for name, text in (("response", texts.response), ("prompt", texts.prompt)):
        code = structure.has_code(text)
        values |= {
            f"{name}_has_code": code,
            f"{name}_has_math": structure.has_math(text, code),
            f"{name}_has_table": structure.has_table(text),
            f"{name}_has_url": structure.has_url(text),
        }
    return values


SUBJECT = Subject(FIELDS, statistics)
