"""Flags by phrases: the rules of ``lexicon/flags.yaml``, compiled once and tried column by column.

A rule is a map of conditions that must all hold. They are tried in the order in which they stand, each only on the
rows that are left, so the rarest comes first: 13 flags cost 20 µs a row of Alpaca. A condition names a text and lists,
by language, phrases or regexes of which one must be met (with ``unless_`` before it, none may be met):

- ``instruction``, ``context``, ``response``: anywhere in the text;
- ``…_has``: the same; for a cheap word to look for before a costly regex on the same text;
- ``…_starts``: where it begins, after any of the words under ``openers`` ("Sorry, but");
- ``…_ends``: where it ends, but for white space;
- ``…_whole``: the whole text but for punctuation around it ("[image]").

``context_is: empty | given``, ``turns: 2`` (one exchange), ``least_bytes`` and ``most_bytes`` (of the response in
UTF-8: a Latin letter counts 1, a Chinese character 3) narrow a rule further.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from winnow.facts import lexicon
from winnow.facts.texts import Texts
from winnow.storage.types import Bools, Ints
from winnow.text.columns import byte_lengths, matches, of_rows

LEXICON = "flags"
MEASURED = (
    *("code_translated", "echo", "refusal", "refusal_safety", "refusal_weak", "truncated", "verified_wrong"),
    "wrong_language",
)
"""Flags that code has a part in."""

Condition = Callable[[Texts, Ints], Bools]

_FIELDS = ("instruction", "context", "response")
_WAYS = ("", "_has", "_starts", "_ends", "_whole")
_PLACES = {unless + field + way: (field, way) for unless in ("", "unless_") for field in _FIELDS for way in _WAYS}
_LANGUAGES = ("any", "en", "zh")
_SIGNS = r"[\s\p{P}\p{S}]*"


@dataclass(frozen=True)
class Flag:
    """A flag: what it means, and the rules of which one must hold; no rules where it is measured in code."""

    meaning: str
    rules: tuple[tuple[Condition, ...], ...]


@cache
def rules() -> dict[str, Flag]:
    """Return the flags of the lexicon by name; what is wrong in it is a ``UserError`` that names the entry."""
    flags = compiled(lexicon.load(LEXICON))
    for name in MEASURED:
        if name not in flags:
            raise lexicon.mistake(LEXICON, "flags", f"lacks {name}, which is measured in code; add its meaning")
    return flags


def compiled(document: Mapping[str, Any]) -> dict[str, Flag]:
    """Return the flags that a lexicon's document declares."""
    parts = lexicon.section(LEXICON, "top", document, {"openers", "flags"}, {"openers", "flags"})
    openers = lexicon.alternation(_entries("openers", parts["openers"]))
    flags = parts["flags"]
    if not isinstance(flags, Mapping):
        raise lexicon.mistake(LEXICON, "flags", "must be a map of flags")
    return {str(name): _flag(f"flags.{name}", value, openers) for name, value in flags.items()}


def _flag(entry: str, value: object, openers: str) -> Flag:
    parts = lexicon.section(LEXICON, entry, value, {"meaning", "rules"}, {"meaning"})
    listed = parts.get("rules", [])
    if not isinstance(listed, list):
        raise lexicon.mistake(LEXICON, f"{entry}.rules", "must be a list of rules")
    rules = tuple(_rule(f"{entry}.rules[{index}]", rule, openers) for index, rule in enumerate(listed))
    return Flag(lexicon.sentence(LEXICON, f"{entry}.meaning", parts["meaning"]), rules)


def _rule(entry: str, value: object, openers: str) -> tuple[Condition, ...]:
    parts = lexicon.section(LEXICON, entry, value, {*_PLACES, "context_is", "turns", "least_bytes", "most_bytes"})
    if not any(key in _PLACES and not key.startswith("unless_") for key in parts):
        raise lexicon.mistake(LEXICON, entry, "names no text that must match; add one, such as response_starts")
    return tuple(_condition(f"{entry}.{key}", key, listed, openers) for key, listed in parts.items())


def _condition(entry: str, key: str, value: object, openers: str) -> Condition:
    if key == "context_is":
        if value not in ("empty", "given"):
            raise lexicon.mistake(LEXICON, entry, "must be empty or given")
        return lambda texts, rows: (byte_lengths(of_rows(texts.context, rows)) > 0) == (value == "given")
    if key in ("turns", "least_bytes", "most_bytes"):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise lexicon.mistake(LEXICON, entry, "must be a whole number above 0")
        if key == "turns":
            return lambda texts, rows: texts.turns[rows] == value
        sign = -1 if key == "least_bytes" else 1
        return lambda texts, rows: sign * byte_lengths(of_rows(texts.response, rows)) <= sign * value
    field, way = _PLACES[key]
    pattern = _pattern(lexicon.alternation(_entries(entry, value)), way, openers)
    wanted = not key.startswith("unless_")
    return lambda texts, rows: matches(of_rows(getattr(texts, field), rows), pattern) == wanted


def _pattern(alternatives: str, way: str, openers: str) -> str:
    if way == "_starts":
        return rf"^{_SIGNS}(?:{openers}{_SIGNS})*{alternatives}"
    if way == "_ends":
        return rf"{alternatives}\s*$"  # RE2 runs a pattern that ends so from the end of the text
    return rf"^{_SIGNS}{alternatives}{_SIGNS}$" if way == "_whole" else alternatives


def _entries(entry: str, value: object) -> list[str]:
    """Return the patterns of lists by language, in the order in which they stand."""
    by_language = lexicon.section(LEXICON, entry, value, _LANGUAGES)
    listed = [
        pattern for code, one in by_language.items() for pattern in lexicon.patterns(LEXICON, f"{entry}.{code}", one)
    ]
    if not listed:
        raise lexicon.mistake(LEXICON, entry, "lists nothing; add a phrase")
    return listed


def holds(flag: Flag, texts: Texts, among: Bools | None = None) -> Bools:
    """Return a mask of the rows (all, or ``among`` these) for which one of the rules of ``flag`` holds."""
    flagged = np.zeros(len(texts), bool)
    for rule in flag.rules:
        rows = np.flatnonzero(~flagged if among is None else among & ~flagged)
        for condition in rule:
            if len(rows) == 0:
                break
            rows = rows[condition(texts, rows)]
        flagged[rows] = True
    return flagged
