"""``dvc.lock``, and DVC's own table of running commands: DVC writes both in place, so a kill leaves them torn."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.error import YAMLError

from winnow.harness.documents import parse_yaml
from winnow.integrity.aside import set_aside
from winnow.integrity.finding import Finding

Lock = Mapping[str, Mapping[str, Any]]
LOCK = Path("dvc.lock")
RWLOCK = Path(".dvc/tmp/rwlock")
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")


class Entry(NamedTuple):
    """One dependency or output as ``dvc.lock`` (or a ``.dvc`` file) records it; a folder's hash ends with ``.dir``."""

    owner: str
    path: str
    md5: str


def read_lock() -> Lock | None:
    """Return the stages of ``dvc.lock``, ``None`` where it is missing, torn or in conflict."""
    try:
        return _stages(LOCK.read_text(encoding="utf-8"))
    except (OSError, YAMLError, ValueError, TypeError, KeyError, AttributeError):
        return None


@lru_cache(maxsize=1)  # several checks ask, and YAML is read at 300 KB a second
def _stages(text: str) -> Lock:
    stages: dict[str, Any] = dict(parse_yaml(text)["stages"])
    for stage in stages:
        list(entries(stages, "deps", stage)), list(entries(stages, "outs", stage))
    return stages


def entries(lock: Lock, kind: str, stage: str | None = None) -> Iterator[Entry]:
    """Yield what ``lock`` records as ``deps`` or ``outs`` of one stage, or of all; :class:`ValueError` if it is cut."""
    for name in sorted(lock) if stage is None else [stage]:
        for one in lock[name].get(kind, []):
            if not _MD5.fullmatch(one["md5"]):
                raise ValueError(one["md5"])
            yield Entry(name, one["path"], one["md5"])


def lock_file() -> list[Finding]:
    """Find a ``dvc.lock`` that is missing, empty, torn or in conflict."""
    if read_lock() is not None:
        return []
    data = LOCK.read_bytes() if LOCK.exists() else b""
    if b"<<<<<<<" in data:
        fix = "run `git checkout --ours dvc.lock metrics`, then dvc repro, and commit"
        return [Finding("dvc.lock", "holds conflict marks of Git", fix)]
    what = "is torn" if data else "is empty" if LOCK.exists() else "is missing"
    fix = "run `winnow verify --fix`, which takes the committed one, then winnow verify again"
    return [Finding("dvc.lock", what, fix, _restore)]


def _restore() -> str:
    """Move the torn lock file aside and take the committed one; without that, DVC writes a new one."""
    said = set_aside(LOCK) if LOCK.exists() else "there was none"
    subprocess.run(["git", "checkout", "HEAD", "--", str(LOCK)], capture_output=True, check=False)
    return said


def torn_locks() -> list[Finding]:
    """Find DVC's table of running commands left empty or cut by a kill: every ``dvc`` command fails on it."""
    if not RWLOCK.exists() or _rwlock() is not None:
        return []
    return [Finding("locks", f"{RWLOCK} is torn", f"run `rm {RWLOCK}`", RWLOCK.unlink)]


def _rwlock() -> dict[str, Any] | None:
    try:
        table = json.loads(RWLOCK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return table if isinstance(table, dict) else None


def running_commands() -> dict[int, str]:
    """Return the ``dvc`` commands that say they are working here, by process id; some may be dead."""
    table = _rwlock() or {}
    infos = [*table.get("write", {}).values(), *(info for some in table.get("read", {}).values() for info in some)]
    return {info["pid"]: info["cmd"] for info in infos if info}
