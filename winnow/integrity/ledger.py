"""Replies of models: damaged or missing segments, and journals that a killed run left. Each of them was paid for."""

import hashlib
import subprocess
from functools import partial
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.integrity.finding import Finding
from winnow.ledger.check import Fault, Piece, check_all, line_number
from winnow.ledger.journal import Journal, running
from winnow.ledger.salvage import keep_aside, salvage, whole_lines
from winnow.ledger.segment import ASK, LEDGER, named, segments
from winnow.versions.git import git

FIX = "run `winnow verify --fix`"


def ledger() -> list[Finding]:
    """Find what keeps replies from being read, or would have them bought again."""
    folders = sorted(path for path in LEDGER.glob("*") if path.is_dir())
    return [*_missing(), *_strays(folders), *_damaged(folders), *_journals()]


def _missing() -> list[Finding]:
    """Find segments that Git has and this folder has not."""
    return [
        Finding(
            "ledger",
            f"{path} is missing, so its replies would be asked for again",
            f"run `git checkout -- {path}`, or `git rm {path}` if that is meant",
            partial(_git_checkout, path),
        )
        for path in git("ls-files", "-z", "--deleted", str(LEDGER)).split("\0")
        if path
    ]


def _strays(folders: list[Path]) -> list[Finding]:
    """Find what stands among the segments and is none, and segments that DVC has not brought."""
    found = []
    for folder in folders:
        try:
            segments(folder)
        except UserError as error:
            problem, _, fix = str(error).rstrip(".").rpartition("; ")
            found.append(Finding("ledger", problem, fix))
    return found


def _damaged(folders: list[Path]) -> list[Finding]:
    as_written: dict[Path, bool] = {}
    faults: dict[Path, tuple[Piece, Fault]] = {}
    for task, result in check_all([path for folder in folders for path in named(folder)], digests=True):
        if isinstance(task, Path):
            as_written[task] = bool(result)
        elif isinstance(result, Fault):
            faults.setdefault(task.path, (task, result))
    found = []
    for path, whole in as_written.items():
        if not whole:
            found.append(_damage(path))
        elif path in faults:
            piece, fault = faults[path]
            problem = f"{path}, line {line_number(piece, fault)}, {fault.problem}, though it is as it was written"
            found.append(Finding("ledger", problem, f"take the Winnow that wrote it, or run `git rm {path}`"))
    return found


def _damage(path: Path) -> Finding:
    lines = whole_lines(path)
    lost = len(lines.damaged) + lines.torn
    what = f"whole lines: {len(lines.whole):,}, damaged: {lost:,}" if lost else "all lines are whole, some are missing"
    if _in_git(path):
        mend = partial(_restore, path)
        return Finding("ledger", f"{path} is damaged ({what}), and whole in Git", f"run `git checkout -- {path}`", mend)
    fix = FIX
    if (tracked := path.with_name(f"{path.name}.dvc")).exists():
        fix += f", then `dvc pull {tracked}` for the others"
    return Finding("ledger", f"{path} is damaged ({what})", f"{fix}, which keeps what is whole", partial(salvage, path))


def _in_git(path: Path) -> bool:
    """Say whether Git holds the bytes that a segment is named for."""
    done = subprocess.run(["git", "cat-file", "blob", f":{path.as_posix()}"], capture_output=True, check=False)
    return done.returncode == 0 and hashlib.blake2b(done.stdout, digest_size=16).hexdigest() == path.stem


def _restore(path: Path) -> None:
    keep_aside(path, f"{path.parent.name}-{path.stem}")
    _git_checkout(str(path))


def _git_checkout(path: str) -> None:
    subprocess.run(["git", "checkout", "--", path], check=True, capture_output=True)


def _journals() -> list[Finding]:
    found = []
    for path in sorted(ASK.glob("*.jsonl")):
        stage = path.stem
        if running(stage):
            found.append(
                Finding("ledger", f"`winnow ask {stage}` is running here", "wait for its end, then verify again")
            )
        elif path.stat().st_size:
            problem = f"{path} holds replies of a run that was killed, whole lines: {len(whole_lines(path).whole):,}"
            found.append(
                Finding("ledger", problem, f"run `winnow ask {stage}`, or `winnow verify --fix`", partial(_seal, stage))
            )
    return found


def _seal(stage: str) -> None:
    with Journal(stage):  # which seals on entering
        pass
