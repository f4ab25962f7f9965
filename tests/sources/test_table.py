"""The adapter ``table`` beyond its table of cases."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.reading.files import good
from tests.sources.real import file_of
from tests.sources.test_mutations import CAPS
from winnow.harness.errors import UserError
from winnow.reading.adapter import Row
from winnow.reading.files import read_units
from winnow.reading.registry import adapters


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "this one names none"),
        ({"instruction": "q"}, "this one names instruction"),
        ({"response": "a"}, "this one names response"),
        ({"instruction": "q", "chosen": "a"}, "this one names instruction, chosen"),
        ({"instruction": "q", "response": "r", "chosen": "a", "rejected": "b"}, "instruction, response, chosen, rej"),
        ({"instruction": 5, "response": "a"}, "the option instruction of adapter table is 5; it names a column"),
        ({"instruction": "q", "response": "a", "id": ""}, "the option id of adapter table is ''"),
        ({"instruction": "q", "response": "q"}, "two options of adapter table name the column 'q'"),
    ],
)
def test_options_that_cannot_be_used_are_a_sentence(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(UserError, match=r"params\.yaml: .*") as error:
        list(adapters()["table"].read([], {**adapters()["table"].options, **options}))
    assert problem in str(error.value)


def test_each_kind_of_file_gives_the_same_rows(tmp_path: Path) -> None:
    rows = [{"id": "1", "q": "为什么？", "a": 'Say "so",\nor not.'}, {"id": "2", "q": "Who?", "a": "小王"}]
    (tmp_path / "x.json").write_text(json.dumps(rows), encoding="utf-8")
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "q", "a"])
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet", write_page_checksum=True)
    records = []
    for name in ("x.json", "x.csv", "x.parquet"):
        options = {"instruction": "q", "response": "a", "id": "id"}
        outcomes = adapters()["table"].read(good(read_units(tmp_path / name, "utf-8", CAPS)), options)
        records.append([one.record for one in outcomes if isinstance(one, Row)])
    assert records[0] == records[1] == records[2]
    assert [(one.key, one.messages[0].content, one.messages[1].content) for one in records[0]] == [
        (row["id"], row["q"], row["a"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "count", "options"),
    [
        ("benchmarks/gsm8k/test.jsonl", 1_319, {"instruction": "question", "response": "answer"}),
        (
            "benchmarks/truthfulqa/TruthfulQA.csv",
            None,
            {"instruction": "Question", "response": "Best Answer", "group": "Category"},
        ),
        (
            "pandalm/testset-v1.json",
            999,
            {"instruction": "instruction", "context": "input", "response": "response1", "id": "idx"},
        ),
    ],
)
def test_real_tables(name: str, count: int | None, options: dict[str, str]) -> None:
    units = good(read_units(file_of(name), "utf-8", CAPS))
    outcomes = list(adapters()["table"].read(units, options))
    assert len(outcomes) == len(units)
    assert count is None or len(units) == count
    for unit, outcome in zip(units, outcomes, strict=True):
        assert isinstance(outcome, Row) == isinstance(unit.value[options["response"]], str)
        if isinstance(outcome, Row):
            assert outcome.record.messages[1].content == unit.value[options["response"]]
            assert outcome.record.metadata.keys() == unit.value.keys() - set(options.values())
