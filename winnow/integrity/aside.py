"""Damaged and left-over files are moved aside, never deleted: what looks useless may be the only copy of something."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from winnow.harness.digests import file_md5

DAMAGED = Path("data/.damaged")
"""Where they go: of this folder alone, in neither Git nor DVC. Who is sure that nothing is missing may delete it."""

MOVED = "moved to "


def set_aside(path: Path, what: str = "") -> str:
    """Move a file or folder to ``data/.damaged/<what>-<digest>`` and return a sentence that says so.

    ``what`` is by default the path. A second one with the same bytes gets a number.
    """
    name = f"{what or path.as_posix().replace('/', '-')}-{_digest(path)}"
    target, number = DAMAGED / name, 1
    while target.exists():
        number += 1
        target = DAMAGED / f"{name}-{number}"
    DAMAGED.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    return f"{MOVED}{target}"


def _digest(path: Path) -> str:
    if not path.is_dir():
        return file_md5(path)
    digest = hashlib.md5(usedforsecurity=False)
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file_md5(file)}\n".encode())
    return digest.hexdigest()


def way_back(file: Path) -> tuple[str, Callable[[], str] | None]:
    """Return what to do with a damaged file that people wrote, and the repair: the last commit's, where it differs.

    A conflict is solved by people alone, and a file that Git has no other content of is fixed by hand.
    """
    committed = subprocess.run(["git", "show", f"HEAD:./{file.as_posix()}"], capture_output=True, check=False)
    conflict = subprocess.run(["git", "ls-files", "--unmerged", "--", file], capture_output=True, check=False).stdout
    if committed.returncode or conflict or committed.stdout == file.read_bytes():
        return "fix it", None
    fix = f"fix it, or run `winnow verify --fix`, which moves it to {DAMAGED} and takes that of the last commit"
    return fix, partial(_take_committed, file)


def _take_committed(file: Path) -> str:
    said = set_aside(file)
    subprocess.run(["git", "checkout", "HEAD", "--", file], check=True, capture_output=True)
    return said
