"""The formats of pairs: TRL's and Axolotl's, LLaMA-Factory's, OpenAI's."""

import json
from collections import Counter

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOLS, USER, preference, released
from winnow.records.record import Message, Record, Rejected
from winnow.release.formats import FORMATS
from winnow.release.validate import CONSUMERS

READERS = {
    "preference": ("trl", "axolotl"),
    "preference_llama_factory": ("llama-factory",),
    "openai_preference": ("openai",),
}
SEVERAL = Record([USER, CALL, RESULT, SAID], ("k",), kind="preference", prompt_turns=1, rejected=[Rejected((SAID,), 1)])
LATE = Record([USER, SAID], ("k",), kind="preference", prompt_turns=0, rejected=[Rejected((USER, SAID), 1)])


def written(tmp_path, name, *records, repeats=1):
    left_out: Counter[str] = Counter()
    FORMATS[name].fragment(released(*records, repeats=repeats), tmp_path / "one", left_out)
    rows = [json.loads(line) for line in (tmp_path / "one").read_text(encoding="utf-8").splitlines()]
    for consumer in READERS[name]:
        assert [CONSUMERS[consumer].check(row) for row in rows] == [""] * len(rows)
    return rows, left_out


def test_one_line_for_each_worse_reply(tmp_path):
    record = preference("Worse", "Worst", system="Be kind", context="c")
    rows, left_out = written(tmp_path, "preference", record)
    prompt = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Ask\n\nc"}]
    chosen = [{"role": "assistant", "content": "Said"}]
    assert rows == [
        {"row_id": "s:0", "prompt": prompt, "chosen": chosen, "rejected": [{"role": "assistant", "content": worse}]}
        for worse in ("Worse", "Worst")
    ]
    rows, _ = written(tmp_path, "preference_llama_factory", record)
    assert [turn["value"] for turn in rows[0]["conversations"]] == ["Be kind", "Ask\n\nc"]
    assert [(row["chosen"]["value"], row["rejected"]["value"]) for row in rows] == [
        ("Said", "Worse"),
        ("Said", "Worst"),
    ]
    rows, _ = written(tmp_path, "openai_preference", record)
    assert rows[0] == {
        "input": {"messages": prompt},
        "preferred_output": chosen,
        "non_preferred_output": [{"role": "assistant", "content": "Worse"}],
    }
    assert not left_out


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("record", "lines", "reasons"),
    [
        (preference("Worse", "", "Worst"), 2, {"empty_reply": 1}),
        (preference(), 0, {"no_worse_reply": 1}),
        (SEVERAL, 0, {"reply_of_several_turns": 1}),
        (LATE, 0, {"turn_order": 1}),
    ],
)
def test_what_they_cannot_carry_is_counted(tmp_path, name, record, lines, reasons):
    rows, left_out = written(tmp_path, name, record, repeats=2)
    assert len(rows) == 2 * lines
    assert left_out == {reason: 2 * count for reason, count in reasons.items()}


@pytest.mark.parametrize(
    ("name", "lines"), [("preference", 0), ("preference_llama_factory", 1), ("openai_preference", 1)]
)
def test_calls_of_tools_in_the_prompt(tmp_path, name, lines):
    record = preference("Worse", turns=(USER, CALL, RESULT, SAID), prompt_turns=3, tools=TOOLS)
    rows, left_out = written(tmp_path, name, record)
    assert len(rows) == lines
    assert left_out == ({} if lines else {"tool_calls": 1})


def test_turns_that_do_not_alternate(tmp_path):
    record = preference("Worse", turns=(USER, Message("user", "Well?"), SAID), prompt_turns=2)
    assert len(written(tmp_path, "preference", record)[0]) == 1
    assert written(tmp_path, "preference_llama_factory", record)[1] == {"turn_order": 1}
