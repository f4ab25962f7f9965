"""The conservation law of normalize: every raw unit is used, skipped or quarantined."""

from collections import Counter
from dataclasses import dataclass, field

from winnow.harness.errors import UserError


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

    def add(self, other: "Tally") -> None:
        """Add the tally of another part of the same source."""
        self.units += other.units
        self.used += other.used
        self.rows += other.rows
        self.skipped.update(other.skipped)
        self.quarantined.update(other.quarantined)
        self.noted.update(other.noted)

    def check(self, source: str) -> None:
        """Raise unless every raw unit is used, skipped or quarantined."""
        accounted = self.used + self.skipped.total() + self.quarantined.total()
        if self.units != accounted:
            raise UserError(
                f"source {source}: {self.units:,} raw units were read and {accounted:,} accounted for; "
                "this is a fault of its adapter, nothing was published."
            )
