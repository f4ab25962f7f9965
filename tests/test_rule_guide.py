"""The rules of docs/add/rule.md, put into a copy of the project as a contributor would, and used."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.guides import blocks, check_style, follow, run

GUIDE = blocks("rule.md")
CLEANING, FILTER = GUIDE[:4], GUIDE[4:]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project."""
    for name in ("stages", "winnow", "tests"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "dvc.yaml", "pyproject.toml"):
        shutil.copy2(REPOSITORY / name, tmp_path)
    return tmp_path


def quick(project: Path) -> list[str]:
    """Return the options of a pytest that clears away nothing that this one has made."""
    return ["-m", "pytest", "-vv", "-p", "no:cacheprovider", f"--basetemp={project / 'tmp'}"]


def test_four_files_make_a_cleaning_rule(project: Path) -> None:
    files = follow(CLEANING, project)
    assert len(files) == 4
    check_style(project, files)
    shown = run(project, *quick(project), "tests/test_cleaning_rules.py", files[0], "-k", "role_label or sentence")
    assert len(re.findall(r"::test_case\[role_label: .*(?:PASSED|XFAIL)", shown)) == 6
    assert "test_rule_is_idempotent_and_its_trigger_misses_nothing[role_label] PASSED" in shown
    assert "role_label.role_label PASSED" in shown
    assert "in front of a reply is removed." in " ".join(run(project, "-m", "stages.clean", "--help").split())
    cleaned = "from winnow.cleaning.apply import clean_text; print(clean_text('Assistant:  Paris .', 'response'))"
    assert run(project, "-c", cleaned) == "Paris.\n"


def test_two_files_make_a_rule_of_filter(project: Path) -> None:
    files = follow(FILTER, project)
    assert len(files) == 2
    check_style(project, files)
    run(project, *quick(project), "tests/gates/test_filtering.py", "-k", "rule")
    assert "Lines of the reply repeat each other" in " ".join(run(project, "-m", "stages.filter", "--help").split())
    decided = (
        "from tests.gates.test_filtering import SETTINGS, pair\n"
        "loose = {name: False for name in SETTINGS} | {'note_only': [], 'duplicate_lines': 0.5}\n"
        "print(*(pair('Sing.', song, settings=loose)['reason'] for song in ('La la la.\\n' * 4, 'La.\\nLi.\\nLu.')))"
    )
    assert run(project, "-c", decided) == "duplicate_lines None\n"
