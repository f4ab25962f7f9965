"""``winnow validate``: checks a file against the rules of a trainer or an API."""

import sys
from pathlib import Path

import click

from winnow.cli.paths import TypedPath
from winnow.harness.display import say

_CONSUMERS = ("llama-factory", "trl", "axolotl", "openai")


@click.command()
@click.argument("file", type=TypedPath(exists=True, dir_okay=False, path_type=Path))
@click.option("--for", "consumer", type=click.Choice(_CONSUMERS), required=True, help="Who is to train on it.")
def main(file: Path, consumer: str) -> None:
    """Check FILE (JSON, JSON Lines, CSV or Parquet) by the rules of who trains on it.

    The rules are written down from the consumers' documents and code; exit status 1 if a row would be dropped or
    refused.

    \b
    winnow validate data/export/sharegpt/train.jsonl --for llama-factory
    """
    from winnow.release.validate.report import validate

    report = validate(file, consumer)
    say(f"{report.rows:,} rows, {report.bad:,} would be dropped or refused")
    for problem in report.whole:
        say(f"  file: {problem}")
    for line, problem in report.shown:
        say(f"  line {line:,}: {problem}")
    if report.bad > len(report.shown):
        say(f"  and {report.bad - len(report.shown):,} more")
    sys.exit(0 if report.ok else 1)
