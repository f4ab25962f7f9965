"""What is counted in a reply, as columns: each count by the strictest and by the loosest of the usual ways.

There is more than one way to count words or sentences ("e.g.", "well-known", 3.5, a heading). Each measure here gives
the fewest and the most, so that a constraint is only said to be met where it is met however one counts.

The groups follow IFEval (Zhou et al. 2023). In Chinese, length is counted in characters and sentences end with 。！？.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import Bools, Ints
from winnow.text.columns import counts, matches
from winnow.text.sentences import sentences as sentences_of
from winnow.text.words import words as words_of

ZH = "zh"
LINE = r"(?m)^[ \t]*"
REST = r"[^\n]*"
"""The rest of a line. What counts lines must take all of it: Arrow looks on behind a match as if a text began there."""
BULLET = r"(?:[-*+•·●▪◦][ \t]+)"
NUMBER = r"(?:\(?[0-9]{1,3}(?:[.)][ \t]+|[、．）][ \t]*)|[（][0-9]{1,3}[）])"


class Counts(NamedTuple):
    """The fewest and the most that may be counted in each text."""

    low: Ints
    high: Ints


Measure = Callable[[pa.Array, str], Counts]
"""Counts something in each text, which are in the language given."""


def _by(*ways: Ints) -> Counts:
    every = np.stack(ways)
    return Counts(every.min(axis=0), every.max(axis=0))


def _pattern(pattern: str) -> Measure:
    def measure(texts: pa.Array, language: str) -> Counts:
        return _by(counts(texts, pattern))

    return measure


def _each(function: Callable[[str], int]) -> Measure:
    def measure(texts: pa.Array, language: str) -> Counts:
        return _by(np.fromiter(map(function, texts.to_pylist()), np.int64, len(texts)))

    return measure


def length(texts: pa.Array, language: str) -> Counts:
    """Count words; in Chinese characters, with and without punctuation, Latin letters and digits.

    >>> length(pa.array(["A well-known man's dog - 1.5 m."]), "en")
    Counts(low=array([5]), high=array([9]))
    >>> length(pa.array(["用 Python 写。"]), "zh")
    Counts(low=array([2]), high=array([9]))
    """
    if language == ZH:
        return _by(counts(texts, r"\p{Han}"), counts(texts, r"[\p{Han}\p{N}]|[\p{L}]+"), counts(texts, r"\S"))
    ways = (r"\S+", r"[\p{L}\p{N}]+", r"[\p{L}\p{N}_'’-]*[\p{L}\p{N}][\p{L}\p{N}_'’-]*", r"[\p{L}][\p{L}'’-]*")
    return _by(*(counts(texts, way) for way in ways))


def sentences(texts: pa.Array, language: str) -> Counts:
    """Count sentences: by every run of signs that end one, by those before white space, and with abbreviations known.

    >>> sentences(pa.array(["Dr. No came. He left!", "It rains. I stay"]), "en")
    Counts(low=array([2, 2]), high=array([3, 2]))
    >>> sentences(pa.array(["你好。再见！", "下雨了"]), "zh")
    Counts(low=array([2, 1]), high=array([2, 1]))
    """
    signs = "[。！？!?]" if language == ZH else "[.!?]"
    after = "" if language == ZH else r"""["'”’)\]*]*(?:\s|$)"""
    open_end = ~matches(texts, rf"""(?:{signs}|…)["'”’」）)\]*]*\s*$""") & matches(texts, r"\S")
    if language == ZH:  # signs of half width may stand inside a name or a piece of code
        full = counts(texts, "[。！？]+") + (~matches(texts, r"""[。！？…]["'”’」）)]*\s*$""") & matches(texts, r"\S"))
    else:
        full = sentences_of(words_of(texts)).astype(np.int64)
    runs, ends = counts(texts, rf"{signs}+"), counts(texts, rf"{signs}+{after}")
    cut = ~matches(texts, rf"{signs}\s*$") & matches(texts, r"\S")
    bare = ends + open_end if language == ZH else counts(texts, rf"{signs}+(?:\s|$)") + cut
    lines = counts(texts, r"(?m)^[^\n]*[\p{L}\p{N}]")
    known = sentences_of(words_of(texts)).astype(np.int64)
    plain = np.where(lines > 1, np.maximum(known, ends + open_end), ends + open_end)
    return _by(runs + open_end, ends + open_end, plain, known, full, bare)


_SENTENCE = re.compile(r"(?<=[.!?])\s+")  # a sign before a closing quotation mark may end none
_SENTENCE_ZH = re.compile(r"(?<=[。！？!?])")


def longest_sentence(texts: pa.Array, language: str) -> Counts:
    """Return the length of the longest sentence, in words or Chinese characters; a line need not end one."""
    parts = [(_SENTENCE_ZH if language == ZH else _SENTENCE).split(text) for text in texts.to_pylist()]
    flat = [part for some in parts for part in some]
    found = length(pa.array(flat, pa.string()), language)
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    if not flat:
        return Counts(np.zeros(0, np.int64), np.zeros(0, np.int64))
    return Counts(np.maximum.reduceat(found.low, starts), np.maximum.reduceat(found.high, starts))


def paragraphs(texts: pa.Array, language: str) -> Counts:
    """Count paragraphs: parts between blank lines, and lines with text."""
    blocks = pc.utf8_trim_whitespace(texts)
    parts = counts(blocks, r"\n[ \t\x{3000}]*\n\s*") + matches(blocks, r"\S")
    return _by(parts, counts(texts, r"(?m)^[^\n]*\S"))


def bullets(texts: pa.Array, language: str) -> Counts:
    """Count items of bulleted lists: those at the left edge, and all."""
    return _by(counts(texts, rf"(?m)^{BULLET}\S{REST}"), counts(texts, rf"{LINE}{BULLET}\S{REST}"))


def numbered(texts: pa.Array, language: str) -> Counts:
    """Count items of numbered lists: those at the left edge, and every line that begins with a number and a sign."""
    loose = r"[(（]?[0-9]{1,3}[.)、．：:）]"
    return _by(counts(texts, rf"(?m)^{NUMBER}\S{REST}"), counts(texts, rf"{LINE}{loose}{REST}"))


def list_lines(texts: pa.Array, language: str) -> Counts:
    """Count lines that look like items of a list of any form."""
    steps = r"(?:(?i:step|day|tip)[ \t]*[0-9]+|[a-zA-Z][.)][ \t]|[①-⑳]|第?[一二三四五六七八九十]+[、.．：:是])"
    strict = counts(texts, rf"{LINE}(?:{BULLET}|{NUMBER})\S{REST}")
    return _by(
        strict, counts(texts, rf"{LINE}(?:[-*+•·●▪◦–—]|\(?[0-9]{{1,3}}[.)、．:：）]|[（][0-9]+[）]|{steps}){REST}")
    )


def json_objects(text: str) -> int:
    """Return 1 where the whole text is a JSON object or list, in a code block or bare, else 0."""
    fenced = re.fullmatch(r"```(?:json)?\s*\n(.*?)\n?```", text.strip(), re.DOTALL)
    try:
        return int(isinstance(json.loads(fenced[1] if fenced else text), dict | list))
    except (ValueError, RecursionError):
        return 0


def lower_case(texts: pa.Array, language: str) -> Counts:
    """Return 1 for texts with letters of which none is a capital."""
    return _by((matches(texts, r"\p{Ll}") & ~matches(texts, r"\p{Lu}")).astype(np.int64))


def upper_case(texts: pa.Array, language: str) -> Counts:
    """Return 1 for texts with letters of which all are capitals."""
    return _by((matches(texts, r"\p{Lu}") & ~matches(texts, r"\p{Ll}")).astype(np.int64))


def commas(texts: pa.Array, language: str) -> Counts:
    """Count commas of either width; the sign that parts items in Chinese (、) is another one."""
    return _by(counts(texts, "[,，﹐︐]"))


def capital_words(texts: pa.Array, language: str) -> Counts:
    """Count words in capitals: of two letters or more, and with single letters such as I and A."""
    return _by(counts(texts, r"\b[A-Z]{2,}\b"), counts(texts, r"\b[A-Z]+[A-Z0-9]*\b"))


def tables(texts: pa.Array, language: str) -> Counts:
    """Count Markdown tables, by the line below their head."""
    return _by(counts(texts, r"(?m)^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$"))


def code_blocks(texts: pa.Array, language: str) -> Counts:
    """Count fenced blocks of code."""
    return _by(counts(texts, r"(?m)^[ \t]*```[^\n]*") // 2)


MEASURES: Mapping[str, Measure] = {
    "length": length,
    "sentences": sentences,
    "longest_sentence": longest_sentence,
    "paragraphs": paragraphs,
    "bullets": bullets,
    "numbered": numbered,
    "list_lines": list_lines,
    "headings": _pattern(r"(?m)^#{1,6} +\S[^\n]*"),
    "bold": _pattern(r"\*\*[^*\n]*[^*\s][^*\n]*\*\*"),
    "tables": tables,
    "code_blocks": code_blocks,
    "json": _each(json_objects),
    "titles": _pattern(r"(?:^|[^<])<<[^<>\n]*[^<>\s][^<>\n]*>>(?:[^>]|$)"),
    "placeholders": _pattern(r"\[[\p{L}][^\[\]\n()]*\](?:[^(]|$)"),
    "postscripts": _pattern(r"(?m)^[ \t*]*(?:P\.? ?S\.?[:： ]|附注|又及|附言)[^\n]*"),
    "separators": _pattern(r"(?m)^[ \t]*\*{6}[ \t]*$"),
    "quoted": _pattern(r"(?s)^\s*[\"“「『].*[\"”」』]\s*$"),
    "question_ends": _pattern(r"[?？][\"'”’」）)*]*\s*$"),
    "questions": _pattern(r"[?？]+"),
    "exclamations": _pattern(r"[!！]+"),
    "commas": commas,
    "digits": _pattern(r"\p{Nd}"),
    "brackets": _pattern(r"[()（）\[\]【】]"),
    "capital_words": capital_words,
    "lower_case": lower_case,
    "upper_case": upper_case,
}
"""Everything that can be counted in a reply, by the name that a constraint's ``check`` has it."""

RELATIONS: Mapping[str, Callable[[Counts, Ints], Bools]] = {
    "exactly": lambda found, asked: (found.low == asked) & (found.high == asked),
    "at_least": lambda found, asked: found.low >= asked,
    "at_most": lambda found, asked: found.high <= asked,
    "some": lambda found, _: found.low > 0,
    "no": lambda found, _: found.high == 0,
}
"""What a constraint says of a count. A text meets it if it does by every way of counting."""
