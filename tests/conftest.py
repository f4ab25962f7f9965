"""Fixtures: this repository as a user would have cloned it, built once, copied where a test changes it."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests import demo

# machines are shared: no deadline per example, and the same examples everywhere
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


_RUN_STAGES = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(f"stages.{name}").main(args=[], standalone_mode=False)
"""


class Clone:
    """A clone of the repository in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone with this environment's programs first on the path."""
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, **environment},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done

    def stages(self, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run stages in this order in one process: without DVC's cost, and that of a start for each."""
        return self.run("python3", "-c", _RUN_STAGES, *names, check=True, **environment)

    def ran(self, repro: subprocess.CompletedProcess[str]) -> list[str]:
        """Return the stages that a ``dvc repro`` ran."""
        return [line.split("'")[1] for line in repro.stdout.splitlines() if line.startswith("Running stage")]

    def copy(self, to: Path) -> "Clone":
        """Return a copy that a test may change."""
        shutil.copytree(self.folder, to, symlinks=True)
        return Clone(to)

    def params(self, old: str, new: str) -> None:
        """Replace a text in params.yaml; it must be there."""
        file = self.folder / "params.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


def files_of_this_repository() -> list[str]:
    """Return what Git tracks here and what it would add: the state under test, committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).exists()]


def make_clone(folder: Path) -> Clone:
    """Copy the repository to ``folder`` and commit it there; ``.venv`` is this environment."""
    for name in files_of_this_repository():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target)
    clone = Clone(folder)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "state under test"]):
        clone.run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments)
    clone.run("git", "config", "user.name", "Test")
    clone.run("git", "config", "user.email", "test@example.org")
    (folder / ".venv").symlink_to(BIN.parent)
    return clone


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which ``dvc repro`` ran on the demo sources. Tests only read it.

    The first worker that needs it builds it; each has a copy, as DVC lets one command at a time into a folder.
    """
    mine = tmp_path_factory.mktemp("built")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    whole = shared / "built-clone"
    with (shared / "built-clone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            clone = make_clone(mine / "building")
            clone.run("dvc", "repro")
            clone.folder.rename(whole)
    return Clone(whole).copy(mine / "clone")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs the demo release where it is gone."""
    demo.leave_out(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was left out for want of the demo release, and what checks the data."""
    reports = terminalreporter.stats.get("skipped", [])
    if skipped := sum(demo.LEFT_OUT in str(report.longrepr) for report in reports):
        terminalreporter.write_line(demo.summary(skipped))


@pytest.fixture
def clone(built: Clone, tmp_path: Path) -> Clone:
    """A built clone that the test may change."""
    return built.copy(tmp_path / "clone")


@pytest.fixture
def inside(built: Clone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the built clone the working directory, for tests that read its tables, and return it."""
    monkeypatch.chdir(built.folder)
    return built.folder


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with this repository's dvc.yaml and params.yaml, with the demo sources, as the working directory."""
    (tmp_path / "dvc.yaml").write_bytes((REPOSITORY / "dvc.yaml").read_bytes())
    (tmp_path / "params.yaml").write_text(demo.settings(), encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
