"""The openai format."""

import json
from collections import Counter

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOL, TOOLS, USER, released, sft
from winnow.records.record import Message, ToolCall
from winnow.release.formats import openai
from winnow.release.validate import CONSUMERS


def written(tmp_path, *records):
    left_out: Counter[str] = Counter()
    openai.fragment(released(*records), tmp_path / "one", left_out)
    rows = [json.loads(line) for line in (tmp_path / "one").read_text(encoding="utf-8").splitlines()]
    assert [CONSUMERS["openai"].check(row) for row in rows] == [""] * len(rows)
    return rows, left_out


def test_a_plain_row_has_no_key_of_ours(tmp_path):
    (row,), _ = written(tmp_path, sft(system="Be kind", context="c"))
    turns = [("system", "Be kind"), ("user", "Ask\n\nc"), ("assistant", "Said")]
    assert row == {"messages": [{"role": role, "content": content} for role, content in turns]}


def test_weights_and_tools(tmp_path):
    turns = [USER, Message("assistant", "no", train=False), USER, CALL, RESULT, Message("assistant", "4", train=True)]
    (row,), _ = written(tmp_path, sft(*turns, tools=TOOLS))
    assert [turn.get("weight") for turn in row["messages"]] == [None, 0, None, None, None, 1]
    assert row["messages"][3]["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a": 1}'}
    assert row["tools"] == [TOOL]
    (row,), _ = written(tmp_path, sft(tools=json.dumps([TOOL["function"]])))
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
def test_what_it_cannot_carry_is_counted(tmp_path, reason, record):
    rows, left_out = written(tmp_path, record, sft())
    assert len(rows) == 1
    assert left_out == {reason: 1}
