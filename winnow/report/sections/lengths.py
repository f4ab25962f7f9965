"""Histograms of the lengths of texts, with the limits of ``filter`` marked."""

from collections.abc import Mapping
from typing import Any

from winnow.gates.rules import RULES
from winnow.harness.options import OTHERS
from winnow.report.format.svg import histogram
from winnow.report.inputs import Inputs
from winnow.report.section import Plot, Section
from winnow.report.survey.bins import EDGES, position
from winnow.report.survey.survey import LENGTHS

LAYERS = (("in", "in the release", "in"), ("unit", "left out by the mix", "mix"), ("out", "left out before", "out"))
"""Class, label and status of the layers of a column, from the bottom up."""


class Histogram:
    """The lengths of one kind of text: ``bins`` are (range, rows, released rows)."""

    def __init__(self, name: str, counts: Mapping[tuple[str, str, int], int], rules: Mapping[str, Any]) -> None:
        self.name, self.fact = name, LENGTHS[name]
        self.unit = "estimated tokens" if name == "conversation" else "Latin characters"
        bins = range(len(EDGES))
        layers = [(shown, label, [counts.get((status, name, n), 0) for n in bins]) for shown, label, status in LAYERS]
        inside, rows = layers[0][2], [sum(column) for column in zip(*(layer[2] for layer in layers), strict=True)]
        self.rows, self.released = sum(rows), sum(inside)
        used = [n for n in bins if rows[n]]
        self.bins = [(bin_name(n), rows[n], inside[n]) for n in (range(used[0], used[-1] + 1) if used else ())]
        title = f"Length of the {name}: {self.released:,} of {self.rows:,} rows are in the release"
        ticks = [(position(10**k), f"{10**k:,}") for k in range(5)]
        self.svg = histogram(title, layers, [bin_name(n) for n in bins], ticks, marks(name, rules))


class Lengths(Section):
    """A histogram of each of :data:`~winnow.report.survey.survey.LENGTHS`."""

    title = "Lengths"

    def __init__(self, inputs: Inputs) -> None:
        self.counts = inputs.survey.lengths
        self.histograms = [Histogram(name, self.counts, inputs.settings.rules) for name in LENGTHS]

    def plots(self) -> list[Plot]:
        """Return the counts of the histograms by lower edge of the bin."""
        lines = [[status, name, EDGES[n], rows] for (status, name, n), rows in sorted(self.counts.items())]
        return [Plot("lengths", ["status", "field", "bin", "rows"], lines)]


def bin_name(at: int) -> str:
    """Return the range of lengths of a bin.

    >>> bin_name(0), bin_name(9), bin_name(len(EDGES) - 1)
    ('0', '20–30', '100,000 or more')
    """
    if at == len(EDGES) - 1:
        return f"{EDGES[at]:,} or more"
    return "0" if at == 0 else f"{EDGES[at]:,g}–{EDGES[at + 1]:,g}"


def marks(name: str, rules: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return the limits that ``filter`` sets to a length, by language where they differ, as (place, text).

    >>> [text for _, text in marks("response", {"short_response": {"zh": 8, "default": 20}, "long_response": False})]
    ['at least 8 (zh)', 'at least 20 (others)']
    """
    facts = {LENGTHS[name], "answer_length"} if name == "response" else {LENGTHS[name]}
    places = []
    for rule in RULES:
        if rule.fact not in facts or rule.fixed is not None:
            continue
        setting = rules.get(rule.name, False)
        side = "at least" if rule.breaks.value == "below" else "at most"
        for language, limit in (setting if isinstance(setting, Mapping) else {"": setting}).items():
            if limit is not False:
                where = f" ({'others' if language == OTHERS else language})" if language else ""
                places.append((position(float(limit)), f"{side} {limit:,g}{where}"))
    return places
