"""``make grow``: `winnow grow` with judge on, against a server that writes badly three times in ten, killed 12 times.

A run without kills gives what must come out; a second one is killed at random moments (of a fixed seed) and run again
until it ends. Checked is that there are exactly as many accepted rows as asked for or a stated stop, that both end
equal to the byte, that one more run sends nothing, and that a moved limit of novelty buys nothing.
"""

import csv
import random
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from tests.asking.server import Server
from tests.campaigns.ask import MODEL, Runs, good_answers
from tests.conftest import Clone, make_clone
from tests.growing.writer import Writer
from winnow.cli.funnel import columns
from winnow.harness.digests import digests
from winnow.harness.settings import read_params

PLAN = """  plans:
    more:
      recipe: {recipe}
      model: {model}
      target: {rows}
      output_terms: no-competing-models
      seeds: {{source: [demo_alpaca, demo_dolly]}}
      rounds: 12
"""
_EQUAL = ("data/plans", "data/normalize", "data/clean", "data/novelty", "data/accept", "data/export")


def growing_clone(folder: Path, recipe: str, rows: int, judge: bool) -> Clone:
    """Return a clone with a plan of so many rows, and a judge whose verdicts the score needs."""
    clone = make_clone(folder)
    clone.params("  plans: {}", PLAN.format(recipe=recipe, model=MODEL, rows=rows).rstrip("\n"))
    clone.params("  demo_oasst:\n", "  more: {adapter: written, plan: more}\n  demo_oasst:\n")
    if judge:
        clone.params("  rubrics: []", "  rubrics: [instruction]")
        clone.params('  model: ""', f'  model: "{MODEL}"')
        clone.params("  parts: {}", "  parts: {instruction.overall: 1}")
        clone.params("  minimum: false", "  minimum: 0.1")
    return clone


def answers(params: Mapping[str, Any], bad: float) -> Any:
    """Return what the server says: verdicts to a judge, rows to a plan."""
    verdicts, writer = good_answers(params), Writer(bad)

    def answer(body: dict[str, Any]) -> str:
        form = body.get("response_format") or {}
        return verdicts(body) if form.get("json_schema", {}).get("name") == "verdict" else writer(body)

    return answer


class Grows(Runs):
    """`winnow grow more` in a clone, as a process of its own."""

    command = ("grow", "more", "--yes")


def accepted(clone: Clone) -> tuple[int, str]:
    """Return how many rows are accepted over all rounds, and the state of the last one."""
    with (clone.folder / "metrics/plots/propose/rounds.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return sum(int(one["accepted"]) for one in lines), lines[-1]["state"]


def bytes_of(clone: Clone) -> dict[str, str]:
    """Return the digests of all that two ways must agree on."""
    with chdir(clone.folder):
        return digests([name for name in _EQUAL if Path(name).exists()])


@click.command()
@click.option("--rows", default=200, show_default=True)
@click.option("--kills", default=12, show_default=True)
@click.option("--bad", default=0.3, show_default=True, help="Share of replies that are bad.")
@click.option("--recipe", default="evol_instruct", show_default=True)
@click.option("--judge/--no-judge", default=True, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(rows: int, kills: int, bad: float, recipe: str, judge: bool, seed: int) -> None:
    """Show that `winnow grow` survives bad replies and kills; exit status 1 where one of the promises is broken."""
    with tempfile.TemporaryDirectory(prefix="winnow-grow-") as temporary:
        first = growing_clone(Path(temporary) / "0", recipe, rows, judge)
        second = first.copy(Path(temporary) / "1")
        with chdir(first.folder):
            answer = answers(read_params(), bad)
        calm, storm = Grows(first, Server(answer=answer)), Grows(second, Server(answer=answer))
        status = calm.end(calm.start())
        wanted, (count, state) = bytes_of(first), accepted(first)
        lot, calls = random.Random(seed), len(calm.server.seen)
        most = max(2 * calls // (kills + 1), 2)
        landed = sum(storm.kill(lot.randint(1, most)) for _ in range(kills))
        for _ in range(9):
            if storm.end(storm.start()) == 0:
                break
        found, twice = bytes_of(second), len(storm.server.seen) - calls
        before = len(storm.server.seen)
        storm.end(storm.start())
        again = len(storm.server.seen) - before
        second.params("  novelty: 0.7 ", "  novelty: 0.62 ")
        second.run("dvc", "repro", "--quiet", "accept")
        second.run("dvc", "repro", "--quiet", "propose")
        bought = len(storm.server.seen) - before - again
        for one in (calm, storm):
            one.server.stop()
        table = [line for line in calm.output.splitlines() if line.startswith((" ", "round", "accepted:", "this run:"))]
    output = calm.output + storm.output
    checks = [
        ("accepted rows, asked for", f"{count}, {rows}", status == 0 and (count == rows or state != "target")),
        ("why it ended", state, state in ("target", "yield", "rounds")),
        ("calls of the run without kills", f"{calls:,}", calls > 0),
        ("kills, of which during a run", f"{kills}, {landed}", landed > 0),
        ("bytes equal those without kills", "yes" if found == wanted else "no", found == wanted),
        ("paid twice (at most 16 a kill)", f"{twice}", twice <= 16 * landed),
        ("requests of one more run", f"{again}", again == 0),
        ("requests after a moved limit", f"{bought}", bought == 0),
        ("tracebacks", f"{output.count('Traceback')}", "Traceback" not in output),
    ]
    click.echo(
        columns(["promise", "found", "held"], [[name, text, "yes" if held else "NO"] for name, text, held in checks])
    )
    click.echo("\n" + "\n".join(table))
    if not all(held for *_, held in checks):
        click.echo(output[-3000:])
        sys.exit(1)


if __name__ == "__main__":
    main()
