"""The adapter ``messages`` beyond its table of cases."""

import json

import pytest

from tests.native import NATIVE
from tests.sources.real import file_of, read
from winnow.reading.registry import adapters, sniff


def test_rows_of_other_formats_are_not_its_own() -> None:
    turns = NATIVE["messages"][1]["messages"]
    liked, pair = {"messages": turns, "label": True}, {"messages": turns[:1], "chosen": "a", "rejected": "b"}
    shared = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    assert adapters()["messages"].sniff([liked, pair, shared]) == 0.0


@pytest.mark.parametrize(
    ("name", "count", "thoughts", "calls"),
    [
        ("llama_factory/v1_sft_demo.jsonl", 500, 0, 0),
        ("llama_factory/reason_tool_use_demo_50.jsonl", 50, 112, 68),
    ],
)
def test_real_parts(name: str, count: int, thoughts: int, calls: int) -> None:
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
