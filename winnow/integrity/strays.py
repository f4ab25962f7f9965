"""Checks of what no stage writes below ``data`` and ``metrics``, and of stages that are not up to date."""

import json
import subprocess
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from ruamel.yaml.error import YAMLError

from winnow.harness.run import declared
from winnow.integrity.aside import DAMAGED, set_aside
from winnow.integrity.copies import DVC
from winnow.integrity.finding import Finding
from winnow.versions.git import git

_PEOPLE = ("benchmarks", "labels", "ledger", "patches", "plans", "raw", "recipes", "rubrics")
"""Folders of ``data`` that hold what people wrote, fetched or bought."""


def strays(recorded: Collection[str]) -> Iterator[Finding]:
    """Find ignored files below ``data`` and tracked metrics that no stage writes: a stage that is gone left them.

    ``recorded`` are the outputs that ``dvc.lock`` and ``.dvc`` files name; ``dvc.yaml`` may declare others.
    """
    try:
        owned = {*recorded, *(out for _, outs in declared().values() for out in outs)}
    except (OSError, YAMLError, KeyError, TypeError, AttributeError):
        return  # `dvc status` says what is wrong
    around = {parent.as_posix() for out in owned for parent in PurePosixPath(out).parents}
    for path in sorted({_topmost(name, around) for name in _ignored() if owned.isdisjoint(_with_parents(name))}):
        if Path(path).parts[1] in _PEOPLE:
            fix = f"run `dvc add {path}`, or `git checkout -- {path}.dvc` if Git has that file"
            yield Finding("strays", f"Git ignores {path} and no .dvc file names it, so nobody keeps it", fix)
        else:
            fix = f"run `winnow verify --fix`, which moves it to {DAMAGED}"
            yield Finding("strays", f"{path} belongs to no stage", fix, partial(set_aside, Path(path)))
    for name in git("ls-files", "-z", "metrics").split("\0"):
        if name and Path(name).exists() and owned.isdisjoint(_with_parents(name)):
            yield Finding("strays", f"{name} belongs to no stage", f"run `git rm {name}`")


def _ignored() -> Iterator[str]:
    """Yield the ignored files below ``data``, those of hidden folders aside: temporary files, journals, kept damage."""
    for name in git("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "data").split("\0"):
        hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        if name and not hidden and not name.endswith(".dvc") and Path(name).exists():
            yield name


def _with_parents(name: str) -> set[str]:
    return {name, *(parent.as_posix() for parent in PurePosixPath(name).parents)}


def _topmost(name: str, around: Collection[str]) -> str:
    """Return the topmost folder above a file that holds no output, or the file itself."""
    top = PurePosixPath(name)
    while top.parent.as_posix() not in around and len(top.parts) > 3 - (top.parts[1] not in _PEOPLE):
        top = top.parent
    return top.as_posix()


def stale() -> list[Finding]:
    """Find stages whose code, inputs or settings are not those that ``dvc.lock`` records."""
    done = subprocess.run([*DVC, "status", "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        return [Finding("status", f"dvc status failed ({words[-1] if words else 'no message'})", "fix that first")]
    changed = ", ".join(sorted(json.loads(done.stdout or "{}")))
    return [Finding("status", f"not up to date: {changed}", "run dvc repro")] if changed else []
