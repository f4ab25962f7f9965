"""``winnow ask --export`` and ``--import``: requests as Batch files, and the results of such files."""

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stages.harness.settings import read_params
from stages.ledger.segment import LEDGER

if TYPE_CHECKING:
    from stages.asking.stage import Stage


def export_files(name: str, stage: "Stage", again: Collection[str], folder: Path) -> None:
    """Write what is to be asked as Batch files to ``folder``, after the estimate."""
    from stages.asking.batch import export
    from stages.asking.estimate import estimate, lines
    from stages.asking.prices import read_prices
    from stages.asking.stage import wanted
    from stages.ledger.ledger import Ledger

    ledger = Ledger.read(LEDGER / name)
    params = read_params()
    found = estimate(wanted(stage, params, ledger, again), read_prices(), batch=True)
    if not found.requests:
        click.echo("Nothing to ask: every request has a reply.")
        return
    click.echo("\n".join(lines(found)))
    for path, count in export(wanted(stage, params, ledger, again), folder, name):
        click.echo(f"{path}: {count:,} requests")
    click.echo(f"next: have them answered, then winnow ask {name} --import FILE…")


def import_files(name: str, stage: "Stage", again: Collection[str], files: list[Path]) -> None:
    """Put the results in ``files`` into the ledger and say what became of every line."""
    from stages.asking.batch import results
    from stages.asking.outcome import Reading
    from stages.asking.redact import redactor
    from stages.asking.run import Sealing
    from stages.asking.stage import wanted
    from stages.asking.tally import counted
    from stages.ledger.journal import Journal
    from stages.ledger.ledger import Ledger

    with Journal(name) as journal:
        if journal.salvaged:
            click.echo(journal.salvaged)
        ledger = Ledger.read(LEDGER / name)
        params = read_params()
        keys = {request.key for request in wanted(stage, params, ledger, again)}
        reading = Reading(stage.accepts(params), redactor(os.environ.get("OPENAI_API_KEY", "").strip()))
        with Sealing(journal) as sealing:
            found = results(files, keys.__contains__, lambda key: ledger.get(key) is not None, reading, sealing.keep)
    click.echo(f"replies: {counted(found.replies) or 'none'}")
    if found.models:
        click.echo(f"models: {counted(found.models)}")
    if found.faults:
        click.echo(f"no replies, still to be asked: {counted(found.faults)}")
    click.echo(f"known already: {found.known:,}; of requests that nobody asks for: {found.unknown:,}")
    for line in found.bad:
        click.echo(f"bad line: {line}", err=True)
    if found.bad_lines > len(found.bad):
        click.echo(f"bad lines: {found.bad_lines:,} in all", err=True)
    left = len(keys) - found.replies.total()
    click.echo(f"left: {left:,}")
    click.echo(f"next: {f'winnow ask {name} (asks only what is left), or ' if left else ''}dvc repro")
    sys.exit(1 if found.bad_lines else 0)
