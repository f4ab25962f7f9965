"""The sharegpt format and LLaMA-Factory's ``dataset_info.json``."""

import json
from pathlib import Path

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOLS, USER, everything, released, sft, write_all, written
from winnow.records.record import Message, Record, ToolCall
from winnow.release.formats import FORMATS
from winnow.release.formats.llama_factory import dataset_info
from winnow.release.validate import llama_factory

TWO = Message("assistant", "", None, (ToolCall("a", "add", '{"a": 1}'), ToolCall("b", "add", "")))


def test_a_row_with_system_and_context(tmp_path: Path) -> None:
    ((row,), left_out) = written(tmp_path, "sharegpt", sft(system="Be kind", context="c"))
    turns = [("system", "Be kind"), ("human", "Ask\n\nc"), ("gpt", "Said")]
    conversations = [{"from": role, "value": value} for role, value in turns]
    assert row == {"row_id": "s:0", "conversations": conversations}
    assert not left_out


def test_calls_of_tools_are_json_text(tmp_path: Path) -> None:
    (row,), _ = written(tmp_path, "sharegpt", sft(USER, CALL, RESULT, SAID, tools=TOOLS))
    asked, called, result, said = row["conversations"]
    assert [one["from"] for one in (asked, called, result, said)] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(called["value"]) == {"name": "add", "arguments": {"a": 1}}
    assert row["tools"] == TOOLS
    (row,), _ = written(tmp_path, "sharegpt", sft(USER, TWO, tools=TOOLS))
    assert [call["arguments"] for call in json.loads(row["conversations"][1]["value"])] == [{"a": 1}, {}]


def test_tools_get_the_parameters_that_the_default_prompt_looks_up(tmp_path: Path) -> None:
    (row,), _ = written(tmp_path, "sharegpt", sft(tools='[{"name": "now"}]'))
    (tool,) = json.loads(row["tools"])
    assert tool == {"name": "now", "parameters": {"type": "object", "properties": {}}}
    assert llama_factory.check(row) == ""


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        ("turn_order", sft(USER, USER, SAID)),
        ("turn_order", sft(SAID, USER, SAID)),
        ("several_tool_results", sft(USER, TWO, RESULT, RESULT, SAID)),
        ("system_turn", sft(USER, Message("system", "s"), SAID)),
        ("text_beside_tool_call", sft(USER, CALL._replace(content="Let me see"), RESULT, SAID)),
        ("arguments_not_an_object", sft(USER, Message("assistant", "", None, (ToolCall("c", "add", "[1]"),)))),
        ("arguments_not_an_object", sft(USER, Message("assistant", "", None, (ToolCall("c", "add", "{"),)))),
        ("tools_not_a_list", sft(tools='{"a": 1}')),
        ("tools_not_functions", sft(tools='[{"a": 1}]')),
        ("untrained_reply", sft(USER, Message("assistant", "no", train=False), USER, SAID)),
    ],
)
def test_what_it_cannot_carry_is_counted(tmp_path: Path, reason: str, record: Record) -> None:
    rows, left_out = written(tmp_path, "sharegpt", record, sft())
    assert len(rows) == 1
    assert left_out == {reason: 1}


def test_dataset_info(tmp_path: Path) -> None:
    counts = write_all(released(*everything()), tmp_path)
    files = [(name, "train") for name in counts]
    info = json.loads(dataset_info(FORMATS, files, tmp_path))
    assert set(info) == {"alpaca_train", "sharegpt_train", "preference_llama_factory_train", "kto_llama_factory_train"}
    for name, entry in info.items():
        path = tmp_path / entry["file_name"]
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        keys = {key for row in rows for key in row} - {"row_id"}
        assert set(entry["columns"].values()) == keys, name
        assert entry.get("ranking", False) == ("chosen" in keys)
        assert all(llama_factory.check(row) == "" for row in rows)
    assert info["sharegpt_train"]["tags"]["function_tag"] == "function_call"
    assert dataset_info(FORMATS, [("parquet", "train")], tmp_path) == ""


def test_tools_are_no_column_where_no_row_has_them(tmp_path: Path) -> None:
    write_all(released(sft()), tmp_path)
    text = dataset_info(FORMATS, [("sharegpt", "train")], tmp_path)
    assert text.isascii()
    assert json.loads(text)["sharegpt_train"]["columns"] == {"messages": "conversations"}
