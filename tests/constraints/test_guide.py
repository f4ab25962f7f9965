"""The constraint of docs/add/constraint.md, put into a copy of the project as a contributor would, and used."""

import re
import shutil
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.guides import blocks, follow, run

PAGE = (REPOSITORY / "docs/add/constraint.md").read_text(encoding="utf-8")


def test_a_file_and_a_line_make_a_constraint(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "winnow", tmp_path / "winnow", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "data/constraints", tmp_path / "data/constraints")
    shutil.copy2(REPOSITORY / "pyproject.toml", tmp_path)
    found = re.search(r"```yaml file=(\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert found
    (tmp_path / found[1]).write_text(found[2], encoding="utf-8")
    edits = [one for one in blocks("constraint.md") if one.language == "diff"]
    (code,) = follow(edits, tmp_path)
    run(tmp_path, "-m", "ruff", "check", "--no-cache", code)
    run(tmp_path, "-m", "ruff", "format", "--no-cache", "--check", code)
    said = run(
        tmp_path,
        "-c",
        "from pathlib import Path\n"
        "from winnow.constraints.kind_file import kinds\n"
        "from winnow.constraints.check import met\n"
        "kind = kinds(Path('data/constraints'))['dollars_at_least']\n"
        "print(kind.words('en', {'count': 2}, 0), met(['$5 and $6', '$5'], [kind.constraint('en', {'count': 2})] * 2))",
    )
    assert said == "Name at least two amounts in dollars. [ True False]\n"
