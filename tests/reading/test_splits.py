"""Splits that a source has of its own: which files say so, and what ``normalize`` and ``split`` make of it."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.reading.project import Project, alpaca
from winnow.gates.splitting import asked_in_train
from winnow.harness.errors import UserError
from winnow.reading.splits import check, own_splits


@pytest.mark.parametrize(
    ("names", "policy", "splits"),
    [
        (["train.jsonl", "test.jsonl"], "own", ["train", "test"]),
        (["train.jsonl", "test.jsonl"], "ignore", [None, None]),
        (["rows.jsonl", "rows_dev.jsonl"], "own", [None, "validation"]),
        (
            ["data/train-0-of-1.parquet", "data/validation-0-of-1.parquet"],
            "own",
            ["train", "validation"],
        ),
        (["train/a.json", "test/a.json"], "own", ["train", "test"]),
        (["a_train.tsv", "b_train.tsv"], "own", [None, None]),
        (["en-validation.jsonl.gz"], "own", [None]),
        (["latest.json", "contest.json"], "own", [None, None]),
        (["a.json", "held-out.json"], {"a.json": "validation"}, ["validation", None]),
    ],
)
def test_names_of_files_say_the_split(names: list[str], policy: Any, splits: list[str | None]) -> None:
    assert list(own_splits(map(Path, names), policy).values()) == splits


@pytest.mark.parametrize("policy", ["none", {}, {"a*": "held out"}, 1])
def test_another_policy_is_an_error(policy: Any) -> None:
    with pytest.raises(UserError, match=r"sources\.a\.splits is .*; it is own"):
        check("sources.a", policy)


def test_rows_carry_the_split_and_keep_their_ids(project: Project) -> None:
    project.source("a", {"train.jsonl": [alpaca(1)], "test.jsonl": [alpaca(2)]})
    own = {row["row_id"]: row["own_split"] for row in project.read()}
    assert sorted(own.values()) == ["test", "train"]
    project.params["sources"]["a"]["splits"] = "ignore"
    assert {row["row_id"]: row["own_split"] for row in project.read()} == dict.fromkeys(own)


def test_arrays_of_one_file_are_splits_too(project: Project) -> None:
    project.source("a", {"x.json": f'{{"train": [{_json(1)}], "test": [{_json(2)}]}}'})
    assert sorted(str(row["own_split"]) for row in project.read()) == ["test", "train"]


@pytest.mark.parametrize("names", [["test"], ["train"], ["train", "data"], ["train", "training"]])
def test_arrays_of_one_kind_are_just_names_as_files_are(project: Project, names: list[str]) -> None:
    arrays = ", ".join(f'"{name}": [{_json(number)}]' for number, name in enumerate(names))
    project.source("a", {"x.json": f"{{{arrays}}}"})
    project.source("b", {"train.jsonl": [alpaca(8)], "test.jsonl": [alpaca(9)]})
    own = {(row["row_id"][0], row["own_split"]) for row in project.read()}
    assert own == {("a", None), ("b", "train"), ("b", "test")}


def test_arrays_are_splits_of_a_source_though_each_file_has_one(project: Project) -> None:
    project.source("a", {"x.json": f'{{"train": [{_json(1)}]}}', "y.json": f'{{"test": [{_json(2)}]}}'})
    assert sorted(str(row["own_split"]) for row in project.read()) == ["test", "train"]


def _json(number: int) -> str:
    return json.dumps(alpaca(number))


def test_a_held_out_row_whose_prompt_train_has_is_dropped() -> None:
    splits = ["train", "test", "validation"]
    rows = {"row_id": ["a:1", "a:2", "b:1"], "split_key": ["k", "l", "k"], "split": splits}
    drops = asked_in_train(pa.table(rows), 0.7)
    assert {row_id: (drop.reason, drop.other) for row_id, drop in drops.items()} == {"b:1": ("near_train", "a:1")}


def test_a_source_of_which_no_unit_is_a_row_stops_with_the_reasons(project: Project) -> None:
    project.source("a", {"x.jsonl": [{"instruction": "a"}, {"instruction": "b"}, {"output": "c"}]})
    result = project.run()
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: source a: none of its 3 units became a row: 3 missing_field, first at data/raw/a/x.jsonl, line 1: "
    )
