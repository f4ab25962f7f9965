"""What ``score`` is to do: weighted parts, a minimum, limits on single columns; checked before a row is looked at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.harness.errors import UserError
from winnow.harness.options import limit_problem

Floats = npt.NDArray[np.float64]

SCALE = (1.0, 10.0)
"""The lowest and the highest verdict of a criterion: its ``from`` and ``to`` where a part names none."""

PREFERRED = ".preferred"
"""End of the name of a column that says which of two replies is better: -1 the rejected one, 0 neither, 1 the chosen
one. Its ``from`` and ``to`` are -1 and 1 where a part names none."""

DOT = "."
"""Parts rubric and criterion in the name of a judge's column; no fact has one in its name."""


@dataclass(frozen=True)
class Part:
    """One part of the score: a column, its weight, and the values of the column that count 0 and 1."""

    column: str
    weight: float
    zero: float
    one: float

    def value(self, column: Floats) -> Floats:
        """Return what each value of the column counts, 0 to 1; NaN stays NaN.

        >>> Part("response.accuracy", 1, 1, 10).value(np.array([1, 5.5, 10])).tolist()
        [0.0, 0.5, 1.0]
        >>> Part("duplicate_line_share", 1, 0.5, 0).value(np.array([0, 0.25, 0.9])).tolist()
        [1.0, 0.5, 0.0]
        """
        return np.clip((column - self.zero) / (self.one - self.zero), 0.0, 1.0)


@dataclass(frozen=True)
class Plan:
    """A checked ``score``: ``parts`` and ``below`` (column, limit) stand in the order of their columns' names."""

    parts: tuple[Part, ...] = ()
    minimum: Any = False
    below: tuple[tuple[str, Any], ...] = ()
    drop_missing: bool = False

    @property
    def columns(self) -> list[str]:
        """Return the columns that a row needs, sorted."""
        return sorted({part.column for part in self.parts} | {name for name, _ in self.below})

    @property
    def facts(self) -> list[str]:
        """Return those of :attr:`columns` that are facts of data/annotate."""
        return [name for name in self.columns if DOT not in name]

    @property
    def judged(self) -> list[str]:
        """Return those of :attr:`columns` that are verdicts of a model."""
        return [name for name in self.columns if DOT in name]

    @property
    def by_language(self) -> bool:
        """Whether a limit depends on the language of the row."""
        return any(isinstance(limit, Mapping) for limit in (self.minimum, *(limit for _, limit in self.below)))


def make_plan(*, parts: Mapping[Any, Any], minimum: Any, below: Mapping[Any, Any], missing: str) -> Plan:
    """Return the plan that the settings of ``score`` describe; raises :class:`UserError`.

    >>> make_plan(parts={"pair.style": 2}, minimum=0.5, below={}, missing="ignore").parts
    (Part(column='pair.style', weight=2.0, zero=1.0, one=10.0),)
    """
    checked = tuple(sorted((_part(str(name), part) for name, part in parts.items()), key=lambda part: part.column))
    _limit("score.minimum", minimum)
    if minimum is not False and not checked:
        raise UserError("params.yaml: score.minimum is set and score.parts is empty; say what the score is made of.")
    for limit in minimum.values() if isinstance(minimum, Mapping) else [minimum]:
        if limit is not False and not 0 <= limit <= 1:
            raise UserError(f"params.yaml: score.minimum is {limit:g}; scores are between 0 and 1.")
    limits = tuple(sorted(((str(name), limit) for name, limit in below.items()), key=lambda item: item[0]))
    for name, limit in limits:
        _limit(f"score.below.{name}", limit)
    return Plan(checked, minimum, tuple(one for one in limits if one[1] is not False), missing == "drop")


def _part(name: str, setting: Any) -> Part:
    knob = f"score.parts.{name}"
    settings = dict(setting) if isinstance(setting, Mapping) else {"weight": setting}
    if unknown := sorted(map(str, settings.keys() - {"weight", "from", "to"})):
        raise UserError(f"params.yaml: {knob} has {unknown[0]!r}; a part has weight, from and to.")
    if DOT not in name and not {"from", "to"} <= settings.keys():
        raise UserError(
            f"params.yaml: {knob} is a fact and needs the values that count 0 and 1: {{weight: 1, from: 20, to: 80}}."
        )
    weight = _number(f"{knob}.weight" if isinstance(setting, Mapping) else knob, settings.get("weight", 1))
    lowest, highest = (-1.0, 1.0) if name.endswith(PREFERRED) else SCALE
    zero = _number(f"{knob}.from", settings.get("from", lowest))
    one = _number(f"{knob}.to", settings.get("to", highest))
    if weight <= 0:
        raise UserError(
            f"params.yaml: {knob} has the weight {weight:g}, which must be above 0; where low values are good, "
            "let from be above to."
        )
    if zero == one:
        raise UserError(f"params.yaml: {knob} has from and to both {zero:g}; they must differ.")
    return Part(name, weight, zero, one)


def _number(knob: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(f"params.yaml: {knob} is {value!r}; it must be a number.")
    return float(value)


def _limit(knob: str, limit: Any) -> None:
    if problem := limit_problem(limit):
        raise UserError(f"params.yaml: {knob}: {problem}.")


def check_columns(plan: Plan, facts: Sequence[str], criteria: Mapping[str, bool]) -> None:
    """Raise :class:`UserError` for a column of ``plan`` that does not exist.

    ``facts`` are the numeric facts, ``criteria`` what models were asked, by name, and whether verdicts are numbers.
    """
    for name in plan.columns:
        knob = "score.parts" if any(part.column == name for part in plan.parts) else "score.below"
        if DOT not in name and name not in facts:
            raise UserError(
                f"params.yaml: {knob} names {name!r}, which is no numeric fact; known are {', '.join(facts)}, and "
                "what models say as <rubric>.<criterion>."
            )
        if DOT in name and not criteria:
            raise UserError(
                f"params.yaml: {knob} names {name!r}, and no row was to be judged; see the settings of judge."
            )
        if DOT in name and name not in criteria:
            raise UserError(
                f"params.yaml: {knob} names {name!r}, which no row was to be judged by; "
                f"there are {', '.join(sorted(criteria))}."
            )
        if DOT in name and not criteria[name]:
            raise UserError(f"params.yaml: {knob} names {name!r}, whose verdicts are words; a score needs numbers.")
