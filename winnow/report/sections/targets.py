"""The targets of the mix, and which of them the rows could not meet."""

from dataclasses import dataclass

from winnow.report.format.numbers import share
from winnow.report.inputs import Inputs
from winnow.report.section import Section, at_most

MOST = 60  # targets shown


@dataclass(frozen=True)
class Target:
    """A share that the settings ask for, and the share that the mix drew; counts are draws, ``rows`` rows."""

    dimension: str
    value: str
    share: float
    share_drawn: float
    met: bool
    asked: int
    drawn: int
    short_by: int
    rows: int


class Targets(Section):
    """Targets, the missed ones first and the largest gap first of those; ``count`` includes those not shown."""

    title = "Targets of the mix"

    def __init__(self, inputs: Inputs) -> None:
        targets = [
            Target(
                line["dimension"],
                line["value"],
                float(line["share"]),
                float(line["share_drawn"]),
                line["met"] == "yes",
                *(int(line[name]) for name in ("asked", "drawn", "short_by", "rows")),
            )
            for line in inputs.metrics.targets
        ]
        targets.sort(key=lambda one: (one.met, not one.met and one.share_drawn - one.share, one.dimension, one.value))
        self.targets, self.count = targets[:MOST], len(targets)

    def remarks(self) -> list[str]:
        """Name the targets that were missed."""
        remarks = []
        for target in self.targets:
            if target.met:
                continue
            if target.dimension == "total":
                remarks.append(f"The mix draws {target.drawn:,} rows, and {target.asked:,} were asked for.")
            else:
                drawn, asked = share(target.share_drawn, 1), share(target.share, 1)
                name = f"{target.dimension} {target.value}"
                remarks.append(f"The mix gives {name} {drawn} of the draws, and {asked} were asked for.")
        return at_most(remarks, "{} more targets of the mix are missed.")
