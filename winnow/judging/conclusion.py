"""What the verdicts on one row come to: means of scores, the label most give, the reply that both orders prefer."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from winnow.judging.render import Asked
from winnow.judging.rubric import (
    CHOSEN,
    COMPARISON,
    LABELS,
    OVERALL,
    PREFERRED,
    REJECTED,
    SCORES,
    TIE,
    TWO_SCORES,
    Rubric,
)
from winnow.judging.verdict import Verdict

DECIMALS = 6
"""Digits behind the point of means and spreads."""


class Concluded(NamedTuple):
    """What verdicts come to: numbers, the label they make, and the single votes behind numbers made of two."""

    values: list[float]
    label: str | None = None
    votes: list[float] | None = None


def scores_of(rubric: Rubric, verdicts: Sequence[tuple[Asked, Verdict]]) -> dict[str, Concluded]:
    """Return the scores of each criterion, and of :data:`OVERALL`, their mean in each verdict."""
    names = [one.name for one in rubric.criteria]
    conclusions = {name: Concluded([float(said[name]) for _, said in verdicts]) for name in names}
    overall = [sum(float(said[name]) for name in names) / len(names) for _, said in verdicts]
    return {**conclusions, OVERALL: Concluded(overall)}


def labels_of(rubric: Rubric, verdicts: Sequence[tuple[Asked, Verdict]]) -> dict[str, Concluded]:
    """Return by criterion the label that most verdicts give, and for each verdict whether it gave that one.

    Of labels with equal counts it is the first in the rubric's list.
    """
    conclusions = {}
    for one in rubric.criteria:
        votes = Counter(str(said[one.name]) for _, said in verdicts)
        label = min(votes, key=lambda value: (-votes[value], one.values.index(value)), default=None)
        conclusions[one.name] = Concluded([float(said[one.name] == label) for _, said in verdicts], label)
    return conclusions


def compared(rubric: Rubric, verdicts: Sequence[tuple[Asked, Verdict]]) -> dict[str, Concluded]:
    """Return which reply is preferred: of each sample's two orders, disagreement is a tie.

    Where only one order is answered there is no verdict: a judge that prefers whatever stands first would win.
    """
    if len(rubric.swapped) == 2:
        orders = Counter(asked.sample for asked, _ in verdicts)
        verdicts = [(asked, said) for asked, said in verdicts if orders[asked.sample] == 2]
    single = [_vote(asked, said) for asked, said in verdicts]
    votes = [a if a == b else 0.0 for a, b in both_orders(verdicts)] if len(rubric.swapped) == 2 else single
    mean = sum(votes)
    label = None if not votes else CHOSEN if mean > 0 else REJECTED if mean < 0 else TIE
    conclusions = {PREFERRED: Concluded(votes, label, single)}
    if rubric.reply == TWO_SCORES:
        for name, letters in ((CHOSEN, "AB"), (REJECTED, "BA")):
            conclusions[name] = Concluded([float(said[letters[asked.swapped]]) for asked, said in verdicts])
    return conclusions


def preference(said: Verdict) -> float:
    """Return 1 where a verdict prefers A, -1 where B, 0 where neither.

    >>> preference({"verdict": "B"}), preference({"A": 8.0, "B": 7.5})
    (-1.0, 1.0)
    """
    if "verdict" in said:
        return {"A": 1.0, "B": -1.0, "tie": 0.0}[str(said["verdict"])]
    a, b = float(said["A"]), float(said["B"])
    return float(a > b) - float(a < b)


def _vote(asked: Asked, said: Verdict) -> float:
    """Return 1 where the verdict prefers the chosen reply, -1 the rejected one, 0 neither."""
    return -preference(said) if asked.swapped else preference(said)


def both_orders(verdicts: Sequence[tuple[Asked, Verdict]]) -> list[tuple[float, float]]:
    """Return the votes of each sample that was answered in both orders."""
    votes: dict[int, dict[bool, float]] = {}
    for asked, said in verdicts:
        votes.setdefault(asked.sample, {})[asked.swapped] = _vote(asked, said)
    return [(both[False], both[True]) for _, both in sorted(votes.items()) if len(both) == 2]


def concluded(rubric: Rubric, verdicts: Sequence[tuple[Asked, Verdict]]) -> dict[str, Concluded]:
    """Return what verdicts by ``rubric`` come to, by criterion."""
    return {SCORES: scores_of, LABELS: labels_of, COMPARISON: compared}[rubric.kind](rubric, verdicts)
