"""Fixtures: a built and committed clone to damage, and its findings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clone
from winnow.integrity import strays
from winnow.integrity.verify import verify


@pytest.fixture(scope="module")
def committed(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A built clone whose lock file and metrics are committed."""
    clone = built.copy(tmp_path_factory.mktemp("committed") / "clone")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    return clone


@pytest.fixture
def spoilt(committed: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed clone as the working directory."""
    folder = committed.copy(tmp_path / "clone").folder
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WINNOW_WORKERS", "1")
    return folder


@pytest.fixture
def findings(spoilt: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What `verify` finds in the damaged clone, without asking ``dvc status``, which takes a second."""
    monkeypatch.setattr(strays, "stale", list)
    return lambda: [one.line() for one in verify()]
