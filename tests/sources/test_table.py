"""The adapter ``table``: its native units, which anyone can add to (tests/cases/table_units.json)."""

import csv
import json
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.harness.errors import UserError
from stages.reading.adapter import Row
from stages.reading.files import read_units
from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.sources.test_mutations import CAPS, convert
from tests.sources.test_real import DATA, file_of
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {"q": "Why?", "a": {"text": "So.", "lang": "en"}, "bg": "b", "sys": "s", "meta": {"id": 7, "topic": "t"}, "x": [1]}
]
OPTIONS = {
    "instruction": "q",
    "response": "a.text",
    "context": "bg",
    "system": "sys",
    "id": "meta.id",
    "group": "meta.topic",
}


def bound(options):
    """Return the adapters with ``table`` reading by ``options`` whatever it is given."""
    table = adapters()["table"]
    return patch.dict(adapters(), table=replace(table, read=lambda units, _: table.read(units, options)))


@pytest.mark.parametrize("case", params("table"))
def test_unit(case):
    with bound(case["options"]):
        check("table", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("table") == {case["reason"] for case in load("table") if "reason" in case}


def test_it_is_never_known_by_sight():
    assert sniff(UNITS) == []


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, table=UNITS):
        units = data.draw(st.lists(mutated("table"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    with bound(OPTIONS):
        convert("table", path)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "given are none"),
        ({"instruction": "q"}, "given are instruction"),
        ({"response": "a"}, "given are response"),
        ({"instruction": "q", "chosen": "a"}, "given are instruction, chosen"),
        ({"instruction": "q", "response": "r", "chosen": "a", "rejected": "b"}, "given are instruction, response, ch"),
        ({"instruction": 5, "response": "a"}, "the option instruction of adapter table is 5; it names a column"),
        ({"instruction": "q", "response": "a", "id": ""}, "the option id of adapter table is ''"),
        ({"instruction": "q", "response": "q"}, "two options of adapter table name the column 'q'"),
    ],
)
def test_options_that_cannot_be_used_are_a_sentence(options, problem):
    with pytest.raises(UserError, match=r"params\.yaml: .*") as error:
        list(adapters()["table"].read([], {**adapters()["table"].options, **options}))
    assert problem in str(error.value)


def test_each_kind_of_file_gives_the_same_rows(tmp_path):
    rows = [{"id": "1", "q": "为什么？", "a": 'Say "so",\nor not.'}, {"id": "2", "q": "Who?", "a": "小王"}]
    (tmp_path / "x.json").write_text(json.dumps(rows), encoding="utf-8")
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "q", "a"])
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet", write_page_checksum=True)
    told = []
    for name in ("x.json", "x.csv", "x.parquet"):
        options = {"instruction": "q", "response": "a", "id": "id"}
        found = list(adapters()["table"].read(read_units(tmp_path / name, "utf-8", CAPS), options))
        assert all(isinstance(one, Row) for one in found)
        told.append([one.record for one in found])
    assert told[0] == told[1] == told[2]
    assert [(one.key, one.messages[0].content, one.messages[1].content) for one in told[0]] == [
        (row["id"], row["q"], row["a"]) for row in rows
    ]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("name", "count", "options"),
    [
        ("benchmarks/gsm8k/test.jsonl", 1_319, {"instruction": "question", "response": "answer"}),
        (
            "benchmarks/truthfulqa/TruthfulQA.csv",
            None,
            {"instruction": "Question", "response": "Best Answer", "group": "Category"},
        ),
        ("pandalm/testset-v1.json", 999, {"instruction": "instruction", "response": "response1", "id": "idx"}),
    ],
)
def test_real_tables(name, count, options):
    units = list(read_units(file_of(name), "utf-8", CAPS))
    outcomes = list(adapters()["table"].read(units, options))
    assert len(outcomes) == len(units)
    assert count is None or len(units) == count
    for unit, outcome in zip(units, outcomes, strict=True):
        assert isinstance(outcome, Row) == isinstance(unit.value[options["response"]], str)
        if isinstance(outcome, Row):
            assert outcome.record.messages[1].content == unit.value[options["response"]]
            assert outcome.record.metadata.keys() == unit.value.keys() - set(options.values())
