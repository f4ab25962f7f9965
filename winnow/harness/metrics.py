"""The one writer of metrics and plot data: sorted keys, rounded floats, a final newline, no value that DVC drops."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from winnow.harness.display import guarded, unguarded

_DIGITS = 6


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        for key in value:
            if "." in str(key):
                raise ValueError(f"metric key {key!r} in {where} has a dot, which DVC reads as nesting")
        return {str(key): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, bool | str | int):
        return value
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"metric {where} is {number}; DVC always shows that as changed")
    return round(number, _DIGITS)


def metrics_json(metrics: Mapping[str, Any]) -> str:
    """Return ``metrics`` as the text of a DVC metrics file: numbers, strings and nested maps only.

    >>> metrics_json({"rows_out": 2, "share": 1 / 3})
    '{\\n  "rows_out": 2,\\n  "share": 0.333333\\n}\\n'
    """
    return json.dumps(_plain(metrics, "metrics"), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def plot_csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return plot data as CSV text; rows keep their order, floats are rounded, no spreadsheet runs a text as a formula.

    >>> plot_csv(["reason", "rows"], [["empty", 3]])
    'reason,rows\\nempty,3\\n'
    """
    lines = [[round(cell, _DIGITS) if isinstance(cell, float) else guarded(cell) for cell in row] for row in rows]
    return "".join(map(_csv_line, [header, *lines]))


def _csv_line(cells: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)  # so that a lone carriage return is quoted too
    return out.getvalue().removesuffix("\r\n") + "\n"


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with ``\\n`` line ends, whatever the locale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def plot_lines(file: Path) -> list[dict[str, str]]:
    """Return the lines of a file that :func:`plot_csv` made, each by the names of its header, texts as they were."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [{name: unguarded(cell) for name, cell in line.items()} for line in csv.DictReader(lines)]
