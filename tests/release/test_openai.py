"""The openai format."""

import json
from pathlib import Path

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOL, TOOLS, USER, sft, written
from winnow.records.record import Message, Record, ToolCall


def test_a_plain_row_has_no_key_of_ours(tmp_path: Path) -> None:
    (row,), _ = written(tmp_path, "openai", sft(system="Be kind", context="c"))
    turns = [("system", "Be kind"), ("user", "Ask\n\nc"), ("assistant", "Said")]
    assert row == {"messages": [{"role": role, "content": content} for role, content in turns]}


def test_weights_and_tools(tmp_path: Path) -> None:
    turns = [USER, Message("assistant", "no", train=False), USER, CALL, RESULT, Message("assistant", "4", train=True)]
    (row,), _ = written(tmp_path, "openai", sft(*turns, tools=TOOLS))
    assert [turn.get("weight") for turn in row["messages"]] == [None, 0, None, None, None, 1]
    assert row["messages"][3]["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a": 1}'}
    assert row["tools"] == [TOOL]
    (row,), _ = written(tmp_path, "openai", sft(tools=json.dumps([TOOL["function"]])))
    assert row["tools"] == [TOOL]


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        ("reasoning", sft(USER, Message("assistant", "Said", "because"))),
        ("tool_call_without_id", sft(USER, Message("assistant", "", None, (ToolCall(None, "add", "{}"),)))),
        ("arguments_not_json", sft(USER, Message("assistant", "", None, (ToolCall("c", "add", "{"),)))),
        ("tool_result_without_id", sft(USER, CALL, RESULT._replace(tool_call_id=None), SAID)),
        ("empty_reply", sft(USER, Message("assistant", ""))),
        ("untrained_reply", sft(USER, Message("assistant", "no", train=False))),
        ("tools_not_a_list", sft(tools="add")),
        ("tools_not_functions", sft(tools='[{"a": 1}]')),
    ],
)
def test_what_it_cannot_carry_is_counted(tmp_path: Path, reason: str, record: Record) -> None:
    rows, left_out = written(tmp_path, "openai", record, sft())
    assert len(rows) == 1
    assert left_out == {reason: 1}
