"""The adapter ``self_instruct``: its native units, which anyone can add to (tests/cases/self_instruct_units.json)."""

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
from stages.sources import self_instruct
from tests.sources.cases import load, params, reasons_in_code, short
from tests.sources.test_mutations import convert
from tests.sources.test_real import DATA, file_of, read
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {
        "id": "t1",
        "name": "trees",
        "instruction": "Name a tree.",
        "instances": [{"input": "", "output": "Oak."}, {"input": "in China", "output": "Ginkgo.", "by": "N."}],
        "is_classification": False,
    }
]


def expanded(value: Any) -> Sequence[Unit]:
    return self_instruct.expand(Unit("x.json", 3, json.dumps(value), value))


@pytest.mark.parametrize("case", params("self_instruct"))
def test_unit(case):
    units = expanded(case["unit"])
    outcomes = list(self_instruct.ADAPTER.read(units, {}))
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
    told = {one["reason"] for case in load("self_instruct") for one in case["outcomes"] if "reason" in one}
    assert told == reasons_in_code("self_instruct")


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "self_instruct")]
    assert adapters()["self_instruct"].sniff([]) == 0.0


def test_the_text_of_a_unit_is_a_task_that_reads_the_same():
    task = UNITS[0]
    first, second = expanded(task)
    assert json.loads(second.raw) == {**task, "instances": task["instances"][1:]}
    alone = [self_instruct.convert(one.value, {}) for one in (expanded(json.loads(second.raw))[0], second)]
    assert [one.key for one in alone] == ["t1/1", "t1/2"]
    assert alone[0].messages == alone[1].messages
    assert first.raw != second.raw


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, self_instruct=UNITS):
        units = data.draw(st.lists(mutated("self_instruct"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("self_instruct", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("alpaca/seed_tasks.jsonl", 175),
        ("belle/zh_seed_tasks.json", 175),
        ("self_instruct/user_oriented_instructions.jsonl", 252),
    ],
)
def test_real_tasks(name, count):
    path = file_of(name)
    values = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sniff(values[:20]) == [(1.0, "self_instruct")]
    tally, rows, _ = read("self_instruct", path)
    assert tally == {"units": count, "used": count, "sft": count}
    for row, value in zip(rows, values, strict=True):
        record = row.record
        (one,) = value["instances"]
        assert [record.messages[0].content, record.context or "", record.messages[1].content] == [
            value["instruction"],
            one["input"],
            one["output"],
        ]
        assert record.key == f"{value['id']}/1"
        assert record.metadata == {k: v for k, v in value.items() if k not in ("id", "instruction", "instances")}
