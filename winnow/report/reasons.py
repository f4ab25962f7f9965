"""Why rows were left out, reason by reason, with rows that were dropped, nearly dropped and kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from winnow.gates.rules import RULES
from winnow.harness.options import OTHERS
from winnow.report.candidates import Pick
from winnow.report.choice import Choice
from winnow.report.cube import out, totals
from winnow.report.numbers import number, ranked, slug
from winnow.report.survey import Survey
from winnow.report.texts import Row, Texts


@dataclass(frozen=True)
class Example:
    """A row with the decision on it, and the row it was held against where there is one."""

    row: Row
    pick: Pick
    other: Row | None = None
    item: str = ""


@dataclass(frozen=True)
class Reason:
    """All that one gate (or ``normalize``) left out for one reason; ``near`` and ``kept`` rows are in the release."""

    stage: str
    name: str
    count: int
    of: int
    by_source: list[tuple[str, int]]
    examples: list[Any]  # of normalize units, else Example
    near: list[Example] = field(default_factory=list)
    kept: list[Example] = field(default_factory=list)
    limit: str = ""
    outcome: str = ""

    @property
    def anchor(self) -> str:
        """The name of the reason as the target of a link."""
        return slug(f"{self.stage}-{self.outcome}-{self.name}")


def left_units(survey: Survey, choice: Choice, texts: Texts, raw_units: int) -> list[Reason]:
    """Return why raw units became no row."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for (outcome, reason, source), count in survey.units.items():
        counts.setdefault((outcome, reason), Counter())[source] += count
    return [
        Reason(
            "normalize",
            reason,
            by_source.total(),
            raw_units,
            ranked(by_source),
            [texts.units[place] for place in choice.units.get((outcome, reason), [])],
            outcome=outcome,
        )
        for (outcome, reason), by_source in sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    ]


def reasons(
    survey: Survey, choice: Choice, texts: Texts, gates: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]
) -> list[Reason]:
    """Return every reason of every gate; of ``filter`` also rules that dropped nothing, if rows came near."""
    dropped: dict[tuple[str, str], Counter[str]] = {}
    for (gate, reason, source), count in totals(survey.cube, "gate", "reason", "source", where=out).items():
        dropped.setdefault((gate, reason), Counter())[source] += count
    found = []
    for gate in gates:
        keys = [(gate["name"], name) for name, _ in gate["reasons"]]
        if gate["name"] == "filter":
            near = [("filter", rule.name) for rule in RULES]
            keys += [key for key in near if key not in dropped and choice.nearly.get(key)]
        for key in keys:
            by_source = dropped.get(key, Counter())
            near_ones = [example(texts, key[0], pick) for pick in choice.nearly.get(key, [])]
            if key[0] == "deduplicate":  # a close pair of which both are in the release
                near_ones = [one for one in near_ones if one.other and one.other.status == "in"]
            found.append(
                Reason(
                    *key,
                    count=by_source.total(),
                    of=gate["in"],
                    by_source=ranked(by_source),
                    examples=[example(texts, key[0], pick) for pick in choice.drops.get(key, [])],
                    near=near_ones[: survey.examples],
                    kept=[example(texts, key[0], pick) for pick in choice.kept.get(key, [])],
                    limit=limit_of(rules.get(key[1])) if key[0] == "filter" else "",
                )
            )
    return found


def idle(rules: Mapping[str, Any], shown: Sequence[Reason]) -> tuple[list[str], list[str]]:
    """Return the rules of ``filter`` that dropped nothing and of which no row is shown, and those that are off."""
    seen = {reason.name for reason in shown if reason.stage == "filter"}
    off = [rule.name for rule in RULES if rules.get(rule.name, False) is False]
    return [rule.name for rule in RULES if rule.name not in seen and rule.name not in off], off


def limit_of(setting: Any) -> str:
    """Return the limit that a setting of ``filter`` sets, in words; of a switch, nothing.

    >>> limit_of(20), limit_of({"zh": 8, "default": 20}), limit_of({"zh": False, "default": 2.5}), limit_of(True)
    ('limit 20', 'limit 8 in zh, 20 in others', 'limit off in zh, 2.5 in others', '')
    """
    if isinstance(setting, Mapping):
        parts = [
            f"{'off' if limit is False else number(limit)} in {'others' if name == OTHERS else name}"
            for name, limit in setting.items()
        ]
        return f"limit {', '.join(parts)}"
    return f"limit {number(setting)}" if isinstance(setting, int | float) and not isinstance(setting, bool) else ""


def example(texts: Texts, gate: str, pick: Pick) -> Example:
    """Return one row with its decision and the row or item that it was held against."""
    other = None if gate == "decontaminate" or not pick.other else texts.short.get(pick.other)
    return Example(texts.short[pick.row_id], pick, other, "" if other else pick.other or "")
