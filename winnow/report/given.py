"""What the stages before said in their metrics and plots, as the page needs it."""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.harness.metrics import plot_lines
from winnow.report.judged import Judged, judged


@dataclass(frozen=True)
class Given:
    """Settings and numbers: ``units`` count raw units by (source, outcome); ``targets`` and ``coverage`` are the mix's.

    ``coverage`` has a line of (values…, rows, draws) per combination of values of the columns ``over``.
    """

    name: str
    sources: Mapping[str, Any]
    rules: Mapping[str, Any]
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    overlaps: Mapping[str, Any] = field(default_factory=dict)
    audit: Mapping[str, Any] = field(default_factory=dict)
    targets: Sequence[Mapping[str, str]] = ()
    over: Sequence[str] = ()
    coverage: Sequence[Sequence[str]] = ()
    judged: Judged | None = None


def read(params: Mapping[str, Any], metrics: Path = Path("metrics")) -> Given:
    """Return what ``params.yaml`` and the metrics say."""
    units: Counter[tuple[str, str]] = Counter()
    for line in plot_lines("normalize", "units", metrics):
        units[line["source"], line["outcome"]] += int(line["units"])
    with (metrics / "plots/mix/coverage.csv").open(encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file)
    return Given(
        name=(params.get("export") or {}).get("name", ""),
        sources=params.get("sources") or {},
        rules=params.get("filter") or {},
        units=units,
        overlaps=_json(metrics / "overlaps.json"),
        audit=_json(metrics / "annotate.json").get("audit", {}),
        targets=plot_lines("mix", "targets", metrics),
        over=header[:-2],
        coverage=cells,
        judged=judged(
            plot_lines("judge", "verdicts", metrics),
            plot_lines("judge", "requests", metrics),
            plot_lines("judge", "models", metrics),
            _json(metrics / "judge.json"),
        ),
    )


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
