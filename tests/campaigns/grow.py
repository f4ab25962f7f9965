"""``make grow``: `winnow grow` with judge on, against a server that writes badly three times in ten, killed 12 times.

A run without kills gives what must come out; beside it a second one is killed at random moments (of a fixed seed),
every third time while it rebuilds, and run again until it ends. Checked is that there are exactly as many accepted rows
as asked for or a stated stop, that both end equal to the byte, that one more run sends nothing, that a moved limit of
novelty runs gates alone and buys nothing, and that an edited recipe leaves the rows that are there as they are.
"""

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML

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
_CALLS = 16  # requests that a row costs about, verdicts and the seeds' share of them included
_GATES = {"accept", "split", "mix", "propose"}
_EQUAL = ("data/plans", "data/normalize", "data/clean", "data/novelty", "data/accept", "data/export")


def growing_clone(folder: Path, recipe: str, rows: int, judge: bool) -> Clone:
    """Return a clone with a plan of so many rows, and a judge whose verdicts the score needs."""
    clone = make_clone(folder)
    plan = PLAN.format(recipe=recipe, model=MODEL, rows=rows).rstrip("\n")
    clone.params("propose:\n  plans: {}", f"propose:\n{plan}")
    clone.params("  demo_oasst:\n", "  more: {adapter: written, plan: more}\n  demo_oasst:\n")
    if judge:
        clone.params("  rubrics: []", "  rubrics: [instruction]")
        clone.params("  model: ''", f'  model: "{MODEL}"')
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

    def kill_after(self, seconds: float) -> bool:
        """Start a run and kill it after so long, while it rebuilds; say whether it still ran."""
        process = self.start()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        landed = process.poll() is None
        if landed:
            os.killpg(process.pid, signal.SIGKILL)
        self.end(process)
        return landed


def edit_recipe(clone: Clone, recipe: str) -> None:
    """Add a sentence to the first English prompt of a recipe."""
    file = clone.folder / f"data/recipes/{recipe}.yaml"
    document = YAML().load(file)
    document["steps"][0]["prompt"]["en"] += " Be kind."
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(document, out)


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
        running = calm.start()
        lot, landed = random.Random(seed), 0
        for number in range(kills):
            if number % 3 == 2:
                landed += storm.kill_after(lot.uniform(1, 20))
            else:
                landed += storm.kill(lot.randint(1, max(_CALLS * rows // kills, 2)))
        for _ in range(9):
            if storm.end(storm.start()) == 0:
                break
        status = calm.end(running)
        wanted, (count, state) = bytes_of(first), accepted(first)
        found, calls = bytes_of(second), len(storm.server.seen)
        twice = calls - len(calm.server.seen)
        storm.end(storm.start())
        again = len(storm.server.seen) - calls
        second.params("  novelty: 0.7 ", "  novelty: 0.62 ")
        ran = second.ran(second.run("dvc", "repro", "mix", "propose"))
        second.params("  novelty: 0.62 ", "  novelty: 0.7 ")
        edit_recipe(second, recipe)
        second.run("dvc", "repro", "--quiet")
        edited, bought = bytes_of(second), len(storm.server.seen) - calls - again
        for one in (calm, storm):
            one.server.stop()
        table = [line for line in calm.output.splitlines() if line.startswith((" ", "round", "accepted:", "this run:"))]
    output = calm.output + storm.output
    checks = [
        ("accepted rows, asked for", f"{count}, {rows}", status == 0 and (count == rows or state != "target")),
        ("why it ended", state, state in ("target", "yield", "rounds")),
        ("calls of the run without kills", f"{calls - twice:,}", calls > twice),
        ("kills, of which during a run", f"{kills}, {landed}", landed > 0),
        ("bytes equal those without kills", "yes" if found == wanted else "no", found == wanted),
        ("paid twice (at most 16 a kill)", f"{twice}", twice <= 16 * landed),
        ("requests of one more run", f"{again}", again == 0),
        ("stages run by a moved limit of novelty", ", ".join(sorted(ran)), {"accept"} <= set(ran) <= _GATES),
        ("bytes equal after an edit of the recipe", "yes" if edited == wanted else "no", edited == wanted),
        ("requests after both", f"{bought}", bought == 0),
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
