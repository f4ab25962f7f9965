"""The numbers of the page as plot data: lines of small CSV files."""

from collections.abc import Mapping
from typing import Any

from winnow.report.bins import EDGES
from winnow.report.survey import Survey

PLOTS = {
    "lengths": ["status", "field", "bin", "rows"],
    "languages": ["language", "in", "out"],
    "values": ["value", "fact", "rows", "released", "draws"],
    "flags": ["flag", "rows", "released"],
    "sources": ["source", "units", "skipped", "quarantined", "rows", "released", "duplicates", "flagged", "tokens"],
    "reasons": ["reason", "gate", "rows", "zh", "zh_rate", "en", "en_rate"],
}
"""The columns of each plot: ``values`` are named ``task: code``, ``tokens`` are means, rates are shares."""


def plots(survey: Survey, page: Mapping[str, Any]) -> dict[str, list[list[Any]]]:
    """Return the lines of each of :data:`PLOTS`."""
    languages = sorted({value for column, value, _ in survey.values if column == "language"})
    rows, released = (
        {value: count for (column, value, one), count in survey.values.items() if (column, one) == ("language", name)}
        for name in ("rows", "released")
    )
    return {
        "lengths": [[*key[:2], EDGES[key[2]], count] for key, count in sorted(survey.lengths.items())],
        "languages": [[code or "und", released[code], rows[code] - released[code]] for code in languages],
        "values": [
            [f"{one.column}: {value}", one.column, *counts]
            for one in page["distributions"]
            for value, *counts in one.lines
        ],
        "flags": [[one.name, one.rows, one.released] for one in page["flags"]],
        "sources": [
            [one.name, one.units, one.skipped, one.quarantined, one.rows, one.released, one.duplicates, one.flagged,
             round(one.tokens or 0, 1)]
            for one in page["sources"]
        ],
        "reasons": [
            [one.reason, one.gate, one.rows, one.rates.chinese, _part(one.rates.chinese, one.rates.of_chinese),
             one.rates.english, _part(one.rates.english, one.rates.of_english)]
            for one in page["uneven"]
        ],
    }  # fmt: skip


def _part(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
