"""Pages of the documentation as data: their fenced blocks, and the Bash script that a reader's commands make.

- ``sh`` blocks are commands; they run in the order of the page, in one shell.
- ``console`` blocks hold commands after ``$ `` with their output; a line ``…`` stands for any lines left out.
- Blocks with ``file=PATH`` are files that the reader saves; ``diff`` blocks with it change a file that is there.
- Blocks of other kinds (``text``, ``yaml``, …) are shown and not run.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.conftest import BIN, REPOSITORY

PAGES = sorted(
    page.relative_to(REPOSITORY).as_posix()
    for page in [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    if page.name != "CHANGELOG.md"  # written by `winnow release`
)
"""Every page that people write, as a path below the top folder."""
_TESTS = "".join(
    file.read_text(encoding="utf-8")
    for file in (REPOSITORY / "tests").rglob("*.py")
    if file.parent != Path(__file__).parent
)
_BLOCK = re.compile(r"^```(\w*)(?: file=(\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LEFT_OUT = "…"
VENV_PATH = f"{BIN}{os.pathsep}/usr/local/bin:/usr/bin:/bin"
"""The search path of a reader who has activated the environment."""


class Block(NamedTuple):
    """One fenced block: its language, the file that it is saved as or an empty text, and what it holds."""

    language: str
    file: str
    text: str


class Command(NamedTuple):
    """A command of a ``console`` block and the output that the page shows."""

    command: str
    shown: str


def has_own_test(page: str) -> bool:
    """Say whether a page has a test outside this folder, which names it: that one runs its commands and code."""
    return Path(page).name != "README.md" and Path(page).name in _TESTS


def read(page: str) -> str:
    """Return the Markdown of a page."""
    return (REPOSITORY / page).read_text(encoding="utf-8")


def blocks(markdown: str) -> list[Block]:
    """Return the fenced blocks of a page.

    >>> blocks("```sh\\nls\\n```\\n")
    [Block(language='sh', file='', text='ls\\n')]
    """
    return [Block(language, file, text) for language, file, text in _BLOCK.findall(markdown)]


def prose(markdown: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", markdown)


def commands(block: Block) -> list[Command]:
    """Return the commands of a ``console`` block with their outputs.

    >>> commands(Block("console", "", "$ echo a\\na\\n$ true\\n"))
    [Command(command='echo a', shown='a\\n'), Command(command='true', shown='')]
    """
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
    return [Command(*pair) for pair in zip(parts[1::2], parts[2::2], strict=True)]


def outputs_shown(markdown: str) -> list[Command]:
    """Return the commands of all ``console`` blocks of a page."""
    return [one for block in blocks(markdown) if block.language == "console" for one in commands(block)]


def same(shown: str, printed: str) -> bool:
    """Say whether ``printed`` is what the page shows, where ``…`` on a line stands for any number of lines.

    >>> same("a\\n…\\nd\\n", "a\\nb\\nc\\nd\\n"), same("a\\nd\\n", "a\\nb\\nd\\n")
    (True, False)
    """
    pieces = [re.escape(piece) for piece in re.split(rf"^{_LEFT_OUT}\n", shown, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(pieces), printed) is not None


def updated(shown: str, printed: str) -> str:
    """Return ``printed`` cut as the page cuts it: as many lines before and after its one ``…``.

    >>> updated("a\\n…\\nd\\n", "A\\nB\\nC\\nD\\n")
    'A\\n…\\nD\\n'
    """
    if same(shown, printed) or f"\n{_LEFT_OUT}\n" not in f"\n{shown}":
        return shown if same(shown, printed) else printed
    before, _, after = f"\n{shown}".partition(f"\n{_LEFT_OUT}\n")
    head, tail = before.count("\n"), after.count("\n")
    lines = printed.splitlines(keepends=True)
    return "".join([*lines[:head], f"{_LEFT_OUT}\n", *lines[len(lines) - tail :]])


def save_files(markdown: str, folder: Path) -> None:
    """Save the blocks of a page that name a file, and apply its diffs, in ``folder``."""
    for block in blocks(markdown):
        path = folder / block.file
        if block.file and block.language == "diff":
            text = path.read_text(encoding="utf-8")
            lines = block.text.splitlines(keepends=True)
            old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
            assert text.count(old) == 1, f"{block.file} does not hold these lines once:\n{old}"
            path.write_text(text.replace(old, new), encoding="utf-8")
        elif block.file:
            assert not path.exists()
            path.write_text(block.text, encoding="utf-8")


def script(markdown: str) -> str:
    """Return the Bash script of a page; what the n-th command of its ``console`` blocks prints goes to ``$SHOWN/n``."""
    lines, number = [], 0
    for block in blocks(markdown):
        if block.language == "sh":
            lines.append(block.text)
        elif block.language == "console":
            for one in commands(block):
                lines.append(f'{{ {one.command}\n}} > "$SHOWN/{number}" 2>&1\n')
                number += 1
    return "".join(lines)


def run(commands: str, home: Path, folder: Path | None = None, **variables: str) -> list[str]:
    """Run a page's script in ``folder`` (or ``home``) in a shell with nothing of this one; return the outputs shown.

    ``home`` is the reader's home folder. The outputs are those of the ``console`` commands, in their order.
    """
    shown, temporary = home / "shown", home / "tmp"
    for one in (shown, temporary):
        shutil.rmtree(one, ignore_errors=True)  # of a page that was run here before
        one.mkdir(parents=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Reader\n\temail = reader@example.org\n", encoding="utf-8")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder or home,
        env={"HOME": str(home), "TMPDIR": str(temporary), "SHOWN": str(shown), **variables},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    printed = [file.read_text(encoding="utf-8") for file in sorted(shown.iterdir(), key=lambda file: int(file.name))]
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + "".join(printed[-1:])[-3000:]
    return printed


def run_page(markdown: str, clone: Path, home: Path, upstream: str) -> list[str]:
    """Save a page's files in a built clone, run its commands there, and return what its ``console`` commands printed.

    ``upstream`` is the repository from which the page's reader has cloned.
    """
    save_files(markdown, clone)
    # the clone's code, where the shared environment would import that of the repository under test
    return run(script(markdown), home, clone, PATH=VENV_PATH, PYTHONPATH=str(clone), WINNOW=upstream)
