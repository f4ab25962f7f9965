"""Verdicts of judging models: how scores are spread, which replies are preferred, which requests have no verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence

from winnow.judging.rubric import CHOSEN, HIGHEST, LOWEST, PREFERRED, REJECTED, TIE
from winnow.report.format.levels import linear
from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section

LABELS = 12  # labels of a criterion with a line each; the others share one


class Scores:
    """A criterion: rows by whole score, each with its level of colour, their mean and number."""

    def __init__(self, name: str, counts: Mapping[str, int]) -> None:
        self.name, self.rows = name, sum(counts.values())
        self.mean = sum(float(value) * rows for value, rows in counts.items()) / self.rows
        by_score: Counter[int] = Counter()
        for value, rows in counts.items():
            by_score[int(float(value) + 0.5)] += rows  # halves go up
        most = max(by_score.values())
        self.cells = [(by_score[n], linear(by_score[n], most)) for n in range(LOWEST, HIGHEST + 1)]


class Verdicts(Section):
    """Requests by outcome, replies by model, canaries, and verdicts.

    Verdicts are scores by rubric (``rubrics``), preferences by rubric (``preferred``), and labels by rubric and
    criterion (``labels``).
    """

    title = "Judged by models"
    scale = range(LOWEST, HIGHEST + 1)

    def __init__(self, inputs: Inputs) -> None:
        metrics = inputs.metrics
        outcomes: Counter[str] = Counter()
        for line in metrics.requests:
            outcomes["used" if line["outcome"] == "ok" else line["outcome"]] += int(line["requests"])
        self.requests, self.outcomes = outcomes.total(), ranked(outcomes)
        self.models = ranked({line["model"]: int(line["replies"]) for line in metrics.models})
        self.canaries: Mapping[str, int] = metrics.judge.get("canaries", {})
        self.rubrics: dict[str, list[Scores]] = {}
        self.preferred: dict[str, list[tuple[str, int]]] = {}
        self.labels: dict[str, list[tuple[str, int]]] = {}
        by_criterion: dict[tuple[str, str], dict[str, int]] = {}
        for line in metrics.verdicts:
            by_criterion.setdefault((line["rubric"], line["criterion"]), {})[line["value"]] = int(line["rows"])
        for (rubric, criterion), counts in by_criterion.items():
            if criterion == PREFERRED:
                self.preferred[rubric] = [(label, counts.get(label, 0)) for label in (CHOSEN, TIE, REJECTED)]
            elif all(value.replace(".", "", 1).isdecimal() for value in counts):
                self.rubrics.setdefault(rubric, []).append(Scores(criterion, counts))
            else:
                self.labels[f"{rubric}: {criterion}"] = _labels(ranked(counts))

    def remarks(self) -> list[str]:
        """Say how many replies to canaries, rows with known verdicts, were wrong."""
        if not self.canaries.get("off"):
            return []
        wrong = f"{self.canaries['off']:,} of {self.canaries['replies']:,} replies to canaries differ from the known"
        return [f"{wrong} verdict: the model may not be the one it was."]


def _labels(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    rest = counts[LABELS:]
    others = [(f"{len(rest)} others", sum(count for _, count in rest))] if rest else []
    return [*counts[:LABELS], *others]
