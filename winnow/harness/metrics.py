"""The one writer of metrics and plot data: sorted keys, rounded floats, a final newline, no value that DVC drops."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    """Return plot data as CSV text; rows keep their order, floats are rounded.

    >>> plot_csv(["reason", "rows"], [["empty", 3]])
    'reason,rows\\nempty,3\\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([round(cell, _DIGITS) if isinstance(cell, float) else cell for cell in row])
    return out.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with ``\\n`` line ends, whatever the locale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def plot_lines(stage: str, plot: str, metrics: Path = Path("metrics")) -> list[dict[str, str]]:
    """Return the lines of ``metrics/plots/<stage>/<plot>.csv``, each by the names of its header."""
    with (metrics / "plots" / stage / f"{plot}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
