"""Fixtures: the working directory of a project whose plans use the recipes of this repository."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of a project, with the recipes and constraints of this repository."""
    for name in ("data/recipes", "data/constraints"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
