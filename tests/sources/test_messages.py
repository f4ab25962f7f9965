"""The adapter ``messages``: its table of native units (tests/cases/messages_units.json), which anyone can extend."""

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
        "messages": [
            {"role": "user", "content": [{"type": "text", "value": "1+1?"}], "loss_weight": 0.0},
            {
                "role": "assistant",
                "content": [
                    {"type": "reasoning", "value": "easy"},
                    {"type": "tool_call", "value": '{"name": "add", "arguments": {"a": 1}}'},
                ],
                "loss_weight": 1.0,
            },
            {"role": "tool", "content": [{"type": "text", "value": "2"}]},
            {"role": "assistant", "content": [{"type": "text", "value": "二"}]},
        ],
        "tools": '[{"name": "add"}]',
    }
]


@pytest.mark.parametrize("case", params("messages"))
def test_unit(case):
    check("messages", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("messages") == {case["reason"] for case in load("messages") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(NATIVE["messages"])[0] == (1.0, "messages")
    assert sniff(UNITS) == [(1.0, "messages")]
    assert adapters()["messages"].sniff([]) == 0.0


def test_rows_of_other_formats_are_not_its_own():
    turns = UNITS[0]["messages"]
    liked, pair = {"messages": turns, "label": True}, {"messages": turns[:1], "chosen": "a", "rejected": "b"}
    shared = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    assert adapters()["messages"].sniff([liked, pair, shared, {"messages": shared["conversations"]}]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit_of_llama_factory(tmp_path_factory, data):
    with patch.dict(NATIVE, messages=UNITS):
        units = data.draw(st.lists(mutated("messages"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("messages", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("name", "count", "thoughts", "calls"),
    [
        ("llama_factory/v1_sft_demo.jsonl", 500, 0, 0),
        ("llama_factory/reason_tool_use_demo_50.jsonl", 50, 112, 68),
    ],
)
def test_real_parts(name, count, thoughts, calls):
    """Every part of every turn is found again: text, reasoning and tool calls."""
    path = file_of(name)
    tally, rows, _ = read("messages", path)
    assert tally == {"units": count, "used": count, "sft": count}
    values = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    assert sniff(values) == [(1.0, "messages")]
    reasoned = called = 0
    for value, row in zip(values, rows, strict=True):
        record = row.record
        turns = [turn for turn in value["messages"] if turn["role"] != "system"]
        assert (record.tools or "[]", record.metadata) == (value.get("tools", "[]"), {})
        for turn, one in zip(turns, record.messages, strict=True):
            parts = [("reasoning", one.reasoning)] if one.reasoning else []
            parts += [("text", one.content)] if one.content else []
            parts += [("tool_call", json.loads(call.arguments)) for call in one.tool_calls or ()]
            assert parts == [
                (part["type"], json.loads(part["value"])["arguments"] if part["type"] == "tool_call" else part["value"])
                for part in turn["content"]
            ]
            reasoned += one.reasoning is not None
            called += len(one.tool_calls or ())
            assert one.train is (True if turn.get("loss_weight") else None)
    assert (reasoned, called) == (thoughts, calls)
