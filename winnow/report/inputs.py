"""What every section of the page is built from: settings, metrics of earlier stages, the survey, examples, texts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from winnow.gates.chain import GATES
from winnow.gates.splitting import SPLITS
from winnow.report.examples.choice import Choice
from winnow.report.examples.texts import Texts
from winnow.report.format.numbers import ranked
from winnow.report.survey.counts import Cell, sums
from winnow.report.survey.survey import Survey

Lines = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Settings:
    """Settings of earlier stages: the name of the dataset, the entries of the sources, the rules of ``filter``."""

    name: str = ""
    sources: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)

    def license_of(self, code: str, source: str) -> str:
        """Return the licence of rows of a source: of the code ``other`` the name that the source's entry gives."""
        name: str = self.sources.get(source, {}).get("license_name", "") if code == "other" else ""
        return name or code


@dataclass(frozen=True)
class StageMetrics:
    """Metrics of earlier stages as maps, and their plots as lines of text cells."""

    annotate: Mapping[str, Any] = field(default_factory=dict)
    judge: Mapping[str, Any] = field(default_factory=dict)
    units: Lines = ()  # of normalize
    benchmarks: Lines = ()  # of overlaps
    contaminated: Lines = ()  # of decontaminate
    requests: Lines = ()  # of judge, as the next two
    verdicts: Lines = ()
    models: Lines = ()
    coverage: Lines = ()  # of mix, as the next
    targets: Lines = ()
    rounds: Lines = ()  # of propose, as the next
    slots: Lines = ()
    made: Lines = ()  # of augment


@dataclass(frozen=True)
class Gate:
    """A gate with the rows that entered and left it, counts of its reasons, and of its notes on rows that stay."""

    name: str
    rows_in: int
    rows_out: int
    reasons: list[tuple[str, int]]
    notes: list[tuple[str, int]]


class Totals:
    """Numbers that several sections show; ``tokens`` are estimated, ``draws`` count the repeats of the mix."""

    def __init__(self, settings: Settings, units: Counter[tuple[str, str]], survey: Survey) -> None:
        by_source, splits = sums(survey.cube, "source"), sums(survey.cube, "split", where=Cell.released)
        self.sources: list[str] = sorted({*settings.sources, *by_source, *(source for source, _ in units)})
        self.units = units.total()
        self.units_used = sum(count for (_, outcome), count in units.items() if outcome == "used")
        self.rows = by_source.total()
        self.released, self.draws, self.tokens = (
            sums(survey.cube, "source", measure=measure, where=Cell.released).total()
            for measure in ("rows", "draws", "tokens")
        )
        self.splits = [(split, splits[split]) for split in SPLITS]
        self.gates = list(_gates(survey, self.rows))


def _gates(survey: Survey, rows: int) -> Iterator[Gate]:
    dropped = sums(survey.cube, "gate", "reason", where=Cell.dropped)
    for name in GATES:
        reasons, notes = (
            ranked({reason: count for (gate, reason), count in counts.items() if gate == name})
            for counts in (dropped, survey.notes)
        )
        left = rows - sum(count for _, count in reasons)
        yield Gate(name, rows, left, reasons, notes)
        rows = left


@dataclass(frozen=True)
class Inputs:
    """Everything that a section may use."""

    settings: Settings
    metrics: StageMetrics
    survey: Survey
    choice: Choice
    texts: Texts

    @cached_property
    def units(self) -> Counter[tuple[str, str]]:
        """Raw units by (source, outcome)."""
        counts: Counter[tuple[str, str]] = Counter()
        for line in self.metrics.units:
            counts[line["source"], line["outcome"]] += int(line["units"])
        return counts

    @cached_property
    def totals(self) -> Totals:
        """The numbers that several sections show."""
        return Totals(self.settings, self.units, self.survey)
