"""Why units and rows were left out, reason by reason, with rows that were dropped, nearly dropped and kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from winnow.gates.rules import RULES
from winnow.harness.options import OTHERS
from winnow.report.examples.texts import Texts, Unit
from winnow.report.format.numbers import number, ranked, slug
from winnow.report.inputs import Gate, Inputs
from winnow.report.section import Section
from winnow.report.survey.candidates import Decided
from winnow.report.survey.counts import Cell, nested, sums


class Example:
    """A row with the decision on it, and the row (``other``) or benchmark item that it was compared with."""

    def __init__(self, texts: Texts, gate: str, decided: Decided) -> None:
        self.row, self.decided = texts.short[decided.row_id], decided
        self.other = texts.short.get(decided.other) if decided.other and gate != "decontaminate" else None
        self.item = "" if self.other else decided.other or ""


@dataclass(frozen=True)
class Reason:
    """All that one gate (or ``normalize``) left out for one reason; ``near`` and ``kept`` rows are in the release."""

    stage: str
    name: str
    count: int
    of: int
    by_source: list[tuple[str, int]]
    units: list[Unit] = field(default_factory=list)
    dropped: list[Example] = field(default_factory=list)
    near: list[Example] = field(default_factory=list)
    kept: list[Example] = field(default_factory=list)
    limit: str = ""
    outcome: str = ""

    @property
    def anchor(self) -> str:
        """The name of the reason as the target of a link."""
        return slug(f"{self.stage}-{self.outcome}-{self.name}")


@dataclass(frozen=True)
class Group:
    """The reasons of one stage, and its notes on rows that stay."""

    stage: str
    reasons: list[Reason]
    notes: list[tuple[str, int]] = field(default_factory=list)


class LeftOut(Section):
    """The reasons of ``normalize`` and of each gate.

    ``idle`` are the rules of ``filter`` that dropped nothing and of which no row is shown, ``off`` those that are off.
    """

    title = "Left out"

    def __init__(self, inputs: Inputs) -> None:
        rules, units = inputs.settings.rules, inputs.survey.units
        self.groups = [_units(inputs), *(_gate(inputs, gate) for gate in inputs.totals.gates)]
        shown = {reason.name for group in self.groups for reason in group.reasons if group.stage == "filter"}
        self.off = [rule.name for rule in RULES if rules.get(rule.name, False) is False]
        self.idle = [rule.name for rule in RULES if rule.name not in shown and rule.name not in self.off]
        self.quarantined = sum(count for (outcome, _, _), count in units.items() if outcome == "quarantined")

    def remarks(self) -> list[str]:
        """Count the quarantined units."""
        return [f"{self.quarantined:,} raw units could not be read and are quarantined."] if self.quarantined else []

    def metrics(self) -> dict[str, int]:
        """Count the reasons."""
        return {"reasons": sum(len(group.reasons) for group in self.groups)}


def _units(inputs: Inputs) -> Group:
    """Return why raw units became no row."""
    counts = sorted(nested(inputs.survey.units).items(), key=lambda item: (-item[1].total(), item[0]))
    reasons = [
        Reason(
            "normalize",
            reason,
            by_source.total(),
            inputs.totals.units,
            ranked(by_source),
            units=[inputs.texts.units[place] for place in inputs.choice.units.get((outcome, reason), [])],
            outcome=outcome,
        )
        for (outcome, reason), by_source in counts
    ]
    return Group("normalize", reasons)


def _gate(inputs: Inputs, gate: Gate) -> Group:
    """Return every reason of a gate; of ``filter`` also rules that dropped nothing, if rows came near."""
    choice = inputs.choice

    def examples(rows: Mapping[tuple[str, str], Sequence[Decided]], key: tuple[str, str]) -> list[Example]:
        return [Example(inputs.texts, gate.name, decided) for decided in rows.get(key, [])]

    dropped = nested(sums(inputs.survey.cube, "gate", "reason", "source", where=Cell.dropped))
    keys = [(gate.name, name) for name, _ in gate.reasons]
    if gate.name == "filter":
        rules = [("filter", rule.name) for rule in RULES]
        keys += [key for key in rules if key not in dropped and choice.near.get(key)]
    reasons = []
    for key in keys:
        by_source = dropped.get(key, Counter())
        near = examples(choice.near, key)
        if gate.name == "deduplicate":  # a close pair of which both are in the release
            near = [example for example in near if example.other and example.other.status == "in"]
        reasons.append(
            Reason(
                *key,
                by_source.total(),
                gate.rows_in,
                ranked(by_source),
                dropped=examples(choice.dropped, key),
                near=near[: inputs.survey.examples],
                kept=examples(choice.kept, key),
                limit=limit_text(inputs.settings.rules.get(key[1])) if gate.name == "filter" else "",
            )
        )
    return Group(gate.name, reasons, gate.notes)


def limit_text(setting: Any) -> str:
    """Return the limit that a setting of ``filter`` sets, in words; of a switch, nothing.

    >>> limit_text(20), limit_text({"zh": 8, "default": 20}), limit_text({"zh": False, "default": 2.5})
    ('limit 20', 'limit 8 in zh, 20 in others', 'limit off in zh, 2.5 in others')
    >>> limit_text(True)
    ''
    """
    if isinstance(setting, Mapping):
        parts = [
            f"{'off' if limit is False else number(limit)} in {'others' if name == OTHERS else name}"
            for name, limit in setting.items()
        ]
        return f"limit {', '.join(parts)}"
    return f"limit {number(setting)}" if isinstance(setting, int | float) and not isinstance(setting, bool) else ""
