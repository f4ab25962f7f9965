"""How rows are spread over the values of facts, before (all clean rows) and after (the release)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from winnow.report.format.numbers import ranked, share
from winnow.report.inputs import Inputs
from winnow.report.section import Plot, Section
from winnow.report.survey.survey import DISTRIBUTIONS

MOST = 40  # values with a line each; the others share one
LANGUAGES = 12  # the same of languages, of which detectors find many
MEASURES = ("rows", "released", "draws")
AGREEMENT = 0.95  # with less, the second detector of languages is remarked on


class Distribution:
    """One fact from counts by (value, measure).

    ``lines`` are (value, rows, released rows, draws), the most frequent value first; ``highest`` is the largest share,
    on which bars are scaled.

    >>> task = Distribution("task", {("code", "rows"): 4, ("code", "released"): 3, ("", "rows"): 1})
    >>> task.lines, task.released, task.highest
    ([('code', 4, 3, 0), ('none', 1, 0, 0)], 3, 1.0)
    """

    def __init__(self, column: str, values: Mapping[tuple[str, str], int]) -> None:
        self.column = column
        counts = {measure: {name: n for (name, of), n in values.items() if of == measure} for measure in MEASURES}
        names = [name for name, _ in ranked(counts["rows"])]
        most = LANGUAGES if column == "language" else MOST
        groups = [(name or "none", [name]) for name in names[:most]]
        if rest := names[most:]:
            groups.append((f"{len(rest)} others", rest))
        self.rows, self.released, self.draws = (sum(counts[measure].values()) for measure in MEASURES)
        self.lines: list[tuple[str, int, int, int]] = []
        for label, among in groups:
            rows, inside, draws = (sum(counts[measure].get(name, 0) for name in among) for measure in MEASURES)
            self.lines.append((label, rows, inside, draws))
        shares = (max(rows / self.rows, inside / max(self.released, 1)) for _, rows, inside, _ in self.lines)
        self.highest = max(shares, default=0.0)


class BeforeAfter(Section):
    """A distribution of each fact that has values, and how often two detectors of languages agree (``audit``)."""

    title = "Before and after"

    def __init__(self, inputs: Inputs) -> None:
        by_column: dict[str, Counter[tuple[str, str]]] = {}
        for (column, value, measure), count in inputs.survey.values.items():
            by_column.setdefault(column, Counter())[value, measure] = count
        self.distributions = [Distribution(name, by_column[name]) for name in DISTRIBUTIONS if name in by_column]
        self.audit: Mapping[str, Any] = inputs.metrics.annotate.get("audit", {})
        self.languages = by_column.get("language", Counter())

    def remarks(self) -> list[str]:
        """Say so where the two detectors of languages disagree often."""
        if not self.audit.get("rows") or self.audit.get("agreement", 1) >= AGREEMENT:
            return []
        agreement, rows = share(self.audit["agreement"], 1), self.audit["rows"]
        return [f"A second detector agrees with the language of {agreement} of the {rows:,} rows checked."]

    def plots(self) -> list[Plot]:
        """Return rows by language, in and out, and rows by value (``task: code``) of each fact."""
        languages = [
            [name or "und", self.languages[name, "released"], rows - self.languages[name, "released"]]
            for (name, measure), rows in sorted(self.languages.items())
            if measure == "rows"
        ]
        values = [
            [f"{fact.column}: {value}", fact.column, *counts]
            for fact in self.distributions
            for value, *counts in fact.lines
        ]
        return [
            Plot("languages", ["language", "in", "out"], languages),
            Plot("values", ["value", "fact", *MEASURES], values),
        ]
