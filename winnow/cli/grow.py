"""``winnow grow``: buys rows by a plan until it has as many as it asks for: repro, ask, repro, to the fixed point."""

import csv
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from winnow.cli.ask import ABOVE_0, ask_stage
from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.replies.registry import asking_stages, open_stage

if TYPE_CHECKING:
    from winnow.asking.budget import Budget
    from winnow.growing.asked import Slots

STAGE = "propose"
ROUNDS, SLOTS = Path("metrics/plots/propose/rounds.csv"), Path("metrics/plots/propose/slots.csv")


@click.command()
@click.argument("name")
@click.option("--rows", type=click.IntRange(1), help="Accepted rows to have; written to the plan's target.")
@click.option("--max-cost", type=ABOVE_0, help="Stop before so many USD are spent, by data/prices.yaml.")
@click.option(
    "--max-tokens", type=click.IntRange(1), help="Stop before so many tokens, of prompts and replies, are used."
)
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--concurrency", type=click.IntRange(1, 1000), default=16, show_default=True, help="Requests at a time.")
@click.option("--timeout", type=ABOVE_0, default=120, show_default=True, help="Most seconds of one attempt.")
@click.option("--insecure-http", is_flag=True, help="Let the key travel by plain http over the internet.")
def main(name: str, rows: int | None, max_cost: float | None, max_tokens: int | None, **options: Any) -> None:
    """Buy rows by the plan NAME of propose.plans until it has its target of accepted rows.

    A round is listed, its requests are sent, and what came of them is rebuilt; the next round follows from the yield of
    the last. Before the next round other stages are asked too, where a row of this one waits for them (a judge's
    verdict), within the same cap. It ends at the target, when a round yields too little, when the plan's rounds are
    spent, or when the next request could pass the cap; the table says which. Each reply is on disk at once: after
    Ctrl-C or a kill, run the same again, and nothing is bought twice. A cap holds for one run of the command.

    \b
    winnow grow more --rows 200 --max-cost 5
    """
    from winnow.asking.budget import Budget
    from winnow.asking.prices import PICO
    from winnow.growing.table import table

    _check_plan(name)
    if rows is not None:
        _set_target(name, rows)
    budget = Budget(max_tokens, None if max_cost is None else round(max_cost * PICO))
    how = {"attempts": 6, "max_wait": 300.0, "max_time": None, **options}
    ended = _grow(name, budget, how)
    say(*table(name, _lines(ROUNDS), _lines(SLOTS), budget.cost, budget.tokens))
    if ended is not None:
        say(f"Stopped: {ended}", err=True)
        sys.exit(1)
    _repro()
    say("next: winnow why ROW, or git add data/plans data/ledger and commit")


def _grow(name: str, budget: "Budget", options: Mapping[str, Any]) -> str | None:
    """Rebuild and ask until the plan ends; return why it could not go on, None where it ended by itself."""
    while True:
        _repro(STAGE)
        state = _state(name)
        if state not in ("open", "proposed", "waiting"):
            return None
        asked = False
        for stage in _others():
            asked = True
            if status := _ask(stage, budget, options):
                return _why(stage, status)
        if asked:
            continue
        sent = 0
        while _has_requests(name):
            sent += 1
            if status := _ask(STAGE, budget, options, name):
                return _why(STAGE, status)
        if not sent:
            return (
                "rows of this round are undecided and nothing is left to ask; winnow funnel shows where they wait, and "
                "--again of winnow ask buys what got an unusable reply."
            )


def _why(stage: str, status: int) -> str:
    by_hand = " by hand" if status == 130 else ""
    return f"winnow ask {stage} did not end{by_hand} (see above); run the same again, it asks only what is left."


def _check_plan(name: str) -> None:
    plans = (read_params().get(STAGE) or {}).get("plans") or {}
    if name not in plans:
        there = ", ".join(map(str, plans)) or "none"
        raise UserError(f"params.yaml: propose.plans has no plan {name!r}; there are {there}.")


def _set_target(name: str, rows: int) -> None:
    from winnow.adding.params import set_count

    if read_params()[STAGE]["plans"][name].get("target") != rows:
        set_count([STAGE, "plans", name, "target"], rows)


def _repro(stage: str | None = None) -> None:
    """Run ``dvc repro``, of one stage and what it needs, or of all."""
    beside = Path(sys.executable).parent / "dvc"
    dvc = str(beside) if beside.exists() else "dvc"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [dvc, "repro", "--quiet", *([stage] if stage else [])], env={**os.environ, "PATH": path}, check=False
    )
    if done.returncode:
        raise UserError("dvc repro failed, as it says above; what was bought is kept. Fix it, and run the same again.")


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _state(name: str) -> str:
    """Return the state of the last round of a plan: open, proposed, or why it ends."""
    lines = [one for one in _lines(ROUNDS) if one["plan"] == name]
    if not lines:
        raise UserError(f"{ROUNDS} has no round of the plan {name}; run dvc repro {STAGE}.")
    return lines[-1]["state"]


def _others() -> list[str]:
    """Return the other stages that still have requests."""
    params, found = read_params(), list[str]()
    for name, path in asking_stages().items():
        if name != STAGE:
            stage = open_stage(name, path, params)
            if getattr(stage, "asks", True) and next(stage.pending(), None) is not None:
                found.append(name)
    return found


def _slots(name: str) -> "Slots":
    from winnow.growing.asked import PROPOSE

    return PROPOSE.open(read_params()).of(name)


def _has_requests(name: str) -> bool:
    return next(_slots(name).pending(), None) is not None


def _ask(stage: str, budget: "Budget", options: Mapping[str, Any], plan: str | None = None) -> int:
    say(f"asking for {stage}{f', plan {plan}' if plan else ''}")
    opened = _slots(plan) if plan else open_stage(stage, asking_stages()[stage], read_params())
    return ask_stage(stage, opened, (), options, budget)
