"""``winnow ask --export`` and ``--import``: requests as Batch files, and the results of such files."""

import os
import sys
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnow.harness.display import say
from winnow.harness.settings import read_params
from winnow.ledger.line import Reply
from winnow.ledger.segment import LEDGER

if TYPE_CHECKING:
    from winnow.asking.stage import Stage
    from winnow.ledger.request import Request


def export_files(name: str, stage: "Stage", again: Collection[str], folder: Path) -> None:
    """Write what is to be asked as Batch files to ``folder``, after the estimate."""
    from winnow.asking.batch import export
    from winnow.asking.estimate import estimate, lines
    from winnow.asking.prices import read_prices
    from winnow.asking.stage import next_round, wanted
    from winnow.ledger.ledger import Ledger

    ledger = Ledger.read(LEDGER / name)
    params = read_params()

    def requests() -> "Iterator[Request]":
        canaries = (canary.request for canary in next_round(stage, params, ledger))
        return chain(canaries, wanted(stage, params, ledger, again))

    if next(wanted(stage, params, ledger, again), None) is None:
        click.echo("Nothing to ask: every request has a reply.")
        return
    click.echo("\n".join(lines(estimate(requests(), read_prices(), batch=True))))
    for path, count in export(requests(), folder, name):
        click.echo(f"{path}: {count:,} requests")
    click.echo(f"next: have them answered, then winnow ask {name} --import FILE…")


def import_files(name: str, stage: "Stage", again: Collection[str], files: list[Path]) -> None:
    """Put the results in ``files`` into the ledger and say what became of every line."""
    from winnow.asking.batch import results
    from winnow.asking.outcome import Reading
    from winnow.asking.redact import redactor
    from winnow.asking.run import Sealing
    from winnow.asking.stage import first_replies, next_round, problem_of, wanted
    from winnow.asking.tally import counted
    from winnow.ledger.journal import Journal
    from winnow.ledger.ledger import Ledger

    with Journal(name) as journal:
        if journal.salvaged:
            click.echo(journal.salvaged)
        ledger = Ledger.read(LEDGER / name)
        params = read_params()
        keys = {request.key for request in wanted(stage, params, ledger, again)}
        canaries = {canary.request.key: canary for canary in next_round(stage, params, ledger)}
        first, told = first_replies(stage, params, ledger, list(canaries.values())), dict[str, Reply]()

        def keep(reply: Reply) -> None:
            sealing.keep(reply)
            if reply.key in canaries:
                told[reply.key] = reply

        reading = Reading(stage.accepts(params), redactor(os.environ.get("OPENAI_API_KEY", "").strip()))
        with Sealing(journal) as sealing:
            asked = keys | canaries.keys()
            found = results(files, asked.__contains__, lambda key: ledger.get(key) is not None, reading, keep)
    click.echo(f"replies: {counted(found.replies) or 'none'}")
    if found.models:
        say(f"models: {counted(found.models)}")
    if found.faults:
        click.echo(f"no replies, still to be asked: {counted(found.faults)}")
    click.echo(f"known already: {found.known:,}; of requests that nobody asks for: {found.unknown:,}")
    for line in found.bad:
        say(f"bad line: {line}", err=True)
    if found.bad_lines > len(found.bad):
        click.echo(f"bad lines: {found.bad_lines:,} in all", err=True)
    wrong = [said for key, reply in told.items() if (said := problem_of(canaries[key], reply, first))]
    for sentence in wrong:
        say(f"Warning: {reading.redact(sentence)}; look at these replies before you commit them.", err=True)
    left = len(keys) - found.replies.total() + len(told)
    click.echo(f"left: {left:,}")
    click.echo(f"next: {f'winnow ask {name} (asks only what is left), or ' if left else ''}dvc repro")
    sys.exit(1 if found.bad_lines or wrong or left else 0)
