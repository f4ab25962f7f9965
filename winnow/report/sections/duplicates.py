"""The largest groups of duplicates."""

from winnow.report.examples.clusters import survivors
from winnow.report.inputs import Inputs
from winnow.report.section import Section


class Duplicates(Section):
    """The largest groups, the texts of the rows that are shown of them, and how many rows stand for others."""

    title = "Duplicates"

    def __init__(self, inputs: Inputs) -> None:
        self.clusters = inputs.choice.clusters
        self.rows = inputs.texts.short
        self.survivors = survivors(inputs.survey.duplicates)
