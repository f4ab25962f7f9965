"""The alpaca format."""

import json
from pathlib import Path

import pytest

from tests.release.samples import CALL, HARD, RESULT, SAID, TOOLS, USER, preference, released, sft, written
from winnow.records.record import Message, Record
from winnow.release.formats import alpaca


def test_a_plain_row_has_every_key(tmp_path: Path) -> None:
    plain = {"row_id": "s:0", "instruction": "Ask", "input": "", "output": "Said", "system": "", "history": []}
    assert written(tmp_path, "alpaca", sft()) == ([plain], {})


def test_context_system_history_and_reasoning_have_places(tmp_path: Path) -> None:
    turns = [Message("user", "Hi"), Message("assistant", "Hello", "greet"), USER, SAID]
    (row,), _ = written(tmp_path, "alpaca", sft(*turns, system="Be kind", context="c"))
    assert (row["instruction"], row["input"], row["output"], row["system"]) == ("Ask", "c", "Said", "Be kind")
    assert row["history"] == [["Hi", "<think>\ngreet\n</think>\n\nHello"]]


@pytest.mark.parametrize(
    ("reason", "record"),
    [
        ("tool_calls", sft(USER, CALL, RESULT, SAID)),
        ("tool_calls", sft(tools=TOOLS)),
        ("turn_order", sft(USER, USER, SAID)),
        ("turn_order", sft(SAID, USER, SAID)),
        ("system_turn", sft(USER, Message("system", "s"), SAID)),
        ("untrained_reply", sft(USER, Message("assistant", "no", train=False), USER, SAID)),
    ],
)
def test_what_it_cannot_carry_is_counted(tmp_path: Path, reason: str, record: Record) -> None:
    rows, left_out = written(tmp_path, "alpaca", record, sft(), repeats=2)
    assert len(rows) == 2
    assert left_out == {reason: 2}


def test_a_chosen_reply_is_one_row_and_text_stays_what_it_is(tmp_path: Path) -> None:
    record = preference("Worse", "Worst", turns=(Message("user", HARD), Message("assistant", HARD)))
    (row,), left_out = written(tmp_path, "alpaca", record)
    assert row["instruction"] == row["output"] == HARD
    assert not left_out


def test_a_row_with_history_comes_first(tmp_path: Path) -> None:
    rows = [sft(Message("user", str(n)), SAID) for n in range(3)]
    tables = [released(*rows), released(*rows, sft(USER, SAID, USER, SAID)), released(sft(USER, SAID, USER, SAID))]
    for n, table in enumerate(tables):
        alpaca.fragment(table, tmp_path / str(n))
    alpaca.join([tmp_path / name for name in "012"], tmp_path / "out" / "train.jsonl")
    found = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [bool(row["history"]) for row in found] == [True] + [False] * 6 + [True]
    assert [row["instruction"] for row in found[1:7]] == ["0", "1", "2"] * 2
