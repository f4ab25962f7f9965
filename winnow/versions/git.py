"""Git as a program: its output, or its own last words as an error."""

import subprocess
from pathlib import Path

from winnow.harness.errors import UserError


def git(*arguments: str, root: Path = Path()) -> str:
    """Return what ``git`` prints in the folder ``root``; its failure is a :class:`UserError` with its last words."""
    return git_bytes(*arguments, root=root).decode()


def git_bytes(*arguments: str, root: Path = Path()) -> bytes:
    """Return what ``git`` prints, undecoded; otherwise as :func:`git`."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError(f"git {arguments[0]} failed: {words[-1] if words else 'no message'}.")
    return done.stdout
