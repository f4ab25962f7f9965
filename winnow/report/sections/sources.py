"""The sources: how far their units came, and what their rows are like."""

from collections import Counter
from dataclasses import dataclass

from winnow.gates.decisions import GATES
from winnow.report.format.numbers import ranked, share
from winnow.report.inputs import Inputs
from winnow.report.section import Plot, Section, at_most
from winnow.report.survey.counts import Cell, nested, sums

OUTCOMES = ("used", "skipped", "quarantined")

HEADS = {"deduplicate": "dedupli\xadcate", "decontaminate": "deconta\xadminate"}
"""Names of gates as they may break in the head of a table."""

LOST = 0.25  # a source that lost more of its rows is remarked on


@dataclass(frozen=True)
class Source:
    """One source; counts are rows unless stated otherwise."""

    name: str
    licenses: list[str]
    units: int
    used: int  # raw units, as the next two
    skipped: int
    quarantined: int
    rows: int
    gates: list[int]  # dropped by each gate
    released: int
    reasons: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    tokens: float | None  # mean of the rows
    released_tokens: float | None  # mean of the released rows
    rated: int
    rating: float | None  # mean of the rated rows
    flagged: int
    flags: list[tuple[str, int]]

    @property
    def duplicates(self) -> int:
        """Rows that another stands for."""
        return self.gates[GATES.index("deduplicate")]

    @property
    def lost(self) -> int:
        """Rows that were left out."""
        return self.rows - self.released


class Sources(Section):
    """Every source by name: those with an entry, and those of which there are rows or units.

    ``heads`` are the heads of the columns of the gates.
    """

    title = "Sources"

    def __init__(self, inputs: Inputs) -> None:
        self.heads = [HEADS.get(gate, gate) for gate in GATES]
        self.sources = _sources(inputs)

    def remarks(self) -> list[str]:
        """Name the sources of which nothing is released, or which lost many rows."""
        gone, lost = [], []
        for source in sorted(self.sources, key=lambda source: (-source.lost, source.name)):
            reason, count = source.reasons[0] if source.reasons else ("", 0)
            why = f"most of them for {reason.replace('_', ' ')} ({count:,})"
            if not source.released:
                fate = f"its {source.rows:,} rows are out, {why}" if source.rows else "it gave no row"
                gone.append(f"Nothing of the source {source.name} is in the release: {fate}.")
            elif source.lost > source.rows * LOST:
                lost.append(f"The source {source.name} lost {share(source.lost, source.rows)} of its rows, {why}.")
        return [
            *at_most(gone, "Nothing of {} more sources is in the release."),
            *at_most(lost, "{} more sources lost more than a quarter of their rows."),
        ]

    def plots(self) -> list[Plot]:
        """Return the sources with counts of units and rows, and mean tokens."""
        counts = ["units", "skipped", "quarantined", "rows", "released", "duplicates", "flagged"]
        lines = [
            [source.name, *(getattr(source, name) for name in counts), round(source.tokens or 0, 1)]
            for source in self.sources
        ]
        return [Plot("sources", ["source", *counts, "tokens"], lines)]


def _sources(inputs: Inputs) -> list[Source]:
    cube, entries = inputs.survey.cube, inputs.settings.sources
    rows, released = sums(cube, "source"), sums(cube, "source", where=Cell.released)
    tokens = sums(cube, "source", measure="tokens")
    released_tokens = sums(cube, "source", measure="tokens", where=Cell.released)
    rated, ratings, flagged = (sums(cube, "source", measure=name) for name in ("rated", "rating", "flagged"))
    gates, reasons = (nested(sums(cube, "source", name, where=Cell.dropped)) for name in ("gate", "reason"))
    languages, licenses = (nested(sums(cube, "source", name)) for name in ("language", "license"))
    flags: Counter[tuple[str, str]] = Counter()
    for (flag, source, _, _), count in inputs.survey.flags.items():
        flags[source, flag] += count
    flags_of = nested(flags)
    sources = []
    for name in inputs.totals.sources:
        counts = {outcome: inputs.units[name, outcome] for outcome in OUTCOMES}
        stated = [entries[name]["license"]] if "license" in entries.get(name, {}) else []
        sources.append(
            Source(
                name=name,
                licenses=sorted({inputs.settings.license_of(code, name) for code in licenses[name] or stated}),
                units=sum(counts.values()),
                **counts,
                rows=rows[name],
                gates=[gates[name][gate] for gate in GATES],
                released=released[name],
                reasons=ranked(reasons[name]),
                languages=ranked(languages[name]),
                tokens=_mean(tokens[name], rows[name]),
                released_tokens=_mean(released_tokens[name], released[name]),
                rated=rated[name],
                rating=_mean(ratings[name], rated[name]),
                flagged=flagged[name],
                flags=ranked(flags_of[name]),
            )
        )
    return sources


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
