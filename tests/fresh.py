"""A commit of a dataset as CI sees it: a fresh clone, an empty home, nothing of this environment but its programs."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.conftest import BIN

_PATH = "/usr/local/bin:/usr/bin:/bin"
_AUTHOR = {f"GIT_{who}_{what}": f"{what}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def check_data(origin: Path, *arguments: str, before: str = ":", **variables: str) -> tuple[int, str]:
    """Clone ``origin``, run the commands ``before`` there, then ``.ci/data``; return its status and what it prints."""
    with tempfile.TemporaryDirectory(dir=origin.parent) as temporary:
        home, clone = Path(temporary, "home"), Path(temporary, "clone")
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", origin, clone], check=True)
        (clone / ".venv").symlink_to(BIN.parent)
        activated = {**os.environ, **_AUTHOR, **variables, "PATH": f"{BIN}{os.pathsep}{_PATH}"}
        subprocess.run(["bash", "-euc", before], cwd=clone, env=activated, check=True)
        done = subprocess.run(
            [".ci/data", *arguments],
            cwd=clone,
            env={"PATH": _PATH, "HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
    return done.returncode, done.stdout
