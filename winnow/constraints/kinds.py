"""Kinds of constraints, one file each in ``data/constraints``: what is checked, with which arguments, in which words.

``check`` names what a program checks (:mod:`winnow.constraints.check`). A text has placeholders: each argument by its
name, ``{number}`` for the count in words, ``{s}`` for the ending of an English plural.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from winnow.constraints.check import COUNT, Constraint

GROUPS = ("keywords", "language", "length", "content", "format", "combination", "ends", "case", "punctuation")
"""The nine groups of IFEval; a prompt has at most one constraint of a group."""
LANGUAGES = ("en", "zh")
LADDER = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 100, 120, 150, 180, 200, 250, 300),
    *(350, 400, 450, 500, 600, 700, 800, 1000, 1200, 1500, 2000),
)
"""Counts that people ask for as bounds."""
_WORDS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "zh": ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"),
}


@dataclass(frozen=True)
class Range:
    """A whole number from ``low`` to ``high``."""

    low: int
    high: int


@dataclass(frozen=True)
class Values:
    """Texts to choose from, by language; an empty list where they can only be found in a reply."""

    by_language: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Golden:
    """Texts of one language that meet the constraint with these arguments, and texts that do not."""

    language: str
    arguments: Mapping[str, Any]
    met: tuple[str, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of constraint.

    ``mentions`` are words by which a prompt speaks of the matter itself, so that the constraint is not added to it.
    ``suits`` are the task types (``winnow/facts/lexicon/task.yaml``) to which it is added where a reply meets it
    already; none: it is added to no prompt.
    """

    name: str
    group: str
    check: str
    arguments: Mapping[str, Range | Values]
    text: Mapping[str, tuple[str, ...]]
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    suits: tuple[str, ...] = ()
    conflicts: frozenset[str] = frozenset()
    golden: tuple[Golden, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it is offered."""
        return tuple(self.text)

    def constraint(self, language: str, arguments: Mapping[str, Any]) -> Constraint:
        """Return a constraint of this kind."""
        return Constraint(self.name, self.check, language, dict(arguments))

    def words(self, language: str, arguments: Mapping[str, Any], variant: int) -> str:
        """Return the constraint in words; ``variant`` chooses among its wordings."""
        wordings = self.text[language]
        text = wordings[variant % len(wordings)]
        count = arguments.get(COUNT)
        filled = {name: str(value) for name, value in arguments.items()}
        if isinstance(count, int):
            names = _WORDS[language]
            filled |= {"number": names[count] if count < len(names) else str(count), "s": "" if count == 1 else "s"}
        return re.sub(r"\{(\w+)\}", lambda match: filled[match[1]], text)

    @cached_property
    def _mentioned(self) -> Mapping[str, re.Pattern[str]]:
        found = {}
        for language, words in self.mentions.items():
            every = "|".join(map(re.escape, words))
            found[language] = re.compile(
                every if language == "zh" else rf"\b(?:{every})(?:s|es|ed|ing)?\b", re.IGNORECASE
            )
        return found

    def mentioned(self, prompt: str, language: str) -> bool:
        """Say whether a prompt speaks of what this kind is about."""
        pattern = self._mentioned.get(language)
        return bool(pattern and pattern.search(prompt))


def compatible(kind: Kind, others: Sequence[Kind]) -> bool:
    """Say whether a kind may stand beside ``others``: no other of its group, and none that it conflicts with."""
    return all(kind.group != one.group and one.name not in kind.conflicts for one in others)
