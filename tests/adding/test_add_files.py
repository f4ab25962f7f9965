"""``winnow add`` with files of all kinds: what it says, asks and writes."""

import json
import shlex
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from winnow.cli.main import main

ROWS = [{"instruction": f"Explain tide {n}.", "input": "", "output": f"Tide {n} follows the moon."} for n in range(4)]


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without sources, in which commands are typed."""
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).write_text("sources: {}\n" if name == "params.yaml" else "stages: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def add(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["add", "mine", *arguments, "--license", "MIT"])


def entry() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    return dict(document["sources"]["mine"])


def test_a_header_goes_before_the_guess_of_a_table_without_one(top: Path) -> None:
    Path("rows.csv").write_text("instruction,input,output\nWhy?,,So it is.\n", encoding="utf-8")
    assert "Read as alpaca" in add("rows.csv").output


def test_semicolons_are_said(top: Path) -> None:
    Path("rows.csv").write_text("instruction;input;output\nWhy?;;So it is.\n", encoding="utf-8")
    assert "rows.csv: ';' stands between cells, cells are quoted." in add("rows.csv").output


def test_splits_of_the_source_are_said(top: Path) -> None:
    for name in ("train", "test", "dev"):
        Path(f"set/{name}.jsonl").parent.mkdir(exist_ok=True)
        Path(f"set/{name}.jsonl").write_text(lines(ROWS), encoding="utf-8")
    said = add("set").output
    assert (
        "splits of its own, and its rows keep them: validation: dev.jsonl; train: train.jsonl; test: test.jsonl" in said
    )


def test_cells_that_say_nan_are_asked_for_once(top: Path) -> None:
    Path("rows.jsonl").write_text(lines([{**row, "input": "nan"} for row in ROWS]), encoding="utf-8")
    asked = add("rows.jsonl")
    assert asked.exit_code == 1
    assert "'input' of 4 of the first 4 rows is the text 'nan'" in asked.output
    assert "add --option missing.input=nan to the command" in asked.output
    assert add("rows.jsonl", "--option", "missing.input=nan").exit_code == 0
    assert entry()["missing"] == {"input": ["nan"]}


def test_replies_that_say_none_are_texts(top: Path) -> None:
    Path("rows.jsonl").write_text(lines([{**row, "output": "None"} for row in ROWS]), encoding="utf-8")
    assert add("rows.jsonl").exit_code == 0


def test_every_reason_is_said_with_its_first_place(top: Path) -> None:
    bad: list[dict[str, Any]] = [{"instruction": "a"}, {"instruction": "b"}, {"instruction": "c", "output": True}]
    Path("rows.jsonl").write_text(lines([*bad, *ROWS]), encoding="utf-8")
    said = add("rows.jsonl").output
    assert "3 of the first 7 units will be quarantined:" in said
    assert "  2 missing_field, first at rows.jsonl, line 1: there is no 'output'" in said
    assert "  1 wrong_type, first at rows.jsonl, line 3: 'output' is true or false, not text" in said


def test_a_file_of_which_nothing_can_be_read_says_why(top: Path) -> None:
    Path("rows.jsonl").write_text("[[1],\n[2]]\n", encoding="utf-8")
    assert "not_an_object, first at rows.jsonl, line 1: a unit is a JSON object, not list" in add("rows.jsonl").output


def test_paths_count_from_the_folder_in_which_the_command_is_typed(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = top / "work"
    inside.mkdir()
    (inside / "rows.jsonl").write_text(lines(ROWS), encoding="utf-8")
    monkeypatch.chdir(inside)
    result = add("rows.jsonl")
    assert result.exit_code == 0, result.output
    assert (top / "data/raw/mine/rows.jsonl").is_file()


def test_an_archive_is_to_be_unpacked(top: Path) -> None:
    with zipfile.ZipFile("rows.zip", "w") as archive:
        archive.writestr("rows.jsonl", lines(ROWS))
    assert "rows.zip is an archive and cannot be read as it is; unpack it" in add("rows.zip").output
    Path("rows.zip").rename("rows.jsonl")
    assert "rows.jsonl is a zip archive or a workbook; unpack it" in add("rows.jsonl").output


def test_a_spelling_of_a_licence_is_its_spdx_id(top: Path) -> None:
    Path("rows.jsonl").write_text(lines(ROWS), encoding="utf-8")
    result = CliRunner().invoke(main, ["add", "mine", "rows.jsonl", "--license", "CC BY-NC 4.0"])
    assert "Licence 'CC BY-NC 4.0' is CC-BY-NC-4.0." in result.output
    assert entry()["license"] == "CC-BY-NC-4.0"
    result = CliRunner().invoke(main, ["add", "other", "rows.jsonl", "--license", "cc-by-nc"])
    assert "--license 'cc-by-nc' names no version; did you mean CC-BY-NC-4.0?" in result.output


@pytest.mark.parametrize("cells", [("1", "0"), ("yes", "no"), ("good", "bad")])
def test_a_label_that_could_be_one_of_replies_is_asked_for_once(top: Path, cells: tuple[str, str]) -> None:
    rows = "".join(f"Why is it {cell}?,So it is.,{cell}\n" for cell in cells)
    Path("rows.csv").write_text(f"prompt,completion,label\n{rows}", encoding="utf-8")
    asked = add("rows.csv")
    assert asked.exit_code != 0
    assert "write true or false there" in asked.output
    line = asked.output.split("keep it as metadata: ")[1].strip().removesuffix(".")
    assert CliRunner().invoke(main, shlex.split(line)[1:]).exit_code == 0
    assert entry()["metadata"] == ["label"]


def test_a_label_of_a_classification_is_not_asked_for(top: Path) -> None:
    Path("rows.csv").write_text("prompt,completion,label\nWhy?,So it is.,3\nWho?,Nobody.,1\n", encoding="utf-8")
    assert add("rows.csv").exit_code == 0


def test_arrays_that_are_named_as_splits_are_said(top: Path) -> None:
    Path("rows.json").write_text(json.dumps({"train": ROWS[:2], "test": ROWS[2:]}), encoding="utf-8")
    assert "Arrays are named as splits (train, test), and rows keep them" in add("rows.json").output
