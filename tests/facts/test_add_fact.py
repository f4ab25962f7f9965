"""The fact of docs/add/fact.md, taken from the page and added to a copy of the project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.storage.buckets import read_all
from winnow.storage.tables import write_bucketed

BUCKETS = 16  # as in params.yaml
PROMPTS = {"s:0": "Why? And since when?!", "s:1": "你好吗？", "s:2": "Say it."}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's code and settings, with a few clean records."""
    for name in ("winnow", "stages"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    shutil.copytree(REPOSITORY / "data/models", tmp_path / "data/models")
    builder = RecordBuilder()
    for row_id, prompt in PROMPTS.items():
        record = Record([Message("user", prompt), Message("assistant", "So it is.")], (prompt,))
        builder.append(row_id, "s", "CC0-1.0", "human", record)
    write_bucketed(tmp_path / "data/clean/records", builder.table(), BUCKETS)
    return tmp_path


def python(folder: Path, *arguments: str) -> str:
    """Return what Python prints in ``folder``, whose code it imports."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_fact_of_the_page_is_one_file(project: Path) -> None:
    text = (REPOSITORY / "docs/add/fact.md").read_text(encoding="utf-8")
    (path,) = re.findall(r"`(winnow/facts/subjects/\w+\.py)`:\n\n```python", text)
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (project / path).write_text(code, encoding="utf-8")
    python(project, "-m", "stages.annotate")
    facts = read_all(project / "data/annotate", BUCKETS, ["row_id", "questions"])
    assert dict(zip(*facts.to_pydict().values(), strict=True)) == {"s:0": 2, "s:1": 1, "s:2": 0}
    row = "| `questions` | int32 | Questions of all user turns, by their question marks. | questions | Winnow |\n"
    assert row in python(project, "-m", "winnow.facts.document")
    why = python(project, "-c", "from winnow.cli.main import main; main()", "why", "--explain", "questions")
    assert why.startswith("questions in data/annotate\n  Questions of all user turns")
