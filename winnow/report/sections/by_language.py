"""Whether a reason drops Chinese rows more often than English ones."""

from dataclasses import dataclass

from winnow.gates.chain import GATES
from winnow.report.format.numbers import number, rate
from winnow.report.inputs import Inputs
from winnow.report.rates import CHINESE, ENGLISH, UNEVEN, Rates
from winnow.report.section import Plot, Section, at_most
from winnow.report.survey.counts import Cell, nested, sums


@dataclass(frozen=True)
class ReasonRates:
    """One reason: its drops in all, those in other languages than the two, and the rates among rows of the gate."""

    gate: str
    reason: str
    rows: int
    others: int
    rates: Rates


class ByLanguage(Section):
    """Every reason of every gate with its rates, gate by gate, the most frequent reason first.

    Rates are of the rows of the language that entered the gate.
    """

    title = "By language"
    uneven_from = UNEVEN

    def __init__(self, inputs: Inputs) -> None:
        self.reasons = []
        alive = sums(inputs.survey.cube, "language")
        dropped = nested(sums(inputs.survey.cube, "gate", "reason", "language", where=Cell.dropped))
        for gate in GATES:
            of_gate = [(reason, counts) for (name, reason), counts in dropped.items() if name == gate]
            for reason, counts in sorted(of_gate, key=lambda item: (-item[1].total(), item[0])):
                rates = Rates(counts[CHINESE], alive[CHINESE], counts[ENGLISH], alive[ENGLISH])
                others = counts.total() - counts[CHINESE] - counts[ENGLISH]
                self.reasons.append(ReasonRates(gate, reason, counts.total(), others, rates))
            for _, counts in of_gate:
                alive.subtract(counts)

    def remarks(self) -> list[str]:
        """Name the reasons that clearly hit Chinese rows more often."""
        remarks = []
        for reason in self.reasons:
            rates = reason.rates
            if rates.clear:
                chinese, english = rate(rates.chinese, rates.of_chinese), rate(rates.english, rates.of_english)
                times = f"{number(round(rates.ratio or 0, 1))} times as often as" if rates.english else "but never"
                drops = f"{reason.gate} drops Chinese rows for {reason.reason.replace('_', ' ')}"
                remarks.append(f"{drops} {times} English ones ({chinese} against {english}).")
        return at_most(
            remarks, f"{{}} more reasons hit Chinese rows more than {UNEVEN} times as often as English ones."
        )

    def metrics(self) -> dict[str, int]:
        """Count the clearly uneven reasons."""
        return {"uneven": sum(reason.rates.clear for reason in self.reasons)}

    def plots(self) -> list[Plot]:
        """Return rows and rates of each reason in both languages."""
        lines = []
        for reason in self.reasons:
            rates = reason.rates
            pairs = ((rates.chinese, rates.of_chinese), (rates.english, rates.of_english))
            counts = (number for part, whole in pairs for number in (part, part / whole if whole else 0.0))
            lines.append([reason.reason, reason.gate, reason.rows, *counts])
        return [Plot("reasons", ["reason", "gate", "rows", "zh", "zh_rate", "en", "en_rate"], lines)]
