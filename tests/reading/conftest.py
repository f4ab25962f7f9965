"""Fixtures of the reading tests."""

from pathlib import Path

import pytest

from tests.reading.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINNOW_WORKERS", "1")
    monkeypatch.setattr("winnow.harness.settings.die_with_parent", lambda: None)
    return Project()
