"""The adapter ``sharegpt`` beyond its table of cases."""

import json

import pytest

from tests.native import NATIVE
from tests.sources.real import file_of, read
from winnow.reading.registry import adapters, sniff


def test_rows_of_other_formats_are_not_its_own() -> None:
    turns = NATIVE["sharegpt"][1]["conversations"]
    pair = {"conversations": turns[:1], "chosen": turns[1], "rejected": {"from": "gpt", "value": "No"}}
    liked = {"conversations": turns, "kto_tag": True}
    chat = {"conversations": [{"role": "user", "content": "a"}]}
    assert adapters()["sharegpt"].sniff([pair, liked, chat, {"conversations": []}, {"conversations": ["a"]}]) == 0.0


@pytest.mark.parametrize(
    ("name", "count", "calls"),
    [
        ("sharegpt/dummy_conversation.json", 500, 0),
        ("llama_factory/glaive_toolcall_en_demo.json", 300, 211),
        ("llama_factory/glaive_toolcall_zh_demo.json", 300, 216),
    ],
)
def test_real_conversations(name: str, count: int, calls: int) -> None:
    path = file_of(name)
    tally, rows, _ = read("sharegpt", path)
    assert tally == {"units": count, "used": count, "sft": count}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "sharegpt")]
    called_count = 0
    for value, row in zip(values, rows, strict=True):
        record = row.record
        assert len(record.messages) == len(value["conversations"])
        assert record.key == value.get("id")
        assert (record.tools or "[]") == value.get("tools", "[]")
        for turn, one in zip(value["conversations"], record.messages, strict=True):
            if one.tool_calls:
                (call,) = one.tool_calls
                assert json.loads(turn["value"]) == {"name": call.name, "arguments": json.loads(call.arguments)}
                called_count += 1
            else:
                assert one.content == turn["value"]
        called = [call.id for one in record.messages for call in one.tool_calls or ()]
        assert [one.tool_call_id for one in record.messages if one.tool_call_id] == called
    assert called_count == calls
