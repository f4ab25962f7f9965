"""What ``import winnow`` offers: each example of docs/library.md, and the promises around them."""

import doctest
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
import pytest

import winnow
import winnow.api
from tests.api.conftest import WINNOW
from tests.conftest import REPOSITORY, Clone
from tests.made import write_version
from winnow.gates.chain import GATES
from winnow.storage.buckets import bucket_of, part

DOCUMENT = REPOSITORY / "docs" / "library.md"


def printed(clone: Clone, *arguments: str) -> Any:
    return json.loads(clone.run(*WINNOW, *arguments).stdout)


def test_every_example_of_the_document_runs(released: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(released.folder)
    flags = doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(DOCUMENT), module_relative=False, optionflags=flags, encoding="utf-8")
    assert tried > 20
    assert not failed


def test_the_document_and_the_package_name_the_same_things() -> None:
    assert winnow.__all__ == winnow.api.__all__ == dir(winnow)
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in ("UserError", "open", "read", "to_pandas", "clean", "edits", "validate"):
        assert f"winnow.{name}" in text
    for name in ("index", "records", "facts", "decisions", "edits", "left_out", "why", "search", "diff"):
        assert f".{name}(" in text or f"`{name}()`" in text


def test_importing_the_package_takes_no_time_prints_nothing_and_needs_no_repository(tmp_path: Path) -> None:
    code = "import sys, time, winnow; print(time.process_time()); print({'pyarrow', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    seconds, modules = done.stdout.splitlines()
    assert float(seconds) < 0.2
    assert modules == "set()"
    assert done.stderr == ""


def test_a_release_is_asked_the_same_questions_from_anywhere(released: Clone, tmp_path: Path) -> None:
    now, then = winnow.open(released.folder), winnow.open(released.folder / "data", rev="dataset@v1.0.0")
    assert then.index().num_rows == now.index().num_rows
    assert then.index(status="in").num_rows > now.index(status="in").num_rows
    row_id = now.decisions(["row_id"], gate="filter", reason="short_instruction")["row_id"][0].as_py()
    assert now.why(row_id) == printed(released, "why", "--json", row_id)
    assert now.why(row_id)["outcome"]["reason"] == "short_instruction"
    assert then.why(row_id)["record"] == now.why(row_id)["record"]
    unit = now.left_out(["unit_id"])["unit_id"][0].as_py()
    assert then.why(unit) == printed(released, "why", "--json", unit)
    assert then.diff(now).summary == printed(released, "diff", "dataset@v1.0.0", "--json")
    assert then.search("whale") == now.search("whale")


def test_the_rows_of_a_difference_are_those_that_it_counts(released: Clone) -> None:
    changed = winnow.open(released.folder, rev="HEAD").diff(winnow.open(released.folder))
    rows = winnow.to_pandas(changed.rows)
    counts = rows["change"].value_counts().to_dict()
    assert counts == {name: n for name, n in changed.summary["counts"].items() if n and name in counts}
    removed = rows[rows["change"] == "removed"]
    assert set(removed["status_before"] + " " + removed["status_after"]) == {"in out"}


def test_data_that_is_not_in_the_cache_is_one_sentence(released: Clone, tmp_path: Path) -> None:
    clone = released.copy(tmp_path / "clone")
    shutil.rmtree(clone.folder / ".dvc" / "cache")
    version = winnow.open(clone.folder, rev="dataset@v1.0.0")
    for read in (version.index, version.records, version.facts, version.decisions, version.edits):
        with pytest.raises(winnow.UserError, match=r"the data of dataset@v1\.0\.0 is not here: .*`dvc repro`\.$"):
            read()


def test_decisions_of_all_gates_are_one_table(released: Clone) -> None:
    version = winnow.open(released.folder)
    decisions = version.decisions()
    gates = pa.compute.unique(decisions["gate"]).to_pylist()
    assert gates == list(GATES)
    assert decisions.num_rows == sum(version.decisions(gate=gate).num_rows for gate in gates)
    assert set(version.decisions(split="test")["gate"].to_pylist()) == {"split"}
    assert version.decisions(["row_id"], verdict="drop").num_rows == version.index(status="out").num_rows - len(
        version.left_out()
    )


@pytest.fixture
def made(tmp_path: Path) -> winnow.Version:
    return winnow.open(write_version(tmp_path))


@pytest.mark.parametrize(
    "row_ids", [["made:1"], "made:1", {"made:1"}, pa.array(["made:1"]), pa.chunked_array([["made:1"]]), ("made:1",)]
)
def test_a_filter_by_row_id_reads_only_the_files_that_can_hold_it(
    made: winnow.Version, tmp_path: Path, row_ids: Any
) -> None:
    part(tmp_path / "data/clean/records", 1 - bucket_of("made:1", 2)).unlink()
    assert made.records(["row_id"], row_id=row_ids).to_pylist() == [{"row_id": "made:1"}]
    assert made.records(["source", "row_id"], row_id=row_ids).column_names == ["source", "row_id"]


def test_facts_are_joined_with_what_models_said_or_given_by_stage(made: winnow.Version) -> None:
    facts = made.facts()
    assert facts.column_names == ["row_id", "language", "task", "chars", "response.overall", "tags.task"]
    assert made.facts(["tags.task"], row_id="made:2").to_pylist() == [{"tags.task": "chat"}]
    assert made.facts(stage="neighbours", relation="near").num_rows == 1
    assert made.facts(stage="overlaps").num_rows == 0
    assert winnow.to_pandas(facts)["response.overall"].isna().sum() == 2


def test_an_unknown_name_is_one_sentence(made: winnow.Version, tmp_path: Path) -> None:
    cases: list[tuple[Any, str]] = [
        (lambda: made.index(["rowid"]), "there is no column 'rowid'; there are row_id, source,"),
        (lambda: made.records(sources="x"), "there is no column 'sources'; there are row_id,"),
        (lambda: made.decisions(gates="x"), "there is no column 'gates'; there are gate, row_id,"),
        (lambda: made.facts(["a.b"]), "there is no column 'a.b'; there are row_id, response.overall,"),
        (lambda: made.facts(stage="mix"), "'mix' is no stage of facts; there are annotate, neighbours,"),
        (lambda: made.why("made:9"), "no row made:9 in this version"),
        (lambda: winnow.open(tmp_path.parent), "This is no Winnow repository"),
        (lambda: winnow.clean("a", "title"), "no rule cleans the field 'title'"),
        (lambda: winnow.clean("a", rules=["magic"]), "there is no rule 'magic'; there are mojibake,"),
        (lambda: winnow.validate("x.jsonl", "me"), "there are no rules for 'me'; there are for llama-factory,"),
    ]
    for call, sentence in cases:
        with pytest.raises(winnow.UserError) as error:
            call()
        assert sentence in str(error.value)


def test_read_gives_the_records_and_units_that_normalize_writes(built: Clone) -> None:
    version, raw = winnow.open(built.folder), built.folder / "data" / "raw"
    for name, entry in version.params["sources"].items():
        options = {key: value for key, value in entry.items() if key not in ("path", "adapter")}
        found = winnow.read(raw / entry["path"], entry["adapter"], source=name, **options)
        normalized = pa.concat_tables(
            pa.parquet.read_table(file) for file in sorted((built.folder / "data/normalize/records").glob("*.parquet"))
        )
        mine = normalized.filter(pa.compute.equal(normalized["source"], name)).sort_by("row_id")
        assert found.records.sort_by("row_id").equals(mine)
        left_out = version.left_out(["unit_id", "reason"], source=name).sort_by("unit_id")
        assert found.left_out.select(["unit_id", "reason"]).sort_by("unit_id").equals(left_out)
