"""The adapter ``natural_instructions`` beyond its table of cases."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.sources.cases import reasons_in_table
from tests.sources.real import file_of, read
from winnow.reading.registry import sniff
from winnow.reading.units import Unit
from winnow.sources import natural_instructions


def expanded(value: Any) -> Sequence[Unit]:
    return natural_instructions.expand(Unit("x.json", 3, json.dumps(value), value))


def test_a_unit_is_named_by_what_it_says_itself() -> None:
    first, second = expanded({"Definition": "d", "Instances": [{"output": ["a"], "input": "i"}, "x"]})
    assert [first.raw, second.raw] == ['{"input":"i","output":["a"]}', '"x"']
    assert (first.file, first.line) == ("x.json", 3)


def test_every_reason_to_skip_has_a_case() -> None:
    assert set(natural_instructions._DETAIL) <= reasons_in_table("natural_instructions")


@pytest.mark.parametrize(
    ("task", "instances", "negative"),
    [
        ("task137_detoxifying-lms_classification_toxicity", 390, 3),
        ("task141_odd-man-out_classification_category", 6_500, 2),
        ("task156_codah_classification_adversarial", 2_771, 2),
        ("task307_jeopardy_answer_generation_final", 3_566, 2),
    ],
)
def test_real_tasks(task: str, instances: int, negative: int) -> None:
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
