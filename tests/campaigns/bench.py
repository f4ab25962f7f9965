"""``make bench DATA=…``: CPU seconds, rows per second and peak memory per stage, at one and at ten times the rows.

CPU seconds (user + system, workers included) are what can be compared on a shared machine; the peak is that of the
largest single process.
"""

import gzip
import json
import os
import random
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import click
from ruamel.yaml import YAML

from tests.campaigns.clone import CORE, add_real_sources, clone, environment
from winnow.cli.funnel import columns

TOKEN = re.compile(r"[A-Za-z']+|[\u3400-\u9fff]")
_TEXTS = frozenset({"instruction", "input", "output", "context", "response", "text"})


class Cost(NamedTuple):
    """What a command cost: CPU seconds of it and all its children, megabytes of its largest process."""

    seconds: float
    megabytes: float


def measured(folder: Path, *command: str) -> Cost:
    """Run ``command`` in ``folder`` and return its cost."""
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"{' '.join(command)} ended with status {process.returncode}.")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def shuffled(text: str, draw: random.Random) -> str:
    """Return ``text`` with its words (and Han characters) in another order: as long, as hard, no duplicate."""
    words = TOKEN.findall(text)
    draw.shuffle(words)
    left = iter(words)
    return TOKEN.sub(lambda _: next(left), text)


def _varied(value: Any, copy: int, draw: random.Random) -> Any:
    if isinstance(value, list):
        return [_varied(item, copy, draw) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, field in value.items():
        if key in _TEXTS and isinstance(field, str):
            field = shuffled(field, draw)
        elif key in ("message_id", "parent_id", "message_tree_id") and field:
            field = f"{field}-{copy}"
        out[key] = _varied(field, copy, draw)
    return out


def multiply(raw: Path, times: int) -> None:
    """Replace every file below ``raw`` by ``times`` as many rows: the original and variants with shuffled words."""
    for file in sorted(path for path in raw.rglob("*") if path.is_file() and "demo" not in path.parts):
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
        array = text.lstrip().startswith("[")
        rows = json.loads(text) if array else [json.loads(line) for line in text.split("\n") if line.strip()]
        draw = random.Random(file.name)
        file.unlink()
        with file.with_suffix("").with_suffix(".jsonl").open("w", encoding="utf-8") as out:
            for copy in range(times):
                for row in rows:
                    out.write(json.dumps(_varied(row, copy, draw) if copy else row, ensure_ascii=False) + "\n")


def stage_costs(folder: Path) -> dict[str, Cost]:
    """Run every stage by itself, in the order of dvc.yaml, and return what each cost."""
    stages = YAML(typ="safe").load((folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return {name: measured(folder, "python3", "-m", f"stages.{name}") for name in stages}


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--times", default=10, show_default=True, help="How many times the rows in the second run; 1: none.")
def main(data: Path, times: int) -> None:
    """Measure every stage on the public sets below DATA, then on TIMES as many rows."""
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as temporary:
        folder = Path(temporary) / "clone"
        clone(folder)
        add_real_sources(folder, data.resolve(), CORE)
        whole = measured(folder, "dvc", "repro", "--quiet")
        nothing = measured(folder, "dvc", "repro", "--quiet")
        costs = [stage_costs(folder)]
        rows = [_rows(folder)]
        if times > 1:
            multiply(folder / "data" / "raw", times)
            costs.append(stage_costs(folder))
            rows.append(_rows(folder))
        click.echo(_table(costs, rows))
        click.echo(
            f"\ndvc repro, everything: {whole.seconds:.1f} CPU seconds, {whole.megabytes:.0f} MB\n"
            f"dvc repro, nothing to do: {nothing.seconds:.1f} CPU seconds, {nothing.megabytes:.0f} MB"
        )


def _rows(folder: Path) -> int:
    return json.loads((folder / "metrics" / "normalize.json").read_text(encoding="utf-8"))["rows"]


def _table(costs: list[dict[str, Cost]], rows: list[int]) -> str:
    header = ["stage"]
    for count in rows:
        header += [f"CPU s ({count:,} rows)", "rows/s", "MB"]
    if len(costs) > 1:
        header += ["time x", "memory x"]
    lines: list[list[object]] = []
    totals = [Cost(sum(c.seconds for c in run.values()), max(c.megabytes for c in run.values())) for run in costs]
    for name in [*costs[0], "all stages"]:
        runs = [run[name] for run in costs] if name in costs[0] else totals
        line: list[object] = [name]
        for cost, count in zip(runs, rows, strict=True):
            line += [f"{cost.seconds:.2f}", int(count / cost.seconds), f"{cost.megabytes:.0f}"]
        if len(runs) > 1:
            ratios = (runs[1].seconds / runs[0].seconds, runs[1].megabytes / runs[0].megabytes)
            line += [f"{ratio:.2f}" for ratio in ratios]
        lines.append(line)
    return columns(header, lines)


if __name__ == "__main__":
    main()
