"""The sources: how far their units came, and what their rows are like."""

from collections import Counter

from winnow.gates.chain import GATES
from winnow.report.format.numbers import ranked, share
from winnow.report.inputs import Inputs
from winnow.report.section import Plot, Section, at_most
from winnow.report.survey.counts import Cell, Cube, sums

OUTCOMES = ("used", "skipped", "quarantined")

HEADS = {"deduplicate": "dedupli\xadcate", "decontaminate": "deconta\xadminate"}
"""Names of gates as they may break in the head of a table."""

LOST = 0.25  # a source that lost more of its rows is remarked on


class Source:
    """One source, from the cells of its rows; counts are rows unless stated otherwise.

    ``units`` are raw units, and so are ``used``, ``skipped`` and ``quarantined``; ``gates`` are drops by gate. Means,
    of nothing None, are ``tokens``, ``released_tokens`` and ``rating``.
    """

    def __init__(self, name: str, inputs: Inputs, cube: Cube, flags: Counter[str]) -> None:
        units, entry = inputs.units, inputs.settings.sources.get(name, {})
        self.name = name
        self.used, self.skipped, self.quarantined = (units[name, outcome] for outcome in OUTCOMES)
        self.units = self.used + self.skipped + self.quarantined
        self.rows, tokens, self.rated, rating, self.flagged = (
            sums(cube, "source", measure=measure)[name] for measure in ("rows", "tokens", "rated", "rating", "flagged")
        )
        self.released, released_tokens = (
            sums(cube, "source", measure=measure, where=Cell.released)[name] for measure in ("rows", "tokens")
        )
        self.lost = self.rows - self.released
        self.tokens, self.released_tokens = _mean(tokens, self.rows), _mean(released_tokens, self.released)
        self.rating = _mean(rating, self.rated)
        dropped = sums(cube, "gate", where=Cell.dropped)
        self.gates = [dropped[gate] for gate in GATES]
        self.duplicates: int = dropped["deduplicate"]
        self.reasons = ranked(sums(cube, "reason", where=Cell.dropped))
        self.languages, self.flags = ranked(sums(cube, "language")), ranked(flags)
        codes = sums(cube, "license") or ([entry["license"]] if "license" in entry else [])
        self.licenses = sorted({inputs.settings.license_of(code, name) for code in codes})


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None


class Sources(Section):
    """Every source by name: those with an entry, and those of which there are rows or units.

    ``heads`` are the heads of the columns of the gates.
    """

    title = "Sources"

    def __init__(self, inputs: Inputs) -> None:
        self.heads = [HEADS.get(gate, gate) for gate in GATES]
        cubes: dict[str, Cube] = {name: Counter() for name in inputs.totals.sources}
        for (cell, measure), value in inputs.survey.cube.items():
            cubes[cell.source][cell, measure] = value
        flags: dict[str, Counter[str]] = {name: Counter() for name in cubes}
        for (flag, source, _, _), count in inputs.survey.flags.items():
            flags[source][flag] += count
        self.sources = [Source(name, inputs, cube, flags[name]) for name, cube in cubes.items()]

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
