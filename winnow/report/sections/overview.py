"""The name of the release, its headline numbers, and the remarks of all sections."""

from winnow.report.inputs import Inputs
from winnow.report.section import Section


class Overview(Section):
    """Splits without a row; the template also shows the totals and the remarks of the page."""

    title = "Overview"

    def __init__(self, inputs: Inputs) -> None:
        self.empty_splits = [split for split, rows in inputs.totals.splits if not rows]

    def remarks(self) -> list[str]:
        """Name the splits without a row."""
        return [f"The split {split} is empty." for split in self.empty_splits]
