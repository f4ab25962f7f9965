"""Rows that models wrote: yield by method and round, reasons, novelty, their share of the release."""

from collections import Counter
from typing import NamedTuple

from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section
from winnow.report.survey.counts import Cell, sums

SHOWN = 20  # rows at random


class RoundLine(NamedTuple):
    """One round of a plan as the table shows it."""

    plan: str
    method: str
    round: int
    model: str
    slots: int
    accepted: int
    good: int
    reasons: list[tuple[str, int]]
    tokens: int
    state: str


class MadeLine(NamedTuple):
    """The rows that a plan made without a model: how many there are and are released, and what they ask for."""

    plan: str
    rows: int
    released: int
    constraints: list[tuple[str, int]]


class Written(Section):
    """Rounds of the plans with reasons, the share of generated rows in the release, and accepted rows by a hash."""

    title = "Written by models"

    def __init__(self, inputs: Inputs) -> None:
        metrics = inputs.metrics
        reasons: dict[tuple[str, str], Counter[str]] = {}
        for line in metrics.slots:
            reasons.setdefault((line["plan"], line["round"]), Counter())[line["outcome"]] += int(line["slots"])
        self.rounds = [
            RoundLine(
                line["plan"],
                line["method"],
                int(line["round"]),
                line["model"],
                int(line["slots"]),
                int(line["accepted"]),
                int(line["accepted"]) + of_round["beyond_target"],
                ranked({reason: count for reason, count in of_round.items() if reason != "accepted"}),
                int(line["prompt_tokens"]) + int(line["completion_tokens"]),
                line["state"],
            )
            for line in metrics.rounds
            if line["state"] not in ("proposed", "waiting")
            for of_round in [reasons.get((line["plan"], line["round"]), Counter())]
        ]
        written = {name for name, entry in inputs.settings.sources.items() if entry.get("adapter") == "written"}
        released = sums(inputs.survey.cube, "source", where=Cell.released)
        self.released = sum(count for source, count in released.items() if source in written)
        self.total = released.total()
        self.slots = sum(one.slots for one in self.rounds)
        self.accepted = sum(one.accepted for one in self.rounds)
        self.not_novel = sum(count for one in self.rounds for reason, count in one.reasons if reason == "not_novel")
        self.made: dict[str, Counter[str]] = {}
        for line in metrics.made:
            self.made.setdefault(line["plan"], Counter())[line["constraint"]] += int(line["rows"])
        rows = sums(inputs.survey.cube, "source")
        self.plans = [MadeLine(one, rows[one], released[one], ranked(made)) for one, made in sorted(self.made.items())]
        self.rows = [inputs.texts.full[row_id] for row_id in inputs.choice.written]

    def remarks(self) -> list[str]:
        """Say which plans have an open round: what they wait for is out of the release."""
        waiting = sorted({one.plan for one in self.rounds if one.state == "open"})
        return [f"The plan {name} has an open round: run winnow grow {name}." for name in waiting]
