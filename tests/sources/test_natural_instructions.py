"""The adapter ``natural_instructions``: its units, tests/cases/natural_instructions_units.json, can be added to."""

import json
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reading.adapter import LeftOut, Row
from stages.reading.registry import adapters, sniff
from stages.reading.units import Unit
from stages.sources import natural_instructions
from tests.sources.cases import load, params, reasons_in_code, short
from tests.sources.test_mutations import convert
from tests.sources.test_real import DATA, file_of, read
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {
        "Source": ["made up"],
        "Definition": ["Name the odd word.", "Find it."],
        "Positive Examples": [{"input": "a, b, 1", "output": "1", "explanation": "A digit."}],
        "Negative Examples": [{"input": "a, b, 2", "output": "a", "explanation": "A letter."}],
        "Instances": [{"id": "i1", "input": "oak, elm, cat", "output": ["cat", "a cat"]}, {"input": "", "output": "x"}],
    },
    {"task_name": "t", "id": "t-1", "definition": "找出异类。", "inputs": "松、柏、猫", "targets": "猫"},
]


def expanded(value: Any) -> Sequence[Unit]:
    return natural_instructions.expand(Unit("x.json", 3, json.dumps(value), value))


@pytest.mark.parametrize("case", params("natural_instructions"))
def test_unit(case):
    units = expanded(case["unit"])
    outcomes = list(natural_instructions.ADAPTER.read(units, {}))
    assert len(units) == len(outcomes) == len(case["outcomes"])
    for unit, outcome, told in zip(units, outcomes, case["outcomes"], strict=True):
        if "outcome" in told:
            assert isinstance(outcome, LeftOut)
            assert outcome.unit is unit
            assert {name: getattr(outcome, name) for name in told} == told
        else:
            assert isinstance(outcome, Row)
            assert (outcome.units, outcome.fresh) == ((unit,), 1)
            assert {field: short(getattr(outcome.record, field)) for field in told} == told


def test_every_reason_has_a_case():
    told = {one["reason"] for case in load("natural_instructions") for one in case["outcomes"] if "reason" in one}
    assert told == reasons_in_code("natural_instructions") | set(natural_instructions._DETAIL)


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "natural_instructions")]
    assert adapters()["natural_instructions"].sniff([]) == 0.0


def test_a_unit_is_named_by_what_it_says_itself():
    first, second = expanded({"Definition": "d", "Instances": [{"output": ["a"], "input": "i"}, "x"]})
    assert [first.raw, second.raw] == ['{"input":"i","output":["a"]}', '"x"']
    assert (first.file, first.line) == ("x.json", 3)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, natural_instructions=UNITS):
        units = data.draw(st.lists(mutated("natural_instructions"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("natural_instructions", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("task", "instances", "negative"),
    [
        ("task137_detoxifying-lms_classification_toxicity", 390, 3),
        ("task141_odd-man-out_classification_category", 6_500, 2),
        ("task156_codah_classification_adversarial", 2_771, 2),
        ("task307_jeopardy_answer_generation_final", 3_566, 2),
    ],
)
def test_real_tasks(task, instances, negative):
    path = file_of(f"natural_instructions/{task}.json")
    value = json.loads(path.read_bytes())
    assert sniff([value]) == [(1.0, "natural_instructions")]
    tally, rows, _ = read("natural_instructions", path)
    assert tally == {
        "units": instances + 3 + negative,
        "used": instances,
        "sft": instances,
        "positive_example": 3,
        "negative_example": negative,
    }
    for row, one in zip(rows, value["Instances"], strict=True):
        record = row.record
        assert [turn.content for turn in record.messages] == [value["Definition"], one["output"][0]]
        assert record.context == one["input"]
        assert record.metadata == {name: value[name] for name in ("Contributors", "Source", "Categories")}
