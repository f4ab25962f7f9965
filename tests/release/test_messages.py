"""The messages format: what a trainer reads, line by line."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import REPOSITORY
from tests.release.samples import SAID, USER, released
from tests.sources.test_mutations import normalized_entry
from winnow.adding.params import RAW
from winnow.cli.main import main as winnow
from winnow.harness.settings import read_params
from winnow.reading.entries import entries
from winnow.records.record import Message, Record, ToolCall
from winnow.release.formats import messages, parquet
from winnow.release.template import TEMPLATE
from winnow.storage.parquet import read_table


def line(*turns: Message, **fields: Any) -> dict[str, Any]:
    plain = Record([Message("user", "other"), Message("assistant", "other")], ("k",), context="other")
    lines = messages.lines(released(plain, Record(list(turns), ("k",), **fields), plain)[1:])
    assert all(one.endswith("\n") and one.count("\n") == 1 for one in lines)
    row: dict[str, Any] = json.loads(lines[0])
    return row


def test_a_plain_row() -> None:
    assert line(USER, SAID) == {
        "row_id": "s:1",
        "messages": [{"role": "user", "content": "Ask"}, {"role": "assistant", "content": "Said"}],
    }


def test_the_context_joins_the_last_instruction_by_the_template() -> None:
    first, answer = Message("user", "Hi"), Message("assistant", "Hello")
    found = line(first, answer, USER, SAID, context="Back\nground")
    expected = TEMPLATE.format(instruction="Ask", context="Back\nground")
    assert [turn["content"] for turn in found["messages"]] == ["Hi", "Hello", expected, "Said"]
    assert line(USER, SAID, context="")["messages"][0]["content"] == "Ask"


def test_the_system_prompt_comes_first() -> None:
    found = line(USER, SAID, system="Be kind", context="c")
    assert [turn["role"] for turn in found["messages"]] == ["system", "user", "assistant"]
    assert found["messages"][0]["content"] == "Be kind"
    assert "prompt" not in found


def test_calls_of_tools() -> None:
    tools = json.dumps([{"type": "function", "function": {"name": "look_up"}}])
    call = Message("assistant", "", None, (ToolCall("c1", "look_up", '{"q": 1}'), ToolCall(None, "look_up", "{}")))
    found = line(USER, call, Message("tool", "42", tool_call_id="c1"), SAID, tools=tools, context="c")
    assert found["tools"] == tools
    asked, called, answered, said = found["messages"]
    assert asked["content"] == "Ask\n\nc"
    function = {"name": "look_up", "arguments": '{"q": 1}'}
    assert called["tool_calls"][0] == {"id": "c1", "type": "function", "function": function}
    assert "id" not in called["tool_calls"][1]
    assert answered == {"role": "tool", "content": "42", "tool_call_id": "c1"}
    assert said == {"role": "assistant", "content": "Said"}


def test_tools_that_are_no_list_are_left_out_and_counted(tmp_path: Path) -> None:
    left_out: Counter[str] = Counter()
    rows = [Record([USER, SAID], ("k",), tools=tools) for tools in ('{"name": "a"}', "oops", None, '[{"name": "a"}]')]
    assert messages.fragment(released(*rows, repeats=2), tmp_path / "one", left_out) == 4
    assert left_out == {"tools_not_a_list": 4}


def test_a_release_added_again_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through ``winnow add`` and ``normalize``: tools of any types and spacing, calls, reasoning, weights, system."""
    call = Message("assistant", "", None, (ToolCall("c1", "f", '{"b": 1,"a":[2]}'), ToolCall("c2", "f", "{}")))
    answers = [Message("tool", "42", tool_call_id="c1"), Message("tool", "", tool_call_id="c2")]
    rows = [
        Record([USER, SAID], ("k",), system="Be kind"),
        Record([USER, call, *answers, Message("assistant", "yes", "because")], ("k",), tools='[ {"name":"f"} ]'),
        Record([USER, call, *answers, SAID], ("k",), tools='[{"type":"function","function":{"name":"f","strict":1}}]'),
        Record([USER, Message("assistant", "no", train=False), USER, Message("assistant", "中文", train=True)], ("k",)),
    ]
    table = released(*rows)
    messages.fragment(table, tmp_path / "fragment")
    messages.join([tmp_path / "fragment"], tmp_path / "train.jsonl")
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    added = CliRunner().invoke(winnow, ["add", "again", "train.jsonl", "--license", "CC0-1.0"])
    assert "Read as messages" in added.output
    (entry,) = [one for one in entries(read_params()["sources"]) if one.name == "again"]
    (file,) = entry.files(RAW)
    tally, again, _ = normalized_entry(entry, file, tmp_path / "again")
    assert tally.used == len(rows)
    assert set(again["content_hash"].to_pylist()) == set(table["content_hash"].to_pylist())


def test_reasoning_and_what_is_not_to_be_trained_on() -> None:
    found = line(
        USER, Message("assistant", "no", train=False), USER, Message("assistant", "yes", "because", train=True)
    )
    assert [turn.get("weight") for turn in found["messages"]] == [None, 0, None, 1]
    assert [turn.get("reasoning_content") for turn in found["messages"]] == [None, None, None, "because"]


@pytest.mark.parametrize("text", ['"quoted"\\', "a\nb\r\n\x00\x1f", "中文😀", "line\u2028break\x85", "</script>"])
def test_any_text_stays_what_it_is_on_one_line(text: str, tmp_path: Path) -> None:
    messages.fragment(released(Record([Message("user", text), Message("assistant", text)], ("k",))), tmp_path / "one")
    with (tmp_path / "one").open(encoding="utf-8", newline="\n") as file:
        (found,) = map(json.loads, file)
    assert [turn["content"] for turn in found["messages"]] == [text, text]


def test_repeats_and_joining(tmp_path: Path) -> None:
    rows = [Record([USER, Message("assistant", f"say {n}")], ("k",)) for n in range(3)]
    assert messages.fragment(released(*rows[:1], repeats=3), tmp_path / "0") == 3
    assert messages.fragment(released(), tmp_path / "1") == 0
    assert messages.fragment(released(*rows[1:]), tmp_path / "2") == 2
    messages.join([tmp_path / name for name in "012"], tmp_path / "out" / "train.jsonl")
    found = [json.loads(one) for one in (tmp_path / "out" / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["messages"][1]["content"] for row in found] == ["say 0"] * 3 + ["say 1", "say 2"]


def test_parquet_loses_nothing(tmp_path: Path) -> None:
    tables = [released(Record([USER, SAID], ("k",), system="s", metadata={"a": [1]}), repeats=2), released()]
    for n, table in enumerate(tables):
        assert parquet.fragment(table, tmp_path / str(n)) == len(table)
    parquet.join([tmp_path / "0", tmp_path / "1"], tmp_path / "out" / "train.parquet")
    assert read_table(tmp_path / "out" / "train.parquet").equals(tables[0])
