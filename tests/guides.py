"""Pages of docs/add as a contributor follows them: their files and edits, put into a copy of the project.

A block of code whose paragraph begins with the name of a file is that file, or, as a ``diff``, an edit of it. Each
part of such a diff names, after ``@@``, how the line begins behind which it applies, so that other edits of the file
break no page.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import REPOSITORY

_BLOCK = re.compile(r"^`([\w./-]+)`[^`](?:[^\n]|\n(?!\n))*:\n\n```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One block of a page: the file that it is about, its language, and its text."""

    file: str
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of ``docs/add/<page>``, in their order."""
    text = (REPOSITORY / "docs" / "add" / page).read_text(encoding="utf-8")
    return [Block(*match) for match in _BLOCK.findall(text)]


def follow(guide: list[Block], project: Path) -> list[str]:
    """Write and edit the files of a guide in a copy of the project; return their names."""
    for block in guide:
        file = project / block.file
        if block.language == "diff":
            file.write_text(edited(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        else:
            assert not file.exists(), block.file
            file.write_text(block.text, encoding="utf-8")
    return list(dict.fromkeys(block.file for block in guide))


def edited(text: str, diff: str) -> str:
    r"""Return ``text`` with the edits of a diff; each must fit.

    >>> edited("a:\n- x\nb:\n- x\n", "@@ b:\n-- x\n+- y\n")
    'a:\n- x\nb:\n- y\n'
    """
    for part in re.split(r"^@@ ", diff, flags=re.MULTILINE)[1:]:
        anchor, *lines = part.splitlines()
        start = re.search(rf"^ *{re.escape(anchor)}.*$", text, re.MULTILINE)
        assert start, f"no line begins with {anchor!r}"
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        at = text.find(f"\n{old}", start.end()) + 1
        assert at > 0, f"behind {anchor!r} there is no\n{old}"
        text = text[:at] + new + text[at + len(old) :]
    return text


def run(project: Path, *arguments: str) -> str:
    """Run this Python on the copy; return what it prints, if it goes well."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), "WINNOW_WORKERS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def check_style(project: Path, files: list[str]) -> None:
    """Check Python files of the copy as the project checks its own."""
    code = [file for file in files if file.endswith(".py")]
    run(project, "-m", "ruff", "check", "--no-cache", *code)
    run(project, "-m", "ruff", "format", "--no-cache", "--check", *code)
    run(project, "-m", "mypy", "--cache-dir", os.devnull, "--follow-imports", "silent", *code)
