"""The formats of pairs: TRL's and Axolotl's, LLaMA-Factory's, OpenAI's."""

from pathlib import Path

import pytest

from tests.release.samples import CALL, RESULT, SAID, TOOLS, USER, preference, written
from winnow.records.record import Message, Record, Rejected

FORMATS = ("preference", "preference_llama_factory", "openai_preference")
SEVERAL = Record([USER, CALL, RESULT, SAID], ("k",), kind="preference", prompt_turns=1, rejected=[Rejected((SAID,), 1)])
LATE = Record([USER, SAID], ("k",), kind="preference", prompt_turns=0, rejected=[Rejected((USER, SAID), 1)])


def test_one_line_for_each_worse_reply(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("record", "lines", "reasons"),
    [
        (preference("Worse", "", "Worst"), 2, {"empty_reply": 1}),
        (preference(), 0, {"no_worse_reply": 1}),
        (SEVERAL, 0, {"reply_of_several_turns": 1}),
        (LATE, 0, {"turn_order": 1}),
    ],
)
def test_what_they_cannot_carry_is_counted(
    tmp_path: Path, name: str, record: Record, lines: int, reasons: dict[str, int]
) -> None:
    rows, left_out = written(tmp_path, name, record, repeats=2)
    assert len(rows) == 2 * lines
    assert left_out == {reason: 2 * count for reason, count in reasons.items()}


@pytest.mark.parametrize(
    ("name", "lines"), [("preference", 0), ("preference_llama_factory", 1), ("openai_preference", 1)]
)
def test_calls_of_tools_in_the_prompt(tmp_path: Path, name: str, lines: int) -> None:
    record = preference("Worse", turns=(USER, CALL, RESULT, SAID), prompt_turns=3, tools=TOOLS)
    rows, left_out = written(tmp_path, name, record)
    assert len(rows) == lines
    assert left_out == ({} if lines else {"tool_calls": 1})


def test_turns_that_do_not_alternate(tmp_path: Path) -> None:
    record = preference("Worse", turns=(USER, Message("user", "Well?"), SAID), prompt_turns=2)
    assert len(written(tmp_path, "preference", record)[0]) == 1
    assert written(tmp_path, "preference_llama_factory", record)[1] == {"turn_order": 1}
