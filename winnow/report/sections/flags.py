"""The flags of the lexicon: rows that have one, among all rows and in the release."""

from collections import Counter
from dataclasses import dataclass

from winnow.gates.rules import RULES, Breaks
from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.rates import CHINESE, ENGLISH, Rates
from winnow.report.section import Plot, Section, at_most
from winnow.report.survey.counts import sums


@dataclass(frozen=True)
class Flag:
    """One flag: rows that have it, how many of them are released, and its rates among all rows."""

    name: str
    rows: int
    released: int
    rates: Rates


class Flags(Section):
    """The flags, the most frequent first."""

    title = "Flags"

    def __init__(self, inputs: Inputs) -> None:
        rows, released, by_language = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
        for (name, _, language, status), count in inputs.survey.flags.items():
            rows[name] += count
            by_language[name, language] += count
            released[name] += count if status == "in" else 0
        of = sums(inputs.survey.cube, "language")
        self.flags = []
        for name, count in ranked(rows):
            rates = Rates(by_language[name, CHINESE], of[CHINESE], by_language[name, ENGLISH], of[ENGLISH])
            self.flags.append(Flag(name, count, released[name], rates))

    def remarks(self) -> list[str]:
        """Name the flags on released rows that a rule of ``filter`` could drop."""
        ruled = {rule.fact for rule in RULES if rule.breaks is Breaks.FLAG}
        remarks = [
            f"{flag.released:,} released row{'' if flag.released == 1 else 's'} carry the flag "
            f"{flag.name.replace('_', ' ')}, whose rule does not drop them."
            for flag in self.flags
            if flag.name in ruled and flag.released
        ]
        return at_most(remarks, "{} more flags that have a rule are on released rows.")

    def plots(self) -> list[Plot]:
        """Return rows and released rows of each flag."""
        lines = [[flag.name, flag.rows, flag.released] for flag in self.flags]
        return [Plot("flags", ["flag", "rows", "released"], lines)]
