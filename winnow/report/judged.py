"""What models said of the rows: how their scores are spread, which replies they prefer, what they did not answer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from winnow.judging.rubric import CHOSEN, HIGHEST, LOWEST, PREFERRED, REJECTED, TIE
from winnow.report.coverage import LEVELS
from winnow.report.numbers import ranked

LABELS = 12  # labels of a criterion with a line each; the others share one

Lines = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Scores:
    """A criterion: rows by whole score, each with its level of colour, their mean and number."""

    name: str
    cells: list[tuple[int, int]]
    mean: float
    rows: int


@dataclass(frozen=True)
class Judged:
    """What stands in the section; ``outcomes`` and ``models`` are (name, count), the most frequent first."""

    requests: int
    outcomes: list[tuple[str, int]]
    models: list[tuple[str, int]]
    canaries: Mapping[str, int]
    rubrics: list[tuple[str, list[Scores]]] = field(default_factory=list)
    preferred: list[tuple[str, list[tuple[str, int]]]] = field(default_factory=list)
    labels: list[tuple[str, list[tuple[str, int]]]] = field(default_factory=list)
    scale: range = range(LOWEST, HIGHEST + 1)


def judged(verdicts: Lines, requests: Lines, models: Lines, metrics: Mapping[str, Any]) -> Judged | None:
    """Return the section from the plots and metrics of the stage ``judge``, None where nothing was asked.

    >>> line = dict(rubric="pair", criterion="style", value="7.5", rows="3")
    >>> found = judged([line], [dict(rubric="pair", outcome="ok", requests="3")], [], {})
    >>> found.rubrics[0][1][0].mean, found.rubrics[0][1][0].cells[7]
    (7.5, (3, 6))
    """
    if not requests:
        return None
    outcomes: Counter[str] = Counter()
    for line in requests:
        outcomes["used" if line["outcome"] == "ok" else line["outcome"]] += int(line["requests"])
    by_criterion: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for line in verdicts:
        by_criterion.setdefault((line["rubric"], line["criterion"]), []).append((line["value"], int(line["rows"])))
    rubrics: dict[str, list[Scores]] = {}
    preferred, labels = [], []
    for (rubric, criterion), values in by_criterion.items():
        if criterion == PREFERRED:
            found = dict(values)
            preferred.append((rubric, [(label, found.get(label, 0)) for label in (CHOSEN, TIE, REJECTED)]))
        elif all(_is_number(value) for value, _ in values):
            rubrics.setdefault(rubric, []).append(_scores(criterion, values))
        else:
            counts = ranked(dict(values))
            if rest := counts[LABELS:]:
                counts = [*counts[:LABELS], (f"{len(rest)} others", sum(count for _, count in rest))]
            labels.append((f"{rubric}: {criterion}", counts))
    return Judged(
        sum(outcomes.values()),
        ranked(outcomes),
        ranked({line["model"]: int(line["replies"]) for line in models}),
        metrics.get("canaries", {}),
        list(rubrics.items()),
        preferred,
        labels,
    )


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _level(count: int, most: int) -> int:
    """Return the level of colour of a count: in proportion, so that the shape of a spread shows.

    >>> [_level(count, 60) for count in (0, 1, 10, 30, 60)]
    [0, 1, 2, 4, 6]
    """
    return min(LEVELS, 1 + LEVELS * count // most) if count else 0


def _scores(name: str, values: Sequence[tuple[str, int]]) -> Scores:
    counts: Counter[int] = Counter()
    for value, rows in values:
        counts[int(float(value) + 0.5)] += rows  # halves go up
    rows, most = counts.total(), max(counts.values())
    cells = [(counts[n], _level(counts[n], most)) for n in range(LOWEST, HIGHEST + 1)]
    return Scores(name, cells, sum(float(value) * count for value, count in values) / rows, rows)
