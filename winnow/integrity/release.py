"""Checks of the release: every file can be read, and holds as many rows as the metrics say."""

import json
from collections import Counter
from functools import partial
from pathlib import Path

import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.harness.processes import map_buckets
from winnow.integrity.finding import Finding
from winnow.storage.parquet import each_row_group, read_table

FOLDER = Path("data/export")
FIX = "run `dvc repro --force export`"


def release() -> list[Finding]:
    """Read every file of the release in full and compare its rows with ``metrics/export.json`` and the index."""
    try:
        metrics = json.loads(Path("metrics/export.json").read_text(encoding="utf-8"))
        index = read_table(Path("data/index.parquet"), ["split", "status"])
    except (OSError, ValueError, UserError) as error:
        return [Finding("release", str(error).rstrip("."), "run dvc repro")]
    inside = Counter(index["split"].filter(pc.equal(index["status"], "in")).to_pylist())
    problems = []
    for split, rows in sorted(metrics.get("parquet", {}).items()):
        if rows != inside[split]:
            problems.append(f"the release has {rows:,} rows in {split} and the index {inside[split]:,}")
    wanted = {(fmt, split): rows for fmt, splits in metrics.items() for split, rows in splits.items() if rows}
    files = sorted(file for fmt in metrics for file in (FOLDER / fmt).glob("*"))
    for file, (rows, problem) in zip(files, map_buckets(_rows, files), strict=True):
        expected = wanted.pop((file.parent.name, file.stem), 0)
        if problem or rows != expected:
            problems.append(problem or f"{file} holds {rows:,} rows and metrics/export.json says {expected:,}")
    problems += [f"{FOLDER}/{fmt} has no file of the split {split}" for fmt, split in sorted(wanted)]
    if not (FOLDER / "README.md").is_file():
        problems.append(f"{FOLDER} has no dataset card (README.md)")
    return [Finding("release", problem, FIX) for problem in problems]


def _rows(file: Path) -> tuple[int, str | None]:
    """Return how many rows a file of the release holds, and why it cannot be read, if so."""
    try:
        if file.suffix == ".parquet":
            return sum(map(len, each_row_group(file))), None
        if file.suffix == ".json":
            return len(json.loads(file.read_text(encoding="utf-8"))), None
        with file.open(encoding="utf-8") as lines:
            return sum(1 for _ in map(partial(json.loads), lines)), None
    except (UserError, ValueError, OSError) as error:
        return 0, f"{file} cannot be read: {str(error).splitlines()[0].rstrip('.')}"
