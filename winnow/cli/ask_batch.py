"""``winnow ask --export`` and ``--import``: requests as Batch files, and the results of such files."""

import os
import sys
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from winnow.harness.display import say
from winnow.ledger.line import Reply
from winnow.replies.folders import JOURNALS, LEDGER

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

    ledger = Ledger.read(Path(LEDGER, name))

    def requests() -> "Iterator[Request]":
        canaries, _ = next_round(stage, ledger)
        return chain((canary.request for canary in canaries), wanted(stage, ledger, again))

    if next(wanted(stage, ledger, again), None) is None:
        say("Nothing to ask: every request has a reply.")
        return
    say(*lines(estimate(requests(), read_prices(), batch=True)))
    stage.begin()
    for path, count in export(requests(), folder, name):
        say(f"{path}: {count:,} requests")
    say(f"next: have them answered, then winnow ask {name} --import FILE…")


def import_files(name: str, stage: "Stage", again: Collection[str], files: list[Path]) -> None:
    """Put the results in ``files`` into the ledger and say what became of every line."""
    from winnow.asking.batch import results
    from winnow.asking.outcome import Reading
    from winnow.asking.redact import redactor
    from winnow.asking.stage import next_round, problem_of, wanted
    from winnow.asking.tally import counted
    from winnow.ledger.journal import Journal
    from winnow.ledger.ledger import Ledger

    with Journal(Path(LEDGER, name), Path(JOURNALS)) as journal:
        if journal.salvaged:
            say(journal.salvaged)
        ledger = Ledger.read(Path(LEDGER, name))
        places = {request.key: request.place for request in wanted(stage, ledger, again)}
        sent, first = next_round(stage, ledger)
        canaries, of_canaries = {canary.request.key: canary for canary in sent}, dict[str, Reply]()

        def keep(reply: Reply) -> None:
            journal.append(reply.at(places.get(reply.key)))
            if reply.key in canaries:
                of_canaries[reply.key] = reply

        redact = redactor(os.environ.get("OPENAI_API_KEY", "").strip())
        reading = Reading(stage.accepts, redact, stage.advice)
        asked = places.keys() | canaries.keys()
        imported = results(files, asked.__contains__, lambda key: ledger.get(key) is not None, reading, keep)
    say(f"replies: {counted(imported.replies) or 'none'}")
    if imported.models:
        say(f"models: {counted(imported.models)}")
    if imported.faults:
        say(f"no replies, still to be asked: {counted(imported.faults)}")
    say(f"known already: {imported.known:,}; of requests that nobody asks for: {imported.unknown:,}")
    for line in imported.bad:
        say(f"bad line: {line}", err=True)
    if imported.bad_lines > len(imported.bad):
        say(f"bad lines: {imported.bad_lines:,} in all", err=True)
    wrong = [said for key, reply in of_canaries.items() if (said := problem_of(canaries[key], reply, first))]
    for sentence in wrong:
        say(f"Warning: {redact(sentence)}; look at these replies before you commit them.", err=True)
    left = len(places) - imported.replies.total() + len(of_canaries)
    say(f"left: {left:,}")
    say(f"next: {f'winnow ask {name} (asks only what is left), or ' if left else ''}dvc repro")
    sys.exit(1 if imported.bad_lines or wrong or left else 0)
