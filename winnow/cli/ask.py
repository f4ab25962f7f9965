"""``winnow ask``: what a stage still has to ask a model, sent to a server or written as Batch files."""

import math
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from winnow.cli.paths import TypedPath
from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.replies.folders import JOURNALS, LEDGER
from winnow.replies.registry import asking_stages, open_stage

if TYPE_CHECKING:
    from winnow.asking.budget import Budget
    from winnow.asking.estimate import Estimate
    from winnow.asking.run import Ending
    from winnow.asking.stage import Stage
    from winnow.asking.tally import Tally
    from winnow.ledger.ledger import Ledger
    from winnow.replies.stage import Canary

UNUSABLE = ("cut", "refused", "empty", "other_model", "rejected")


class _Number(click.FloatRange):
    """A number above 0 that ends somewhere: neither nan nor inf."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{number} is no such number", param, ctx)
        return number


ABOVE_0 = _Number(0, min_open=True)


@click.command()
@click.argument("names", nargs=-1, metavar="[STAGE]")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--dry-run", is_flag=True, help="Print the estimate and send nothing.")
@click.option(
    "--max-tokens", type=click.IntRange(1), help="Stop before so many tokens, of prompts and replies, are used."
)
@click.option("--max-cost", type=ABOVE_0, help="Stop before so many USD are spent, by data/prices.yaml.")
@click.option("--concurrency", type=click.IntRange(1, 1000), default=16, show_default=True, help="Requests at a time.")
@click.option(
    "--attempts", type=click.IntRange(1, 100), default=6, show_default=True, help="Most attempts of a request."
)
@click.option("--timeout", type=ABOVE_0, default=120, show_default=True, help="Most seconds of one attempt.")
@click.option("--max-wait", type=_Number(0), default=300, show_default=True, help="Longest pause a server may ask for.")
@click.option("--max-time", type=ABOVE_0, help="Seconds after which nothing more is sent.")
@click.option(
    "--again", multiple=True, type=click.Choice(UNUSABLE), help="Ask again what got a reply of this status. Repeatable."
)
@click.option(
    "--export", type=TypedPath(path_type=Path, file_okay=False), help="Write Batch files to this folder instead."
)
@click.option(
    "--import", "files", multiple=True, type=TypedPath(path_type=Path, exists=True, dir_okay=False),
    help="Take in results of Batch files instead; more files may follow.",
)  # fmt: skip
@click.option("--insecure-http", is_flag=True, help="Let the key travel by plain http over the internet.")
def main(
    names: tuple[str, ...], again: tuple[str, ...], export: Path | None, files: tuple[Path, ...], **options: Any
) -> None:
    """Send the requests that STAGE still misses replies to, and keep each reply in data/ledger/STAGE.

    Without STAGE it is the one that params.yaml has ask (rubrics: judge; plans: propose). The server is OPENAI_BASE_URL
    (https://api.openai.com/v1 if unset; vLLM, llama.cpp, Ollama and others serve the same), the key OPENAI_API_KEY;
    both are read from the environment alone, and the key is written nowhere. The estimate comes first. --max-tokens and
    --max-cost are hard: the most that a request can use is set aside before it is sent. Each reply is on disk at once:
    after Ctrl-C or a kill, run the same again, and only what is missing is asked. A first request alone, and canaries
    with known answers, show whether server and model are the right ones.

    A reply that is finished but unusable is kept and not asked for again, except by --again: cut (by length),
    refused, empty, other_model (another one answered), rejected (the server refuses this request). Exit status: 0
    everything is asked, 1 something is left, 130 stopped by hand.

    \b
    winnow ask --dry-run
    OPENAI_BASE_URL=http://127.0.0.1:8000/v1 winnow ask --yes
    winnow ask --max-cost 5
    winnow ask --export batch           # for the Batch API, or vllm run-batch
    winnow ask --import batch/out.jsonl
    """
    if export and files:
        raise click.UsageError("use --export or --import, not both.")
    name, stage, rest = _named(names, read_params())
    if rest and not files:
        raise click.UsageError(f"there is no stage {rest[0]} that asks a model; there is {', '.join(asking_stages())}.")
    from winnow.cli.ask_batch import export_files, import_files
    from winnow.ledger.ledger import Ledger

    if export:
        export_files(name, stage, again, export)
    elif files:
        import_files(name, stage, again, [*files, *map(Path, rest)])
    elif options["dry_run"]:
        _estimated(stage, Ledger.read(Path(LEDGER, name)), again)
    else:
        from winnow.asking.budget import Budget
        from winnow.asking.prices import PICO

        max_cost = None if options["max_cost"] is None else round(options["max_cost"] * PICO)
        sys.exit(ask_stage(name, stage, again, options, Budget(options["max_tokens"], max_cost)))


def _named(names: tuple[str, ...], params: Mapping[str, Any]) -> tuple[str, "Stage", tuple[str, ...]]:
    """Return the stage that the arguments name, or the only one that asks by params.yaml, and the arguments behind it.

    Where none asks it is the first of dvc.yaml, which then says so.
    """
    stages = asking_stages()
    if names and names[0] in stages:
        return names[0], open_stage(names[0], stages[names[0]], params), names[1:]
    if not stages:
        raise click.UsageError("name the stage that is to ask: dvc.yaml has none.")
    asking = [name for name, path in stages.items() if _asks(name, path, params)] or list(stages)[:1]
    if len(asking) != 1:
        raise click.UsageError(f"name the stage that is to ask: {', '.join(asking)}.")
    return asking[0], open_stage(asking[0], stages[asking[0]], params), names


def _asks(name: str, path: str, params: Mapping[str, Any]) -> bool:
    """Return whether a stage asks by params.yaml; one that cannot be loaded says why when it is named."""
    try:
        return bool(getattr(open_stage(name, path, params), "asks", True))
    except UserError:
        return True


def _estimated(
    stage: "Stage", ledger: "Ledger", again: Collection[str]
) -> "tuple[Estimate, Sequence[Canary], dict[str, str]] | None":
    """Print and return the estimate, with the canaries and the first replies to them; None: there is nothing to ask."""
    from winnow.asking.estimate import estimate, lines
    from winnow.asking.prices import read_prices
    from winnow.asking.stage import next_round, wanted

    ahead = wanted(stage, ledger, again)
    if (request := next(ahead, None)) is None:
        say("Nothing to ask: every request has a reply.")
        return None
    canaries, first = next_round(stage, ledger)
    total = estimate(chain((one.request for one in canaries), [request], ahead), read_prices())
    if canaries:
        say(f"canaries: {len(canaries)}, sent first")
    say(*lines(total))
    return total, canaries, first


def ask_stage(name: str, stage: "Stage", again: Collection[str], options: Mapping[str, Any], budget: "Budget") -> int:
    """Send what is missing within ``budget`` and print what came of it; return the exit status."""
    from winnow.asking.endpoint import endpoint
    from winnow.asking.estimate import cap_problem
    from winnow.asking.outcome import Reading
    from winnow.asking.pace import Limits
    from winnow.asking.prices import read_prices
    from winnow.asking.run import ask
    from winnow.asking.session import How
    from winnow.asking.stage import started, wanted
    from winnow.asking.tally import summary
    from winnow.ledger.journal import Journal
    from winnow.ledger.ledger import Ledger

    where = endpoint(os.environ, insecure=options["insecure_http"])
    with Journal(Path(LEDGER, name), Path(JOURNALS)) as journal:
        if journal.salvaged:
            say(journal.salvaged)
        ledger = Ledger.read(Path(LEDGER, name))
        estimated = _estimated(stage, ledger, again)
        if estimated is None:
            return 0
        estimate, canaries, first = estimated
        if problem := cap_problem(estimate, budget.max_tokens, budget.max_cost):
            raise UserError(problem)
        requests = estimate.requests - len(canaries)
        _agree(requests, where.shown, options["yes"])
        reading = Reading(stage.accepts, where.redact, stage.advice)
        limits = Limits(**{n: options[n] for n in ("concurrency", "attempts", "max_wait", "max_time")})
        how = How(where, limits, options["timeout"], budget, read_prices(), reading)
        stage.begin()
        source, priced = started(wanted(stage, ledger, again)), not estimate.unpriced
        with _bar(estimate.requests, priced=priced) as progress:
            ending = ask(how, journal.append, canaries, first, source, progress)
    left = requests - ending.tally.finished + ending.tally.canaries
    say(*summary(ending.tally, budget, left, priced=priced))
    return _close(name, ending, left)


def _agree(total: int, where: str, yes: bool) -> None:
    """Have a person agree to what the estimate says; :class:`UserError` where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError("there is nobody to ask whether to send this: look at the estimate above, then add --yes.")
    click.confirm(f"Send {total:,} requests to {where}?", abort=True)


def _close(name: str, ending: "Ending", left: int) -> int:
    """Say what to do next; return the exit status."""
    unusable = {status: n for status, n in ending.tally.replies.items() if status != "ok"}
    if unusable:
        which = " ".join(f"--again {status}" for status in sorted(unusable))
        say(f"unusable replies are kept and not asked for again, except by: winnow ask {name} {which}")
    if ending.stopped:
        say(f"Stopped: {ending.stopped.rstrip('.')}.", err=True)
    again = f"winnow ask {name} (asks only what is left), or " if left else ""
    say(f"next: {again}dvc repro")
    return 130 if ending.interrupted else 1 if left or ending.stopped else 0


@contextmanager
def _bar(total: int, *, priced: bool) -> "Iterator[Callable[[Tally, Budget], None]]":
    """Yield a function that draws rate, spend and time left on a terminal, and nothing anywhere else."""
    from tqdm import tqdm

    from winnow.asking.prices import dollars

    with tqdm(total=total, unit="req", disable=None, leave=False, file=sys.stderr, dynamic_ncols=True) as bar:

        def draw(tally: "Tally", budget: "Budget") -> None:
            spent = dollars(budget.cost) if priced else f"{budget.tokens:,} tokens"
            bar.set_postfix_str(f"{spent}, {tally.faults.total()} faults", refresh=False)
            bar.update(tally.finished + tally.unanswered - bar.n)

        yield draw
