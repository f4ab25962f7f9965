"""The adapter ``kto``: its native units, which anyone can add to (tests/cases/kto_units.json)."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.sources.test_mutations import convert
from tests.sources.test_real import DATA, file_of, read
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "label": True},
    {
        "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
        "kto_tag": False,
        "system": "s",
        "tools": "[{}]",
    },
    {"id": 4, "prompt": [{"role": "user", "content": "a"}], "completion": "b", "label": False},
]


@pytest.mark.parametrize("case", params("kto"))
def test_unit(case):
    check("kto", case)


def test_every_reason_has_a_case():
    shown = {case["reason"] for case in load("kto") if "reason" in case}
    assert reasons_in_code("kto") <= shown


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "kto")]
    assert adapters()["kto"].sniff([]) == 0.0


def test_rows_of_other_formats_are_not_its_own():
    turns = UNITS[0]["messages"]
    assert adapters()["kto"].sniff([{"messages": turns}, {"messages": turns, "label": 3}, {"label": True}]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, kto=UNITS):
        units = data.draw(st.lists(mutated("kto"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("kto", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_real_labels():
    path = file_of("llama_factory/kto_en_demo.json")
    tally, rows, _ = read("kto", path)
    assert tally == {"units": 300, "used": 300, "feedback": 300}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "kto")]
    for value, row in zip(values, rows, strict=True):
        assert row.record.label is value["label"]
        assert [turn._asdict()["content"] for turn in row.record.messages] == [
            turn["content"] for turn in value["messages"]
        ]
