"""How rows are spread over values and lengths, before (all clean rows) and after (the release)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winnow.gates.rules import RULES
from winnow.harness.options import OTHERS
from winnow.report.bins import EDGES, position
from winnow.report.numbers import ranked
from winnow.report.survey import DISTRIBUTIONS, LENGTHS
from winnow.report.svg import histogram

MOST = 40  # values with a line each; the others share one
LANGUAGES = 12  # the same of languages, of which detectors find many
MEASURES = ("rows", "released", "draws")
LAYERS = (("in", "in the release", "in"), ("unit", "left out by the mix", "mix"), ("out", "left out before", "out"))
"""Class, label and status of what a column is made of, from the bottom up."""


@dataclass(frozen=True)
class Distribution:
    """One fact: ``lines`` are (value, rows, released rows, draws), the most frequent value first."""

    column: str
    lines: list[tuple[str, int, int, int]]
    rows: int
    released: int
    draws: int

    @property
    def highest(self) -> float:
        """The largest share, on which bars are scaled."""
        shares = [(rows / max(self.rows, 1), released / max(self.released, 1)) for _, rows, released, _ in self.lines]
        return max((max(pair) for pair in shares), default=0)


def distributions(values: Mapping[tuple[str, str, str], int]) -> list[Distribution]:
    """Return the distribution of each fact that has values, in the order of the page."""
    return [
        distribution(column, {key[1:]: count for key, count in values.items() if key[0] == column})
        for column in DISTRIBUTIONS
        if any(key[0] == column for key in values)
    ]


def distribution(column: str, values: Mapping[tuple[str, str], int]) -> Distribution:
    """Return the distribution of one fact from counts by (value, measure).

    >>> found = distribution("task", {("code", "rows"): 4, ("code", "released"): 3, ("", "rows"): 1})
    >>> found.lines, found.released, found.highest
    ([('code', 4, 3, 0), ('none', 1, 0, 0)], 3, 1.0)
    """
    names = [name for name, _ in ranked({name: count for (name, one), count in values.items() if one == "rows"})]
    most = LANGUAGES if column == "language" else MOST
    lines = [(name or "none", *(values.get((name, measure), 0) for measure in MEASURES)) for name in names[:most]]
    if rest := names[most:]:
        lines.append((f"{len(rest)} others", *(sum(values.get((name, one), 0) for name in rest) for one in MEASURES)))
    sums = Counter({measure: sum(n for (_, one), n in values.items() if one == measure) for measure in MEASURES})
    return Distribution(column, lines, *(sums[measure] for measure in MEASURES))  # type: ignore[arg-type]


def length_name(at: int) -> str:
    """Return the range of lengths of a bin.

    >>> length_name(0), length_name(9), length_name(len(EDGES) - 1)
    ('0', '20–30', '100,000 or more')
    """
    low = f"{EDGES[at]:,g}"
    if at == len(EDGES) - 1:
        return f"{EDGES[at]:,} or more"
    return "0" if at == 0 else f"{low}–{EDGES[at + 1]:,g}"


def lengths(counts: Mapping[tuple[str, str, int], int], rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a histogram of each of :data:`~winnow.report.survey.LENGTHS` with ``filter``'s limits marked."""
    found = []
    names = [length_name(n) for n in range(len(EDGES))]
    for name in LENGTHS:
        layers = [
            (shown, label, [counts.get((status, name, n), 0) for n in range(len(EDGES))])
            for shown, label, status in LAYERS
        ]
        inside, rows = layers[0][2], [sum(column) for column in zip(*(layer[2] for layer in layers), strict=True)]
        title = f"Length of the {name}: {sum(inside):,} of {sum(rows):,} rows are in the release"
        found.append(
            {
                "name": name,
                "unit": "estimated tokens" if name == "conversation" else "Latin characters",
                "svg": histogram(title, layers, names, _ticks(), marks(name, rules)),
                "rows": sum(rows),
                "released": sum(inside),
                "bins": [(names[n], rows[n], inside[n]) for n in _used(rows)],
            }
        )
    return found


def _ticks() -> list[tuple[float, str]]:
    return [(position(10**k), f"{10**k:,}") for k in range(5)]


def _used(rows: list[int]) -> range:
    """Return the bins from the first to the last with a row."""
    used = [n for n, count in enumerate(rows) if count]
    return range(used[0], used[-1] + 1) if used else range(0)


def marks(name: str, rules: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return the limits that ``filter`` sets to a length, by language where they differ, as (place, text).

    >>> [text for _, text in marks("response", {"short_response": {"zh": 8, "default": 20}, "long_response": False})]
    ['at least 8 (zh)', 'at least 20 (others)']
    """
    facts = {LENGTHS[name], "answer_length"} if name == "response" else {LENGTHS[name]}
    found = []
    for rule in RULES:
        if rule.fact not in facts or rule.fixed is not None:
            continue
        setting = rules.get(rule.name, False)
        limits = setting if isinstance(setting, Mapping) else {"": setting}
        side = "at least" if rule.breaks.value == "below" else "at most"
        for language, limit in limits.items():
            if limit is not False:
                of = "" if not language else f" ({'others' if language == OTHERS else language})"
                found.append((position(float(limit)), f"{side} {limit:,g}{of}"))
    return found
