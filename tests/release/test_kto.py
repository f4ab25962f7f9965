"""The formats of feedback: TRL's and LLaMA-Factory's."""

import json
from collections import Counter

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOLS, USER, feedback, released
from winnow.records.record import Message
from winnow.release.formats import FORMATS
from winnow.release.validate import CONSUMERS

READERS = {"kto": "trl", "kto_llama_factory": "llama-factory"}


def written(tmp_path, name, *records):
    left_out: Counter[str] = Counter()
    FORMATS[name].fragment(released(*records), tmp_path / "one", left_out)
    rows = [json.loads(line) for line in (tmp_path / "one").read_text(encoding="utf-8").splitlines()]
    assert [CONSUMERS[READERS[name]].check(row) for row in rows] == [""] * len(rows)
    return rows, left_out


def test_plain_rows(tmp_path):
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


@pytest.mark.parametrize("name", READERS)
def test_tools(tmp_path, name):
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
def test_what_they_cannot_carry_is_counted(tmp_path, name, reason, record):
    rows, left_out = written(tmp_path, name, record, feedback(False))
    assert len(rows) == 1
    assert left_out == {reason: 1}
