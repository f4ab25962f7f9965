"""Checks of models' replies, which were paid for: damaged or missing segments, and journals that a killed run left."""

import hashlib
import subprocess
from functools import partial
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.integrity.finding import Finding
from winnow.ledger.check import Fault, Piece, check_all, line_number
from winnow.ledger.journal import Journal, running
from winnow.ledger.salvage import keep_aside, salvage, whole_lines
from winnow.ledger.segment import named, segments
from winnow.replies.folders import JOURNALS, LEDGER
from winnow.versions.git import git

ASK = Path(JOURNALS)
FIX = "run `winnow verify --fix`"


def ledger() -> list[Finding]:
    """Find faults for which replies cannot be read or would be bought again."""
    folders = sorted(path for path in Path(LEDGER).glob("*") if path.is_dir())
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
        for path in git("ls-files", "-z", "--deleted", LEDGER).split("\0")
        if path
    ]


def _strays(folders: list[Path]) -> list[Finding]:
    """Find files among the segments that are none, and segments that DVC tracks and has not brought."""
    findings = []
    for folder in folders:
        try:
            segments(folder)
        except UserError as error:
            problem, _, fix = str(error).rstrip(".").rpartition("; ")
            findings.append(Finding("ledger", problem, fix))
    return findings


def _damaged(folders: list[Path]) -> list[Finding]:
    whole: dict[Path, bool] = {}
    faults: dict[Path, tuple[Piece, Fault]] = {}
    for task, result in check_all([path for folder in folders for path in named(folder)], digests=True):
        if isinstance(task, Path):
            whole[task] = bool(result)
        elif isinstance(result, Fault):
            faults.setdefault(task.path, (task, result))
    findings = []
    for path, is_whole in whole.items():
        if not is_whole:
            findings.append(_damage(path))
        elif path in faults:
            piece, fault = faults[path]
            problem = f"{path}, line {line_number(piece, fault)}, {fault.problem}, though it is as it was written"
            findings.append(Finding("ledger", problem, f"take the Winnow that wrote it, or run `git rm {path}`"))
    return findings


def _damage(path: Path) -> Finding:
    lines = whole_lines(path)
    lost = len(lines.damaged) + lines.torn
    what = f"whole lines: {len(lines.whole):,}, damaged: {lost:,}" if lost else "all lines are whole, some are missing"
    if _in_git(path):
        repair = partial(_restore, path)
        return Finding("ledger", f"{path} is damaged ({what}), and whole in Git", FIX, repair)
    fix = FIX
    if (tracked := path.with_name(f"{path.name}.dvc")).exists():
        fix += f", then `dvc pull {tracked}` for the others"
    return Finding(
        "ledger", f"{path} is damaged ({what})", f"{fix}, which keeps what is whole", partial(salvage, path, ASK)
    )


def _in_git(path: Path) -> bool:
    """Return whether Git holds the bytes that a segment is named for."""
    done = subprocess.run(["git", "cat-file", "blob", f":{path.as_posix()}"], capture_output=True, check=False)
    return done.returncode == 0 and hashlib.blake2b(done.stdout, digest_size=16).hexdigest() == path.stem


def _restore(path: Path) -> None:
    keep_aside(path, f"{path.parent.name}-{path.stem}", ASK)
    _git_checkout(str(path))


def _git_checkout(path: str) -> None:
    subprocess.run(["git", "checkout", "--", path], check=True, capture_output=True)


def _journals() -> list[Finding]:
    findings = []
    for path in sorted(ASK.glob("*.jsonl")):
        stage = path.stem
        if running(path):
            findings.append(
                Finding("ledger", f"`winnow ask {stage}` is running here", "wait for its end, then verify again")
            )
        elif path.stat().st_size:
            problem = f"{path} holds replies of a run that was killed, whole lines: {len(whole_lines(path).whole):,}"
            findings.append(
                Finding("ledger", problem, f"run `winnow ask {stage}`, or `winnow verify --fix`", partial(_seal, stage))
            )
    return findings


def _seal(stage: str) -> None:
    with Journal(Path(LEDGER, stage), ASK):  # which seals on entering
        pass
