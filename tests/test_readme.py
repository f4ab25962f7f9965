"""Every command of the README, in its order, in one shell, as a newcomer would type them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import BIN, REPOSITORY, Clone, make_clone
from winnow.cli.main import COMMANDS

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_every_shell_command_works(built: Clone, tmp_path: Path) -> None:
    upstream = make_clone(tmp_path / "winnow").folder
    (upstream / ".venv").unlink()
    # what DVC has kept of the demo build spares the first run its work; the commands are the same
    shutil.copytree(built.folder / ".dvc" / "cache", tmp_path / "cache")
    (tmp_path / ".config" / "dvc").mkdir(parents=True)
    (tmp_path / ".config" / "dvc" / "config").write_text(f"[cache]\n    dir = {tmp_path / 'cache'}\n", encoding="utf-8")
    commands = "".join(blocks("sh"))
    # the environment under test stands in for the one that `make setup` would make
    commands = commands.replace(
        "cd my-dataset\n",
        f"cd my-dataset\nln -s {BIN.parent} .venv\ntouch -d 2099-01-01 .venv/ready\n"
        "git config user.name Reader\ngit config user.email reader@example.org\n",
        1,
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "WINNOW": str(upstream)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    dataset = tmp_path / "my-dataset"
    card = (dataset / "data" / "export" / "README.md").read_text(encoding="utf-8")
    assert "license: cc-by-4.0" in card
    assert "2 conversations" in card

    for program in blocks("python"):
        shown = subprocess.run([sys.executable, "-c", program], cwd=dataset, capture_output=True, text=True, check=True)
        assert "mine" in shown.stdout


def test_the_readme_names_every_adapter() -> None:
    for file in (REPOSITORY / "winnow" / "sources").glob("*.py"):
        assert file.stem == "__init__" or f"| `{file.stem}` |" in README


def test_the_readme_names_every_command() -> None:
    for name in COMMANDS:
        assert f"| `winnow {name}` |" in README
