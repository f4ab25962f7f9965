"""``make kill``: ``SIGKILL`` at random moments of ``dvc repro``, and what is left of each after a recovery.

Half of the kills hit the whole process group, as a machine that goes down does; half hit ``dvc`` alone, as the
kernel does when memory runs out. Each time no stage may outlive ``dvc``, ``winnow verify --fix`` must remove what
hinders ``dvc repro``, and the next ``dvc repro`` must give the bytes of an uninterrupted one.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
from ruamel.yaml import YAML

from tests.conftest import BIN, Clone, make_clone
from winnow.cli.funnel import columns
from winnow.harness.digests import digests

PATIENCE = 5.0
"""Seconds after which no stage may run without its ``dvc``."""

LONGEST = 4.0
"""Seconds after the start of ``dvc`` in which kills fall: its own start, then two or three stages of the demo."""


_PATH = re.compile(r"(?:data|metrics)/\S+ ")


@dataclass(frozen=True)
class Kill:
    """One kill: the first stage of the run, the moment (seconds), whether the group or ``dvc`` alone was hit."""

    stage: str
    moment: float
    group: bool


@dataclass(frozen=True)
class Outcome:
    """Outcome of a kill: whether ``dvc`` still ran, the seconds a stage lived on, what was fixed, what is wrong."""

    kill: Kill
    landed: bool
    survived: float
    fixed: tuple[str, ...]
    problem: str | None


def stages_of(clone: Clone) -> list[str]:
    """Return the stages in their order."""
    return list(YAML(typ="safe").load((clone.folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"])


def state(clone: Clone) -> dict[str, str]:
    """Return what must be equal after every recovery: the files of data and metrics, the outputs of ``dvc.lock``."""
    lock = YAML(typ="safe").load((clone.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    outputs = {f"dvc.lock {out['path']}": out["md5"] for entry in lock.values() for out in entry["outs"]}
    paths = [str(clone.folder / path) for path in ("data/export", "data/index.parquet", "data/receipts", "metrics")]
    return outputs | {str(Path(file).relative_to(clone.folder)): md5 for file, md5 in digests(paths).items()}


def draw(stages: Sequence[str], kills: int, seed: int) -> list[Kill]:
    """Return ``kills`` random kills, half of each kind."""
    rng = random.Random(seed)
    return [Kill(rng.choice(stages), rng.uniform(0.2, LONGEST), n % 2 == 0) for n in range(kills)]


def stages_alive(folder: Path) -> bool:
    """Say whether a stage, or a worker of one, runs in ``folder``."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"\0stages." in (process / "cmdline").read_bytes() and (process / "cwd").samefile(folder):
                return True
        except OSError:
            continue
    return False


def strike(clone: Clone, kill: Kill) -> tuple[bool, float]:
    """Start a run, kill it; return whether it still ran, and for how many seconds a stage outlived it."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["dvc", "repro", "--quiet", "--force", "--downstream", kill.stage]
    dvc = subprocess.Popen(
        command,
        cwd=clone.folder,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(kill.moment)
    landed = dvc.poll() is None
    if landed:
        (os.killpg if kill.group else os.kill)(dvc.pid, signal.SIGKILL)
    dvc.wait()
    start = time.monotonic()
    while stages_alive(clone.folder) and time.monotonic() - start < 2 * PATIENCE:
        time.sleep(0.02)
    return landed, time.monotonic() - start


def recover(clone: Clone, wanted: dict[str, str]) -> tuple[tuple[str, ...], str | None]:
    """Fix and run again; return what was fixed and, if the bytes are not ``wanted``, what is wrong."""
    verify = clone.run("python3", "-c", "from winnow.cli.main import main; main()", "verify", "--fix", check=False)
    fixed = tuple(re.findall(r"^fixed: ([\w.]+:.*)$", verify.stdout, re.MULTILINE))
    again = clone.run("dvc", "repro", check=False)
    if again.returncode:
        return fixed, f"dvc repro failed: {again.stderr.strip().splitlines()[-1]}"
    current = state(clone)
    differing = sorted(path for path in wanted.keys() | current.keys() if wanted.get(path) != current.get(path))
    return fixed, f"other bytes: {', '.join(differing[:5])}" if differing else None


def campaign(clone: Clone, kills: Sequence[Kill]) -> Iterator[Outcome]:
    """Kill and recover in a clone that is built and committed."""
    wanted = state(clone)
    for kill in kills:
        landed, survived = strike(clone, kill)
        fixed, problem = recover(clone, wanted)
        if problem is None and survived > PATIENCE:
            problem = f"a stage lived {survived:.1f} s without dvc"
        yield Outcome(kill, landed, survived, fixed, problem)


def commit(clone: Clone) -> None:
    """Commit what a build changed, so that the lock file to go back to is that of this state."""
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--allow-empty", "--message", "built")


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table: one line for each kind of kill and for all; then what was fixed how often."""
    rows = []
    for name, groups in (("process group", (True,)), ("dvc alone", (False,)), ("all", (True, False))):
        some = [one for one in outcomes if one.kill.group in groups]
        longest = max((one.survived for one in some), default=0.0)
        same = sum(one.problem is None for one in some)
        rows.append([name, len(some), sum(one.landed for one in some), f"{longest:.2f}", same])
    fixed = Counter(text for one in outcomes for text in {_PATH.sub("", text) for text in one.fixed})
    lines = [columns(["killed", "kills", "while running", "stage lived on, s", "same bytes"], rows), ""]
    return "\n".join([*lines, columns(["fixed", "kills"], [list(one) for one in sorted(fixed.items())])])


@click.command()
@click.option("--kills", default=100, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--jobs", default=2, show_default=True, help="Clones worked on at the same time.")
def main(kills: int, seed: int, jobs: int) -> None:
    """Build the demo release in temporary clones and kill runs; exit status 1 where one was not recovered."""
    with tempfile.TemporaryDirectory(prefix="winnow-kill-") as temporary:
        first = make_clone(Path(temporary) / "0")
        first.run("dvc", "repro")
        commit(first)
        clones = [first, *(first.copy(Path(temporary) / str(number)) for number in range(1, jobs))]
        planned = draw(stages_of(first), kills, seed)

        def work(number: int) -> list[Outcome]:
            done = []
            for one in campaign(clones[number], planned[number::jobs]):
                done.append(one)
                if one.problem:
                    click.echo(f"{one.kill}: {one.problem}")
            return done

        with ThreadPoolExecutor(jobs) as pool:
            outcomes = [one for some in pool.map(work, range(jobs)) for one in some]
    click.echo(table(outcomes))
    sys.exit(1 if any(one.problem for one in outcomes) else 0)


if __name__ == "__main__":
    main()
