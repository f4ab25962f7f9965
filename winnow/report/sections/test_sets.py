"""The test sets that the rows were compared with, and the rows that hold items of them."""

from dataclasses import dataclass

from winnow.report.inputs import Inputs
from winnow.report.section import Section


@dataclass(frozen=True)
class TestSet:
    """A test set with its items, the rows that overlap with them at all, and those that were dropped."""

    __test__ = False
    name: str
    title: str
    license: str
    items: int
    rows: int
    dropped: int


class TestSets(Section):
    """Every test set that was compared. A set without any, or with the demo's alone, was not checked: that is said."""

    __test__ = False
    title = "Test sets"
    first = True

    def __init__(self, inputs: Inputs) -> None:
        dropped = {line["benchmark"]: int(line["rows"]) for line in inputs.metrics.contaminated}
        lines = inputs.metrics.benchmarks
        self.sets = [
            TestSet(
                line["benchmark"],
                line["title"],
                line["license"],
                int(line["items"]),
                int(line["rows"]),
                dropped.get(line["benchmark"], 0),
            )
            for line in lines
        ]
        self.unchecked = not any(line["kind"] == "public" for line in lines)

    def remarks(self) -> list[str]:
        """Say so where no test set, or none but the demo's made-up one, was compared with the rows."""
        if not self.unchecked:
            return []
        compared = "Only the made-up demo test set" if self.sets else "No test set"
        return [
            f"{compared} was compared with the rows: whether they hold items of public test sets is not known. Name "
            "those that must not leak in overlaps.benchmarks."
        ]
