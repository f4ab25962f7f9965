"""The conservation law of normalize: every raw unit is used, skipped or quarantined."""

from collections import Counter
from dataclasses import dataclass, field

from winnow.harness.errors import UserError
from winnow.reading.adapter import LeftOut
from winnow.reading.reasons import Example, lines
from winnow.reading.tombstone import REASON as TAKEN_DOWN


@dataclass
class Tally:
    """What became of the raw units of one source: the terms of the conservation law."""

    units: int = 0
    used: int = 0
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    """Rows whose turns are not as the source has them, by what was done (:data:`~winnow.reading.order.NOTES`)."""
    examples: dict[str, Example] = field(default_factory=dict)
    of_files: bool = False
    """Whether a file has a split by its name; else the arrays in the files say in which split their rows are."""
    splits: set[str | None] = field(default_factory=set)
    """The splits of rows that the source itself has them in."""
    of_plan: bool = False
    """Whether the units are slots of a plan. All may be lost, or still waiting: its yield is what ends a plan."""

    def add(self, other: "Tally") -> None:
        """Add the tally of another part of the same source."""
        self.units += other.units
        self.used += other.used
        self.rows += other.rows
        self.skipped.update(other.skipped)
        self.quarantined.update(other.quarantined)
        self.noted.update(other.noted)
        self.of_files = self.of_files or other.of_files
        self.splits |= other.splits
        for reason, example in other.examples.items():
            self.examples[reason] = min(self.examples.get(reason, example), example)

    def leave_out(self, left: LeftOut) -> None:
        """Count a unit that became no row."""
        (self.skipped if left.outcome == "skipped" else self.quarantined)[left.reason] += 1
        self.examples.setdefault(left.reason, Example(left.unit.file, left.unit.line, left.detail))

    def check_rows(self, source: str) -> None:
        """Raise where a source has units and no row came of them, unless people took its texts down.

        Slots of a plan are no such units.
        """
        if not self.of_plan and not self.rows and self.quarantined.keys() - {TAKEN_DOWN}:
            why = "; ".join(lines(self.quarantined, self.examples))
            raise UserError(
                f"source {source}: none of its {self.units:,} units became a row: {why}; check its entry in "
                f"params.yaml, or take it out with `winnow remove {source}`."
            )

    def check(self, source: str) -> None:
        """Raise unless every raw unit is used, skipped or quarantined."""
        accounted = self.used + self.skipped.total() + self.quarantined.total()
        if self.units != accounted:
            raise UserError(
                f"source {source}: {self.units:,} raw units were read and {accounted:,} accounted for; "
                "this is a fault of its adapter, nothing was published."
            )
