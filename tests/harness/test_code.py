"""What ``data/code`` says of a room or a script, and where the source differs from it."""

import json
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from winnow.harness.code import FOLDER, difference, listing, source_digest, sources, units, units_among
from winnow.harness.digests import digests
from winnow.harness.errors import UserError

FILES = {
    "winnow/__init__.py": "'''The library.'''\n",
    "winnow/gates/__init__.py": "",
    "winnow/gates/rules.py": "LIMIT = 3  # rows\n",
    "winnow/gates/words/list.yaml": "- a\n",
    "stages/__init__.py": "import sys\n",
    "stages/sift.py": "from winnow.gates.rules import LIMIT\n",
}


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def run_code(*, receipt: bool = True) -> None:
    """Do what the stage ``code`` does."""
    for unit in units():
        write(f"{FOLDER}/{unit}", listing(unit))
    if receipt:
        document = {"inputs": digests(["winnow", "stages"]), "outputs": digests([str(FOLDER)])}
        write("data/receipts/code.json", json.dumps(document))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, text in FILES.items():
        write(path, text)


def test_rooms_and_scripts_are_units_and_each_file_belongs_to_one() -> None:
    write("winnow/py.typed", "")
    assert units() == ["gates", "stages/sift"]
    assert units_among(["data/code/gates", "data/codes/x", "data/code/stages/sift"]) == units()
    assert [line.rsplit(" ", 1)[0] for line in listing("gates").splitlines()] == list(FILES)[:4]
    assert [line.rsplit(" ", 1)[0] for line in listing("stages/sift").splitlines()] == list(FILES)[4:]


def test_every_file_of_this_library_is_in_a_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    listed = set(digests(path for unit in units() for path in sources(unit)))
    assert set(digests(["winnow", "stages"])) - listed == {"winnow/py.typed"}


@pytest.mark.parametrize("receipt", [True, False])
@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("winnow/gates/rules.py", "LIMIT = 4  # rows\n", "winnow/gates/rules.py"),
        ("winnow/gates/words/list.yaml", "- a # b\n", "winnow/gates/words/list.yaml"),
        ("winnow/gates/more.py", "", "winnow/gates/more.py"),
        ("winnow/__init__.py", "import os", "winnow/__init__.py"),
        ("winnow/gates/rules.py", "", "winnow/gates/rules.py"),
        ("winnow/gates/rules.py", None, "winnow/gates/rules.py is missing, which data/code/gates lists"),
        ("data/code/gates", None, None),
        ("data/code/gates", "torn", "winnow/__init__.py"),
        ("winnow/gates/rules.py", "LIMIT = 3\n\n'''Rows.'''", None),
        ("winnow/gates/__pycache__/rules.pyc", "", None),
        ("stages/sift.py", "LIMIT = 5", None),
    ],
)  # fmt: skip
def test_a_difference_of_code_is_named_and_one_of_comments_is_none(
    receipt: bool, path: str, text: str | None, problem: str | None
) -> None:
    run_code(receipt=receipt)
    assert difference("gates") is None
    if text is None:
        Path(path).unlink()
    else:
        write(path, text)
    found = difference("gates")
    if problem and " " not in problem:
        problem += " is not the code that data/code/gates lists"
    assert found == problem


def test_a_receipt_of_another_version_of_data_code_is_not_trusted() -> None:
    """As after ``git checkout`` and ``dvc checkout data/code``: the receipt is that of the source as it stands."""
    run_code()
    before = Path("data/code/gates").read_text(encoding="utf-8")
    write("winnow/gates/rules.py", "LIMIT = 4")
    run_code()
    write("data/code/gates", before)
    assert difference("gates") == "winnow/gates/rules.py is not the code that data/code/gates lists"


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"outputs": {}, "inputs": {}}', '{"outputs": []}'])
def test_a_damaged_receipt_only_costs_time(damage: str) -> None:
    run_code()
    write("data/receipts/code.json", damage)
    assert difference("gates") is None
    write("winnow/gates/rules.py", "LIMIT = 4")
    assert difference("gates") is not None


def test_a_file_that_is_no_python_is_one_sentence() -> None:
    write("winnow/gates/rules.py", "LIMIT = 4\nLIMIT = (\n")
    with pytest.raises(UserError, match=r"^winnow/gates/rules\.py is no Python: .*line 2\); fix it there\.$"):
        source_digest(Path("winnow/gates/rules.py"))
