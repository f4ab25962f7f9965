"""``make real DATA=…``: the whole pipeline on the public sets, in a temporary clone; prints and checks the accounts."""

import json
import os
import resource
import tempfile
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click

from tests.campaigns.accounts import Account, accounts, check
from tests.campaigns.clone import BENCHMARKS, SETS, add_real_sources, clone, run
from tests.campaigns.tags import main as tags
from tests.campaigns.verdicts import HEADER, confusion
from winnow.cli.funnel import columns
from winnow.harness.settings import read_params
from winnow.reading.entries import is_data
from winnow.reading.registry import adapters

UNUSED = {
    "MANIFEST.jsonl": "the list of these files",
    "ftfy_cases/*": "cases of a library that fixes text",
    "instruction_wild/*": "instructions without replies",
    "language_id/*": "sentences by language, plain text",
    "llama_factory/*.yaml": "settings of its loader",
    "vicuna/*": "answers and reviews name questions and each other by ids; the texts stand in several files",
    "webgpt/*": "an excerpt of one row without its scores; a made-up file stands in for it",
}
"""What lies below DATA and is no source, and why."""

UNSEEN = {"glaive", "ranked", "transcript", "winnow", "written", "xlam"}
"""Adapters of whose layout no file lies below DATA; tests read made-up units with them."""

_COMPARISONS = (
    ("Why do leaves turn yellow in autumn?", "The green fades and shows the yellow that was there [1].", "It is cold."),
    (
        "How does a lock lift a boat?",
        "Water flows into the chamber and the boat rises with it [1].",
        "Pumps push it up.",
    ),
    (
        "What keeps a bicycle upright?",
        "Steering into the fall brings the wheels below the rider [1].",
        "Only its speed.",
    ),
    ("Who carries the news in a bee hive?", "Foragers dance, and the dance says where to fly [1].", "The queen tells."),
)


def made_up_webgpt() -> str:
    """Return comparisons in the layout of WebGPT's original file, of which no real row could be had."""
    lines = []
    for n, (question, better, worse) in enumerate(_COMPARISONS):
        asked = {"dataset": "made up", "id": f"q{n}", "full_text": question}
        quotes = {"title": ["A made-up page"], "extract": [better]}
        pair = [
            {
                "question": asked,
                "quotes": quotes,
                "answer": answer,
                "tokens": {"prefix": [], "completion": []},
                "score": score,
            }
            for answer, score in ((better, 0.5), (worse, -0.5))
        ]
        lines.append(json.dumps(pair) + "\n")
    return "".join(lines)


def left_aside(data: Path) -> list[list[Any]]:
    """Return what below ``data`` is no source, number of files and reason; a file without a reason is an error."""
    used = [data / path for one in SETS for path in one.files]
    used += [data / "benchmarks" / path for path in BENCHMARKS.values()]
    aside: Counter[tuple[str, str]] = Counter()
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        if any(file == one or one in file.parents for one in used):
            continue
        name = file.relative_to(data).as_posix()
        known = next((one for one in UNUSED.items() if fnmatch(name, one[0])), None)
        if known is None and is_data(file):
            raise click.ClickException(f"{file} is used by no source; add it to SETS, or say in UNUSED why not.")
        aside[known or ("licences, notes, descriptions", "no data")] += 1
    return [[pattern, count, why] for (pattern, why), count in sorted(aside.items())]


def table(books: list[Account]) -> str:
    """Return the accounts as aligned text with their sums."""
    total = [sum(getattr(one, name) for one in books) for name in Account._fields[2:]]
    return columns(list(Account._fields), [*map(list, books), ["all", "", *total]])


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--keep", type=click.Path(path_type=Path), help="Build in this folder and leave it there.")
def main(data: Path, keep: Path | None) -> None:
    """Build a release of the public sets below DATA; exit status 0 means that every raw unit is accounted for."""
    data = data.resolve()
    click.echo(columns(["no source", "files", "because"], left_aside(data)) + "\n")
    with tempfile.TemporaryDirectory(prefix="winnow-real-") as temporary:
        folder = (keep or Path(temporary) / "clone").resolve()
        clone(folder)
        add_real_sources(folder, data)
        comparisons = Path(temporary) / "comparisons.jsonl"
        comparisons.write_text(made_up_webgpt(), encoding="utf-8")
        run(folder, "winnow", "add", "webgpt_made_up", str(comparisons), "--license", "CC0-1.0")
        run(folder, "dvc", "repro", "--quiet")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(folder, "winnow", "funnel")
        before = Path.cwd()
        os.chdir(folder)
        try:
            books = accounts()
            verdicts, precision = confusion(read_params()["buckets"])
        finally:
            os.chdir(before)
        click.echo(f"\n{table(books)}")
        check(books, adapters().keys() - UNSEEN)
        click.echo(f"\n{columns(HEADER, verdicts)}\n{precision}\n")
        tags.main([str(data)], standalone_mode=False)
        click.echo(f"\n{used.ru_utime + used.ru_stime:.1f} CPU seconds, {used.ru_maxrss / 1024:.0f} MB in one process")
        if keep:
            click.echo(f"The clone is in {folder}.")


if __name__ == "__main__":
    main()
