"""``make kill-commands``: ``SIGKILL`` at sampled moments of the commands that write, and what is left of each.

A kill falls at one of the command's writes (an open file, a rename, a start of Git, ...) or up to 50 ms after it. Every
file that Git keeps must then hold its old or its new content. The next command (``winnow funnel``, or ``winnow verify
--fix``) must bring all of them to the old state or all to the new one, and the same command, run again, to the new.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import click

from tests.asking.server import Server as Model
from tests.campaigns.ask import good_answers
from tests.campaigns.kill import commit
from tests.campaigns.writing import Command, commands
from tests.conftest import BIN, REPOSITORY, Clone, make_clone
from tests.fetching.server import Server, certificate
from winnow.cli.funnel import columns
from winnow.harness.digests import file_md5
from winnow.harness.settings import read_params
from winnow.ledger.ledger import Ledger

KEY = "no-key"
LONGEST = 0.05  # seconds between a write and the kill
State = dict[str, str]


@dataclass(frozen=True)
class Kill:
    """One kill: before which write, how many seconds later, and whether ``winnow verify --fix`` comes next."""

    command: Command
    moment: int
    delay: float
    fix: bool


@dataclass(frozen=True)
class Outcome:
    """Outcome of a kill: whether it landed, and whether the old or the new state came of it, or what is wrong."""

    kill: Kill
    landed: bool
    new: bool
    problem: str | None


def state(clone: Clone) -> State:
    """Return what people, models and Git have: the digest of each file that Git keeps or would add, and the tags."""
    listed = clone.run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout.split("\0")
    files = {name: file_md5(clone.folder / name) for name in listed if name and (clone.folder / name).is_file()}
    replies = {name for name in files if name.startswith("data/ledger/")}  # their order decides the files' names
    if replies:
        ledger = Ledger.read(clone.folder / "data/ledger/judge")
        files = {name: md5 for name, md5 in files.items() if name not in replies} | {"replies": str(len(ledger))}
    tags, tree = clone.run("git", "tag").stdout, clone.run("git", "rev-parse", "HEAD^{tree}").stdout
    staged = clone.run("git", "diff", "--cached", "--name-only").stdout
    return files | {"tags": tags, "tree": tree, "staged": staged}


class Runner:
    """Runs commands in clones against servers on this machine."""

    def __init__(self, base: Clone, folder: Path) -> None:
        self.base, self.folder = base, folder
        self.certificate = certificate(folder)
        self.files = Server(self.certificate)
        with chdir(base.folder):
            self.model = Model(answer=good_answers(read_params()))
        self.commands = commands(base, self.files.url())
        self.reference: dict[str, tuple[State, State, int]] = {}

    def clone(self, command: Command, number: int | str) -> Clone:
        """Return a new clone, ready for ``command``."""
        clone = self.base.copy(self.folder / f"{number}")
        command.prepare(clone)
        return clone

    def run(self, clone: Clone, command: Command, **plan: str | float) -> subprocess.CompletedProcess[str]:
        """Run a command as :mod:`tests.campaigns.killed` does."""
        whole = {"moment": 0, "delay": 0.0, "count": "", "certificate": str(self.certificate), **plan}
        return subprocess.run(
            [sys.executable, "-P", "-m", "tests.campaigns.killed", json.dumps(whole), *command.arguments],
            cwd=clone.folder,
            env={
                **os.environ,
                "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(REPOSITORY),
                "OPENAI_BASE_URL": self.model.url,
                "OPENAI_API_KEY": KEY,
            },
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )

    def measure(self, command: Command) -> None:
        """Learn the state before and after ``command`` and its number of writes."""
        clone, count = self.clone(command, f"whole-{command.name}"), self.folder / f"count-{command.name}"
        old = state(clone)
        done = self.run(clone, command, count=str(count))
        assert done.returncode == 0, f"{command.name}: {done.stdout}\n{done.stderr}"
        self.reference[command.name] = old, state(clone), int(count.read_text(encoding="utf-8"))

    def strike(self, kill: Kill, number: int) -> Outcome:
        """Kill a command, run the next one, and compare."""
        clone, (old, new, _) = self.clone(kill.command, number), self.reference[kill.command.name]
        done = self.run(clone, kill.command, moment=kill.moment, delay=kill.delay)
        landed = done.returncode == -signal.SIGKILL
        torn = _torn(clone, old, new)
        for lock in clone.folder.glob(".git/**/*.lock"):  # as Git itself says what to do
            lock.unlink()
        following = ("verify", "--fix") if kill.fix else ("funnel",)
        next_one = clone.run(sys.executable, "-c", "from winnow.cli.main import main; main()", *following, check=False)
        left = state(clone)
        problem = f"torn: {torn}" if torn else None
        if "Traceback" in next_one.stderr:
            problem = next_one.stderr
        elif left not in (old, new) and not kill.command.steps:
            problem = problem or f"neither old nor new: {_differing(left, old)}, {_differing(left, new)}"
        if problem is None and left != new:
            again = self.run(clone, kill.command)
            if again.returncode or state(clone) != new:
                problem = f"run again: {again.stderr.strip()} {_differing(state(clone), new)}"
        if problem is None:
            subprocess.run(["rm", "-r", clone.folder], check=True)
        return Outcome(kill, landed, left == new, problem)


def _torn(clone: Clone, old: State, new: State) -> list[str]:
    """Return files whose content is neither the old nor the new one; new names beside a target do not count."""
    now = state(clone)
    known = {name: {old.get(name), new.get(name)} for name in old.keys() | new.keys()}
    special = {"tags", "tree", "staged", "replies"}
    return sorted(name for name in known if name not in special and now.get(name) not in known[name])


def _differing(one: State, other: State) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))[:4]


def draw(runner: Runner, kills: int, seed: int) -> Iterator[Kill]:
    """Yield sampled kills, shared among the commands by weight."""
    rng, total = random.Random(seed), sum(command.weight for command in runner.commands)
    for command in runner.commands:
        writes = runner.reference[command.name][2]
        for _ in range(max(1, round(kills * command.weight / total))):
            delay = rng.choice((0.0, 0.0, rng.uniform(0, LONGEST)))
            yield Kill(command, rng.randint(1, writes), delay, rng.random() < 0.15)


def campaign(base: Clone, folder: Path, kills: int, seed: int, jobs: int) -> Iterator[Outcome]:
    """Kill commands in copies of ``base``, a clone that is built and committed."""
    runner = Runner(base, folder)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(runner.measure, runner.commands))
        yield from pool.map(runner.strike, draw(runner, kills, seed), range(10 * kills))
    runner.files.stop()
    runner.model.stop()


def base_clone(folder: Path) -> Clone:
    """Return a clone that is built and committed and has some requests to a model pending."""
    clone = make_clone(folder)
    clone.params("  rubrics: []", "  rubrics: [response]")
    clone.params("  model: ''", '  model: "gpt-4o-mini"')
    clone.params("  share: 1.0", "  share: 0.2")
    clone.run("dvc", "repro", "--quiet")
    commit(clone)
    return clone


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table, one line for each command."""
    counts: dict[str, list[int]] = {}
    for one in outcomes:
        adds = (1, one.landed, not one.new, one.new, one.problem is not None)
        for name in (one.kill.command.name, "all"):
            counts[name] = [a + b for a, b in zip(counts.get(name, [0] * 5), adds, strict=True)]
    rows = [[name, *numbers] for name, numbers in sorted(counts.items(), key=lambda row: row[0] == "all")]
    return columns(["command", "kills", "while running", "not done", "done", "torn or lost"], rows)


@click.command()
@click.option("--kills", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--jobs", default=2, show_default=True)
def main(kills: int, seed: int, jobs: int) -> None:
    """Kill the commands that write; exit status 1 where a file is torn or a decision is lost."""
    with tempfile.TemporaryDirectory(prefix="winnow-kill-") as temporary:
        outcomes = []
        for one in campaign(base_clone(Path(temporary) / "base"), Path(temporary), kills, seed, jobs):
            outcomes.append(one)
            if one.problem:
                click.echo(f"{one.kill.command.name}, write {one.kill.moment} + {one.kill.delay:.3f} s: {one.problem}")
    click.echo(table(outcomes))
    sys.exit(1 if any(one.problem for one in outcomes) else 0)


if __name__ == "__main__":
    main()
