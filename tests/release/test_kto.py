"""The formats of feedback: TRL's and LLaMA-Factory's."""

from pathlib import Path

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOLS, USER, feedback, written
from winnow.records.record import Message, Record

FORMATS = ("kto", "kto_llama_factory")


def test_plain_rows(tmp_path: Path) -> None:
    records = [feedback(True, system="Be kind", context="c"), feedback(False)]
    rows, _ = written(tmp_path, "kto", *records)
    assert [row["label"] for row in rows] == [True, False]
    assert rows[0] == {
        "row_id": "s:0",
        "prompt": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Ask\n\nc"}],
        "completion": [{"role": "assistant", "content": "Said"}],
        "label": True,
    }
    rows, _ = written(tmp_path, "kto_llama_factory", *records)
    turns = [("system", "Be kind"), ("human", "Ask\n\nc"), ("gpt", "Said")]
    assert rows[0]["conversations"] == [{"from": role, "value": value} for role, value in turns]
    assert [row["label"] for row in rows] == [True, False]


@pytest.mark.parametrize("name", FORMATS)
def test_tools(tmp_path: Path, name: str) -> None:
    (row,), left_out = written(tmp_path, name, feedback(True, USER, CALL, RESULT, SAID, tools=TOOLS))
    assert row["tools"] == TOOLS
    assert not left_out


@pytest.mark.parametrize(
    ("name", "reason", "record"),
    [
        ("kto", "no_label", feedback(None)),
        ("kto", "turn_order", feedback(True, SAID)),
        ("kto", "tools_not_json", feedback(True, tools="add")),
        ("kto_llama_factory", "no_label", feedback(None)),
        ("kto_llama_factory", "empty_reply", feedback(True, USER, Message("assistant", ""))),
        ("kto_llama_factory", "turn_order", feedback(True, USER, USER, SAID)),
        ("kto_llama_factory", "reply_of_several_turns", feedback(True, USER, CALL, RESULT, SAID, prompt_turns=1)),
    ],
)
def test_what_they_cannot_carry_is_counted(tmp_path: Path, name: str, reason: str, record: Record) -> None:
    rows, left_out = written(tmp_path, name, record, feedback(False))
    assert len(rows) == 1
    assert left_out == {reason: 1}
