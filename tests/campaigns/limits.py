"""``make limits``: every stage and command with a full disk, little memory, few open files, a read-only disk, ...

Each run must end well, or with one sentence on stderr, an exit status that is not 0, and every file of people, models
and stages as it was, or as the whole command leaves it where only something after the change failed. A traceback is a
failure. Mounts need root; without it those limits are left out.
"""

import json
import os
import random
import re
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click

from tests.campaigns.kill import stages_of
from tests.campaigns.kill_commands import base_clone
from tests.campaigns.writing import row_id
from tests.conftest import BIN, Clone
from winnow.cli.funnel import columns
from winnow.harness.digests import digests

_WINNOW = (sys.executable, "-c", "from winnow.cli.main import main; main()")
_READ_ONLY = "mount --bind . . && mount -o remount,bind,ro . && cd $PWD && exec {command}"
_FULL = "mkdir -p {folder} && mount -t tmpfs -o size={size} none {folder} && exec {command}"
_ODD = "na me's \n\udcff.jsonl"  # a space, a quote, a line end, a byte that is not UTF-8


@dataclass(frozen=True)
class Limit:
    """One limit: of the kernel's, mounts made before the run, or other variables and output."""

    name: str
    kernel: tuple[int, int] | None = None
    mount: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    full_output: bool = False

    def before(self) -> None:
        """Set the kernel's limit in the process that becomes the command."""
        if self.kernel:
            resource.setrlimit(self.kernel[0], (self.kernel[1],) * 2)


LIMITS = (
    Limit("files of 0 bytes", (resource.RLIMIT_FSIZE, 0)),
    Limit("files of 100 bytes", (resource.RLIMIT_FSIZE, 100)),
    Limit("files of 3,000 bytes", (resource.RLIMIT_FSIZE, 3_000)),
    Limit("200 MB of addresses", (resource.RLIMIT_AS, 200 << 20)),
    Limit("400 MB of addresses", (resource.RLIMIT_AS, 400 << 20)),
    Limit("5 open files", (resource.RLIMIT_NOFILE, 5)),
    Limit("9 open files", (resource.RLIMIT_NOFILE, 9)),
    Limit("read-only", mount=_READ_ONLY),
    Limit("full data/.tmp", mount=_FULL.format(folder="data/.tmp", size="8k", command="{command}")),
    Limit("full data/.journal", mount=_FULL.format(folder="data/.journal", size="4k", command="{command}")),
    Limit("ASCII", environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    Limit("full output", full_output=True),
)


@dataclass(frozen=True)
class Outcome:
    """Outcome of a run: its command, its limit, its exit status, and what is wrong, if anything."""

    command: str
    limit: Limit
    status: int
    problem: str | None


def commands(clone: Clone) -> dict[str, tuple[str, ...]]:
    """Return every stage and command by name."""
    row, why = row_id(clone), ("--reason", "a test", "--author", "Test")
    runs: dict[str, tuple[str, ...]] = {
        f"stage {name}": (sys.executable, "-m", f"stages.{name}") for name in stages_of(clone)
    }
    winnow = {
        "add": (".git/rows.jsonl", "--license", "MIT"),
        "add of an odd name": (f".git/{_ODD}", "--license", "MIT"),
        "ask --export": ("--export", "batch"),
        "ask": ("--yes", "--attempts", "1"),
        "diff": (),
        "fetch": (),
        "funnel": (),
        "patch": (row, "--drop", *why),
        "release": ("v1.0",),
        "remove": ("demo_dolly",),
        "takedown": ("--text", "the", "--yes", *why),
        "takedown --purge": ("--text", "the", "--purge", "--yes", *why),
        "validate": ("data/export/messages/train.jsonl", "--for", "trl"),
        "verify": ("--fix",),
        "why": (row,),
    }
    for name, arguments in winnow.items():
        first = ("add", "mine") if name.startswith("add") else (name.partition(" ")[0],)
        runs[f"winnow {name}"] = (*_WINNOW, *first, *arguments)
    return runs


_TEMPORARY = re.compile(r"/\.(tmp|journal|ask)/")


def content(clone: Clone) -> dict[str, str]:
    """Return the digest of each file that a person, a model or a stage wrote."""
    paths = [str(clone.folder / name) for name in ("data", "metrics", "params.yaml", "dvc.lock")]
    changelog = clone.folder / "CHANGELOG.md"
    found = digests([*paths, *([str(changelog)] if changelog.exists() else [])])
    names = {os.path.relpath(file, clone.folder): md5 for file, md5 in found.items()}
    return {name: md5 for name, md5 in names.items() if not _TEMPORARY.search(name)}


def run(clone: Clone, command: Sequence[str], limit: Limit) -> subprocess.CompletedProcess[str]:
    """Run a command in the clone under the limit."""
    before: Callable[[], None] = limit.before
    if limit.mount:
        text = limit.mount.format(command=shlex.join(command))
        command = ("unshare", "--mount", "sh", "-c", text)
    with Path("/dev/full" if limit.full_output else os.devnull).open("w", encoding="utf-8") as output:
        return subprocess.run(
            command,
            cwd=clone.folder,
            env={
                **os.environ,
                "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                "PYTHONDONTWRITEBYTECODE": "1",
                "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
                **limit.environment,
            },
            preexec_fn=before,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )


def _differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(file for file in one.keys() | other.keys() if one.get(file) != other.get(file))


def judge(base: Clone, clone: Clone, name: str, command: Sequence[str], limit: Limit) -> Outcome:
    """Run a command under a limit and say what is wrong with how it ended."""
    old = content(clone)
    done = run(clone, command, limit)
    problem = None
    said = done.stderr.strip()
    if "Traceback" in said or done.returncode < 0:
        problem = f"{done.returncode}: {' '.join(said.split())[-300:]}"
    elif done.returncode and not name.startswith(("winnow verify", "winnow ask")):
        different = _differing(old, content(clone))
        if different and name.startswith("winnow"):  # the change is made, and something after it failed
            run(clone, (*_WINNOW, "funnel"), Limit("none"))
            whole = base.copy(clone.folder.with_suffix(".whole"))
            run(whole, command, Limit("none"))
            different = _differing(content(whole), content(clone))
            subprocess.run(["rm", "-r", whole.folder], check=True)
        if not said:
            problem = f"status {done.returncode} without a word"
        elif len(said.splitlines()) > 1:
            problem = f"more than a sentence: {said[:300]!r}"
        elif different:
            problem = f"changed: {', '.join(different[:4])}"
    return Outcome(name, limit, done.returncode, problem)


def campaign(base: Clone, folder: Path, jobs: int, runs_at_most: int | None = None) -> Iterator[Outcome]:
    """Run everything under every limit, or a sample of these runs."""
    rows = json.dumps({"instruction": "Say something.", "input": "", "output": "Something."}) + "\n"
    for name in ("rows.jsonl", _ODD):
        (base.folder / ".git" / name).write_text(rows * 3, encoding="utf-8")
    limits = [limit for limit in LIMITS if not limit.mount or os.geteuid() == 0]
    runs = [(name, command, limit) for name, command in commands(base).items() for limit in limits]
    random.Random(1).shuffle(runs)
    runs = runs[:runs_at_most]

    def work(number: int) -> Outcome:
        name, command, limit = runs[number]
        clone = base.copy(folder / str(number))
        outcome = judge(base, clone, name, command, limit)
        subprocess.run(["rm", "-r", clone.folder], check=True)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(work, range(len(runs)))


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a table, one line for each limit."""
    counts: dict[str, list[int]] = {}
    for one in outcomes:
        good = one.problem is None
        adds = (1, one.status == 0 and good, one.status != 0 and good, not good)
        for name in (one.limit.name, "all"):
            counts[name] = [a + b for a, b in zip(counts.get(name, [0] * 4), adds, strict=True)]
    rows = [[name, *numbers] for name, numbers in sorted(counts.items(), key=lambda row: row[0] == "all")]
    return columns(["limit", "runs", "ended well", "a sentence", "wrong"], rows)


@click.command()
@click.option("--jobs", default=2, show_default=True)
@click.option("--runs", type=int, help="Make a sample of this many runs.")
def main(jobs: int, runs: int | None) -> None:
    """Run stages and commands under limits; exit status 1 where one shows a traceback or loses something."""
    with tempfile.TemporaryDirectory(prefix="winnow-limits-") as temporary:
        outcomes = []
        for one in campaign(base_clone(Path(temporary) / "base"), Path(temporary), jobs, runs):
            outcomes.append(one)
            if one.problem:
                click.echo(f"{one.command}, {one.limit.name}: {one.problem}")
    click.echo(table(outcomes))
    sys.exit(1 if any(one.problem for one in outcomes) else 0)


if __name__ == "__main__":
    main()
