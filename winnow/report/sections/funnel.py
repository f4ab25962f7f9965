"""How many raw units became rows, and how many rows each gate left."""

from collections import Counter

from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section


class Funnel(Section):
    """Raw units left out, by outcome; the template also shows the totals of the page."""

    title = "Funnel"

    def __init__(self, inputs: Inputs) -> None:
        by_outcome: Counter[str] = Counter()
        for (outcome, _, _), count in inputs.survey.units.items():
            by_outcome[outcome] += count
        self.units_left_out = ranked(by_outcome)
