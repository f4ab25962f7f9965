"""The page: its sections in order, and what they give."""

from winnow.report.inputs import Inputs
from winnow.report.section import Plot, Section
from winnow.report.sections.before_after import BeforeAfter
from winnow.report.sections.by_language import ByLanguage
from winnow.report.sections.cleaning import Cleaning
from winnow.report.sections.coverage import Coverage
from winnow.report.sections.duplicates import Duplicates
from winnow.report.sections.flags import Flags
from winnow.report.sections.funnel import Funnel
from winnow.report.sections.left_out import LeftOut
from winnow.report.sections.lengths import Lengths
from winnow.report.sections.overview import Overview
from winnow.report.sections.sample import Sample
from winnow.report.sections.sources import Sources
from winnow.report.sections.targets import Targets
from winnow.report.sections.test_sets import TestSets
from winnow.report.sections.verdicts import Verdicts
from winnow.report.sections.written import Written

SECTIONS: tuple[type[Section], ...] = (
    Overview,
    Funnel,
    Sources,
    BeforeAfter,
    Lengths,
    Coverage,
    Targets,
    Verdicts,
    Written,
    TestSets,
    LeftOut,
    ByLanguage,
    Flags,
    Cleaning,
    Duplicates,
    Sample,
)
"""The sections in the order of the page. A new one is a module, a template of its name and a line here."""


class Page:
    """The sections of the page, and the remarks of all: sentences, each with the section that says more."""

    def __init__(self, inputs: Inputs) -> None:
        self.name = inputs.settings.name
        self.totals = inputs.totals
        self.sections = [section(inputs) for section in SECTIONS]
        ordered = sorted(self.sections, key=lambda section: not section.first)
        self.remarks = [(remark, section) for section in ordered for remark in section.remarks()]

    def metrics(self) -> dict[str, int]:
        """Return the numbers of ``metrics/report.json``."""
        numbers = {"remarks": len(self.remarks)}
        for section in self.sections:
            numbers |= section.metrics()
        return numbers

    def plots(self) -> list[Plot]:
        """Return the plot data of all sections."""
        return [plot for section in self.sections for plot in section.plots()]
