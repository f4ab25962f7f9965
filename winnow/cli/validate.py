"""``winnow validate``: would a trainer take this file?"""

import sys
from pathlib import Path

import click

_CONSUMERS = ("llama-factory", "trl", "axolotl", "openai")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for", "consumer", type=click.Choice(_CONSUMERS), required=True, help="Who is to train on it.")
def main(file: Path, consumer: str) -> None:
    """Check FILE (JSON, JSON Lines, CSV or Parquet) by the rules of who trains on it.

    The rules are written down from the consumers' documents and code; exit status 1 if a row would be dropped or
    refused.

    \b
    winnow validate data/export/sharegpt/train.jsonl --for llama-factory
    """
    from winnow.reading.files import read_units, suffix_of
    from winnow.reading.text import text_chunks
    from winnow.reading.window import Caps
    from winnow.release.validate.report import report

    caps = Caps(1 << 40, 1 << 30)
    json = suffix_of(file) in (".json", ".jsonl", ".ndjson")
    lines = json and not next(text_chunks(file, "utf-8", caps.file_bytes), "").lstrip().startswith("[")
    found = report(read_units(file, "utf-8", caps), consumer, lines=lines)
    click.echo(f"{found.rows:,} rows, {found.bad:,} would be dropped or refused")
    for problem in found.whole:
        click.echo(f"  file: {problem}")
    for line, problem in found.shown:
        click.echo(f"  line {line:,}: {problem}")
    if found.bad > len(found.shown):
        click.echo(f"  and {found.bad - len(found.shown):,} more")
    sys.exit(0 if found.ok else 1)
