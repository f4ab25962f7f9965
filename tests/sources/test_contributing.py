"""The adapter that CONTRIBUTING.md shows, put into a copy of the project as a contributor would, and used."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

GUIDE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = GUIDE.split("## A new adapter\n")[1].split("\n## ")[0]
MODULE, TABLE = (
    re.findall(rf"^```{kind}\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE) for kind in ("python", "json")
)
NAMES = re.findall(r"`(winnow/sources/\w+\.py|tests/cases/\w+_units\.json)` is", SECTION)


def run(folder: Path, *arguments: str) -> str:
    """Run this Python on the copy; what it prints, if it goes well."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "WINNOW_WORKERS": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the guide's module and table in it, and a file of the invented format."""
    folder = tmp_path_factory.mktemp("contributor")
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("stages", "winnow", "tests"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=skip)
    for name in ("params.yaml", "dvc.yaml", "pyproject.toml"):
        shutil.copy2(REPOSITORY / name, folder)
    for name, (text,) in zip(NAMES, (MODULE, TABLE), strict=True):
        assert not (folder / name).exists()
        (folder / name).write_text(text, encoding="utf-8")
    units = [case["unit"] for case in json.loads(TABLE[0])]
    lines = "".join(json.dumps(unit) + "\n" for unit in units)
    (folder / "riddles.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_its_cases_pass_and_its_units_are_damaged(project: Path) -> None:
    files = ["tests/sources/test_cases.py", "tests/sources/test_mutations.py"]
    own = ["-p", "no:cacheprovider", f"--basetemp={project / 'tmp'}"]  # else it clears away what this run has made
    shown = run(project, "-m", "pytest", *files, "-k", "riddles", "-vv", *own)
    passed = re.findall(r"::(test_\w+)(?:\[(.*?)\])? PASSED", shown)
    assert [name for name, _ in passed].count("test_case") == len(json.loads(TABLE[0]))
    assert {("test_mutated_file", "riddles"), ("test_every_reason_has_a_case", "riddles")} <= set(passed)


def test_its_files_are_recognised_and_read(project: Path) -> None:
    demo = ["demo_alpaca", "demo_dolly", "demo_messages", "demo_oasst"]
    winnow = "from winnow.cli.main import main; main()"
    run(project, "-c", winnow, "remove", "--keep-files", *demo)
    shown = run(project, "-c", winnow, "add", "riddles", "riddles.jsonl", "--license", "CC0-1.0")
    assert "Read as riddles: a riddle and its answers, the best first" in shown
    assert "What never claps its hands?" in shown
    assert "3 of the first 5 units will be quarantined; riddles.jsonl, line 3: missing_field" in shown
    run(project, "-m", "stages.normalize")
    counts = json.loads((project / "metrics" / "normalize.json").read_text(encoding="utf-8"))
    assert (counts["raw_units"], counts["used"], counts["quarantined"], counts["rows"]) == (5, 2, 3, 2)


def test_its_code_is_as_the_project_wants_it(project: Path) -> None:
    run(project, "-m", "ruff", "check", "--no-cache", NAMES[0])
    run(project, "-m", "ruff", "format", "--no-cache", "--check", NAMES[0])
    run(project, "-m", "mypy", "--cache-dir", os.devnull, "--follow-imports", "silent", NAMES[0])
