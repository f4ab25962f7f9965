"""The adapter ``sharegpt``: its native units, which anyone can add to (tests/cases/sharegpt_units.json)."""

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
    {
        "id": "c_0",
        "conversations": [
            {"from": "system", "value": "Be short."},
            {"from": "human", "value": "1+1?"},
            {"from": "function_call", "value": '[{"name": "add", "arguments": {"a": 1}}]'},
            {"from": "observation", "value": "2"},
            {"from": "gpt", "value": "二", "weight": 1},
        ],
        "tools": '[{"name": "add"}]',
        "system": "s",
    },
    {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
]


@pytest.mark.parametrize("case", params("sharegpt"))
def test_unit(case):
    check("sharegpt", case)


def test_every_reason_has_a_case():
    shown = {case["reason"] for case in load("sharegpt") if "reason" in case}
    assert reasons_in_code("sharegpt") <= shown


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "sharegpt")]
    assert adapters()["sharegpt"].sniff([]) == 0.0


def test_rows_of_other_formats_are_not_its_own():
    turns = UNITS[1]["conversations"]
    pair = {"conversations": turns[:1], "chosen": turns[1], "rejected": {"from": "gpt", "value": "No"}}
    liked = {"conversations": turns, "kto_tag": True}
    chat = {"conversations": [{"role": "user", "content": "a"}]}
    assert adapters()["sharegpt"].sniff([pair, liked, chat, {"conversations": []}, {"conversations": ["a"]}]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, sharegpt=UNITS):
        units = data.draw(st.lists(mutated("sharegpt"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("sharegpt", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("name", "count", "calls"),
    [
        ("sharegpt/dummy_conversation.json", 500, 0),
        ("llama_factory/glaive_toolcall_en_demo.json", 300, 211),
        ("llama_factory/glaive_toolcall_zh_demo.json", 300, 216),
    ],
)
def test_real_conversations(name, count, calls):
    path = file_of(name)
    tally, rows, _ = read("sharegpt", path)
    assert tally == {"units": count, "used": count, "sft": count}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "sharegpt")]
    found = 0
    for value, row in zip(values, rows, strict=True):
        record = row.record
        assert len(record.messages) == len(value["conversations"])
        assert record.key == value.get("id")
        assert (record.tools or "[]") == value.get("tools", "[]")
        for turn, one in zip(value["conversations"], record.messages, strict=True):
            if one.tool_calls:
                (call,) = one.tool_calls
                assert json.loads(turn["value"]) == {"name": call.name, "arguments": json.loads(call.arguments)}
                found += 1
            else:
                assert one.content == turn["value"]
        called = [call.id for one in record.messages for call in one.tool_calls or ()]
        assert [one.tool_call_id for one in record.messages if one.tool_call_id] == called
    assert found == calls
