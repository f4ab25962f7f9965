"""The gate of docs/add/gate.md, put into a copy of the project as a contributor would, and run."""

import json
import re
from pathlib import Path

import pyarrow.compute as pc
import pytest

from tests.conftest import Clone
from tests.guides import blocks, check_style, follow, run
from winnow.storage.buckets import read_all
from winnow.storage.parquet import read_table

WINNOW = "from winnow.cli.main import main; main()"
pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def contributed(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, list[str]]:
    """A built clone with the guide's gate in it, built again, and the files that the guide touches."""
    clone = built.copy(tmp_path_factory.mktemp("gate") / "clone")
    files = follow(blocks("gate.md"), clone.folder)
    clone.run("dvc", "repro")
    return clone, files


def test_five_files_make_a_gate(contributed: tuple[Clone, list[str]]) -> None:
    clone, files = contributed
    assert len(files) == 5
    check_style(clone.folder, files)


def test_its_drops_are_in_the_index_and_nothing_is_lost(contributed: tuple[Clone, list[str]], built: Clone) -> None:
    data = contributed[0].folder / "data"
    turns = read_all(data / "annotate", 16, ["row_id", "turns"])
    long = set(turns.filter(pc.greater(turns["turns"], 2))["row_id"].to_pylist())
    index = read_table(data / "index.parquet", ["row_id", "status", "stage", "reason"])
    dropped = index.filter(pc.equal(index["stage"], "cap_turns"))
    assert set(dropped["reason"].to_pylist()) == {"too_many_turns"}
    assert set(dropped["row_id"].to_pylist()) <= long
    inside = index.filter(pc.equal(index["status"], "in"))
    assert not long & set(inside["row_id"].to_pylist())
    counts = json.loads((contributed[0].folder / "metrics/cap_turns.json").read_text(encoding="utf-8"))
    assert counts["dropped"] == {"too_many_turns": len(dropped)}
    assert counts["rows_in"] == counts["rows_out"] + len(dropped)
    assert len(index) == len(read_table(built.folder / "data/index.parquet", ["row_id"]))
    found = run(contributed[0].folder, "-c", "from winnow.integrity.tables import conservation; print(conservation())")
    assert found == "[]\n"


def test_commands_and_the_report_tell_of_it(contributed: tuple[Clone, list[str]]) -> None:
    folder = contributed[0].folder
    assert re.search("cap_turns +too_many_turns +[1-9]", run(folder, "-c", WINNOW, "funnel"))
    sample = json.loads(run(folder, "-c", WINNOW, "why", "--rule", "too_many_turns", "--json"))["samples"][0]
    why = run(folder, "-c", WINNOW, "why", sample["row_id"])
    assert f"{sample['row_id']} is out: too_many_turns at cap_turns" in why
    assert f"cap_turns: drop, too_many_turns, value {sample['value']:g}, limit 2" in why
    page = (folder / "data/report/index.html").read_text(encoding="utf-8")
    assert "Drops rows with more turns than a limit." in page
    assert "It has more turns than the limit." in page


@pytest.mark.slow
def test_no_test_that_lists_gates_needs_an_edit(contributed: tuple[Clone, list[str]], tmp_path: Path) -> None:
    files = ["tests/gates/test_chain.py", "tests/test_dvc_yaml.py", "tests/test_rooms.py"]
    files += ["tests/release/test_index.py", "tests/report", "winnow/gates"]
    quick = ["-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inner'}"]
    run(contributed[0].folder, "-m", "pytest", *files, *quick)
