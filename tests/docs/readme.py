"""The README's commands, in their order, in one shell, as a newcomer would type them."""

import shutil
from pathlib import Path

from tests.conftest import BIN, Clone, make_clone
from tests.docs.pages import read, run, script

README = "README.md"
DATASET = "my-dataset"
"""The folder that the README's first command makes, below the folder in which it runs."""


def run_readme(built: Clone, folder: Path) -> list[str]:
    """Run the README's commands in ``folder``, which they fill; return what its ``console`` commands printed.

    ``built`` is a built clone: what DVC keeps of it spares the first build its work; the commands are the same.
    """
    upstream = make_clone(folder / "winnow")
    (upstream.folder / ".venv").unlink()
    shutil.copy2(built.folder / "dvc.lock", upstream.folder)  # in step with the code, as CI demands of a commit
    shutil.copytree(built.folder / "metrics", upstream.folder / "metrics", dirs_exist_ok=True)
    upstream.run("git", "commit", "--quiet", "--all", "--allow-empty", "--message", "Built")
    shutil.copytree(built.folder / ".dvc" / "cache", folder / "cache")
    (folder / ".config" / "dvc").mkdir(parents=True)
    (folder / ".config" / "dvc" / "config").write_text(f"[cache]\n    dir = {folder / 'cache'}\n", encoding="utf-8")
    # the environment under test stands in for the one that `make setup` would make
    commands = script(read(README)).replace(
        f"cd {DATASET}\n", f"cd {DATASET}\nln -s {BIN.parent} .venv\ntouch -d 2099-01-01 .venv/ready\n", 1
    )
    return run(commands, folder, WINNOW=str(upstream.folder), PATH="/usr/local/bin:/usr/bin:/bin")
