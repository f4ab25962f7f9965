"""``winnow funnel``: from raw units to the release, in numbers."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import click

from winnow.harness.display import say, visible

UNITS = Path("metrics/plots/normalize/units.csv")


@click.command()
def main() -> None:
    """Print the funnel of this version: raw units, rows in and out by reason, per source; and where the release is."""
    from winnow.harness.errors import UserError
    from winnow.harness.metrics import plot_lines
    from winnow.integrity.receipts import old_index
    from winnow.release.index import read_index

    if problem := old_index():
        say(f"note: {problem}; dvc repro says why there is no newer one.", err=True)
    if not UNITS.is_file():
        raise UserError(f"{UNITS} is missing, as after a run of stage normalize that failed; run dvc repro.")
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for row in plot_lines(UNITS):
        units[row["source"]]["raw"] += int(row["units"])
        units[row["source"]][row["outcome"]] += int(row["units"])
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    index = read_index(Path("data/index.parquet"), columns=["source", "status", "stage", "reason"])
    for group in index.group_by(index.column_names).aggregate([([], "count_all")]).to_pylist():
        count = group["count_all"]
        if group["stage"] != "normalize":
            rows[group["source"]][group["status"]] += count
        if group["status"] == "out":
            reasons[group["stage"], group["reason"]] += count
    header = ["source", "raw units", "used", "skipped", "quarantined", "rows", "in", "out"]
    table: list[list[Any]] = []
    for source in sorted(units):
        counts, inside, outside = units[source], rows[source]["in"], rows[source]["out"]
        used, skipped, quarantined = (counts[name] for name in ("used", "skipped", "quarantined"))
        table.append([source, counts["raw"], used, skipped, quarantined, inside + outside, inside, outside])
    table.append(["all", *(sum(row[n] for row in table) for n in range(1, len(header)))])
    say(*columns(header, table).split("\n"), "", "out by reason")
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    say(*columns(["stage", "reason", "rows"], [[*key, count] for key, count in ordered]).split("\n"))
    say("", "release  data/export", "card     data/export/README.md", "report   data/report/index.html")


def columns(header: list[str], rows: list[list[Any]]) -> str:
    """Return rows as aligned text, each in one line, numbers to the right with thousands marked.

    >>> print(columns(["a", "rows"], [["x", 1000]]))
    a   rows
    x  1,000
    """
    cells = [header, *[[f"{cell:,}" if isinstance(cell, int) else visible(str(cell)) for cell in row] for row in rows]]
    numeric = [all(isinstance(row[n], int) for row in rows) for n in range(len(header))]
    widths = [max(len(row[n]) for row in cells) for n in range(len(header))]
    lines = []
    for row in cells:
        parts = [c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, numeric, strict=True)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)
