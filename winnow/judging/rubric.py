"""A rubric: one YAML file below ``data/rubrics`` that says what a model is asked about a row.

::

    kind: scores              # scores: 1 to 10 by each criterion; labels: a value of a list by each; comparison: of two
    shows: [prompt, response] # what the model sees; a comparison shows the prompt and both replies
    reference: false          # whether it also sees the reference that a row's metadata holds, where there is one
    task: {en: …, zh: …}      # the instruction; Winnow adds the fence and the form of the answer
    criteria:
      accuracy: {en: …, zh: …}             # of labels also values: [simple, hard]
    reply: verdict            # comparison: verdict (A, B or tie) or two_scores (FastChat's form)
    orders: both              # comparison: both (replies swapped, disagreement is a tie) or given
    canaries:                 # rows with known verdicts, asked again in every session
      - {name: …, language: en, prompt: …, response: …, expect: {accuracy: [1, 3]}}

A rubric in one language alone is fine; rows of any other language than Chinese are judged in English where both stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

LANGUAGES = ("en", "zh")
SCORES, LABELS, COMPARISON = "scores", "labels", "comparison"
VERDICT, TWO_SCORES = "verdict", "two_scores"
BOTH, GIVEN = "both", "given"
LOWEST, HIGHEST = 1, 10
OVERALL = "overall"
"""The criterion that a scoring rubric gets by itself: the mean of its others."""
PREFERRED, CHOSEN, REJECTED, TIE = "preferred", "chosen", "rejected", "tie"
"""Criteria of a comparison, and what ``preferred`` says: 1 the chosen reply is better, -1 the rejected one, 0 tie."""


@dataclass(frozen=True)
class Criterion:
    """One question of a rubric: what is asked in each language, and the ``values`` to choose from (labels)."""

    name: str
    about: Mapping[str, str]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """A canary: a made-up row whose verdict is known.

    ``expect`` holds lowest and highest score by criterion, or the label or verdict.
    """

    name: str
    language: str
    prompt: str
    response: str
    other: str
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Rubric:
    """What a model is asked about a row; see the module's description for each field."""

    name: str
    kind: str
    shows: tuple[str, ...]
    task: Mapping[str, str]
    criteria: tuple[Criterion, ...] = ()
    reference: bool = False
    reply: str = VERDICT
    orders: str = BOTH
    canaries: tuple[Known, ...] = field(default=())

    def language(self, of_row: str) -> str:
        """Return the language in which a row is judged.

        >>> Rubric("r", SCORES, ("prompt",), {"en": "Grade.", "zh": "评分。"}).language("fr")
        'en'
        """
        wanted = "zh" if of_row == "zh" else "en"
        return wanted if wanted in self.task else next(iter(self.task))

    @property
    def swapped(self) -> tuple[bool, ...]:
        """The orders in which two replies are shown: as they are, and swapped."""
        return (False, True) if self.kind == COMPARISON and self.orders == BOTH else (False,)

    @cached_property
    def allowed(self) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        """The fields of a verdict with all that may stand in each.

        >>> Rubric("c", COMPARISON, (), {"en": "Which is better?"}).allowed
        (('verdict', ('A', 'B', 'tie')),)
        """
        if self.kind == COMPARISON:
            return (("verdict", ("A", "B", "tie")),)
        scores = tuple(range(LOWEST, HIGHEST + 1))
        return tuple((one.name, one.values or scores) for one in self.criteria)
