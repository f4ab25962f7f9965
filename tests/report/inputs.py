"""Inputs of the sections, empty except for what a test names."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from winnow.report.examples.choice import Choice
from winnow.report.examples.texts import Texts
from winnow.report.inputs import Inputs, Settings, StageMetrics
from winnow.report.survey.counts import Cell
from winnow.report.survey.survey import Survey


def cell(source: str = "a", gate: str = "", reason: str = "", language: str = "en", code: str = "MIT") -> Cell:
    """Return the cell of released rows, or of rows that ``gate`` dropped."""
    return Cell(source, code, gate, reason, "" if gate else "train", language)


def inputs(
    cube: Mapping[tuple[Cell, str], Any] | None = None,
    sources: dict[str, Any] | None = None,
    metrics: StageMetrics | None = None,
    **survey: Any,
) -> Inputs:
    """Return inputs with these counts of rows, entries of sources, metrics of earlier stages, fields of the survey."""
    settings = Settings("test", sources or {}, {})
    counts = Survey(3, cube=Counter(cube or {}), **survey)
    return Inputs(settings, metrics or StageMetrics(), counts, Choice(), Texts())
