"""The adapter ``self_instruct`` beyond its table of cases."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.native import NATIVE
from tests.sources.real import file_of, read
from winnow.reading.registry import sniff
from winnow.reading.units import Unit
from winnow.sources import self_instruct


def expanded(value: Any) -> Sequence[Unit]:
    return self_instruct.expand(Unit("x.json", 3, json.dumps(value), value))


def test_the_text_of_a_unit_is_a_task_that_reads_the_same() -> None:
    task = NATIVE["self_instruct"][0]
    first, second = expanded(task)
    assert json.loads(second.raw) == {**task, "instances": task["instances"][1:]}
    alone = [self_instruct.convert(one.value, {}) for one in (expanded(json.loads(second.raw))[0], second)]
    assert [one.key for one in alone] == ["t1/1", "t1/2"]
    assert alone[0].messages == alone[1].messages
    assert first.raw != second.raw


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("alpaca/seed_tasks.jsonl", 175),
        ("belle/zh_seed_tasks.json", 175),
        ("self_instruct/user_oriented_instructions.jsonl", 252),
    ],
)
def test_real_tasks(name: str, count: int) -> None:
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
