"""The rules of filter: for each the smallest row that trips it and the nearest that does not, in both languages."""

from typing import Any

import pytest

from stages.facts.rows import facts
from stages.gates.filtering import RULES, judge
from stages.records.build import RecordBuilder
from stages.records.record import Message, Record, ToolCall

SETTINGS: dict[str, Any] = {
    "min_instruction_length": 9,
    "min_response_length": 12,
    "max_response_length": 60,
    "max_total_length": 120,
    "over_long": "drop",
}
ASKED, SAID = "ask me thing", "said me thing"


def decided(*messages: Message, settings: dict[str, Any] = SETTINGS, **fields: Any) -> dict[str, Any]:
    """Return the decision of filter on one row, its facts computed from its text."""
    builder = RecordBuilder()
    builder.append("s:1", "s", "CC0-1.0", "human", Record(list(messages), ("k",), **fields))
    return judge(facts(builder.table(), 3.0, 0.0, 0), settings).to_pylist()[0]


def pair(asked: str, said: str, **fields: Any) -> dict[str, Any]:
    return decided(Message("user", asked), Message("assistant", said), **fields)


@pytest.mark.parametrize(
    ("reason", "trips", "passes"),
    [
        ("short_instruction", ("a" * 8, SAID), ("a" * 9, SAID)),
        ("short_instruction", ("你好", SAID), ("你好吗", SAID)),
        ("short_response", (ASKED, "a" * 11), (ASKED, "a" * 12)),
        ("short_response", (ASKED, "好的呀"), (ASKED, "好的好的")),
        ("long_response", (ASKED, "a" * 61), (ASKED, "a" * 60)),
        ("long_response", (ASKED, "好" * 21), (ASKED, "好" * 20)),
        ("long_conversation", ("a" * 60, "a" * 60), ("a" * 60, "a" * 59)),
        ("long_conversation", ("好" * 20, "好" * 20), ("好" * 20, "好" * 19 + "a")),
    ],
)
def test_the_smallest_row_that_trips_and_the_nearest_that_does_not(reason, trips, passes):
    found = pair(*trips)
    assert (found["verdict"], found["reason"], found["detail"]) == ("drop", reason, None)
    assert found["value"] != found["limit"]
    assert pair(*passes) == {**dict.fromkeys(found), "row_id": "s:1", "verdict": "keep"}


def test_every_rule_says_what_it_measured():
    found = pair("a" * 8, SAID)
    assert (found["value"], found["limit"], found["other_row_id"]) == (8.0, 9.0, None)
    assert pair("好" * 2, SAID)["value"] == 6.0


def test_an_empty_field_is_called_empty_even_without_limits():
    loose = {**SETTINGS, "min_instruction_length": 0, "min_response_length": 0}
    assert pair("", SAID, settings=loose)["reason"] == "empty_instruction"
    assert pair(ASKED, "", settings=loose)["reason"] == "empty_response"
    assert pair("a", "a", settings=loose)["verdict"] == "keep"


def test_detail_lists_the_other_broken_rules():
    found = pair("", "")
    assert found["reason"] == "empty_instruction"
    assert found["detail"] == "empty_response, short_instruction, short_response"


def test_all_user_turns_count_together():
    turns = [Message("user", "aaaaa"), Message("assistant", "ok"), Message("user", "aaa"), Message("assistant", SAID)]
    assert decided(*turns)["verdict"] == "keep"  # 5 + 3 and the break between them


def test_a_call_of_a_tool_may_have_no_text():
    call = Message("assistant", "", tool_calls=(ToolCall(None, "f", "{}"),))
    assert decided(Message("user", ASKED), call)["verdict"] == "keep"


@pytest.mark.parametrize(
    ("kind", "margin", "verdict"),
    [("preference", 0.0, "drop"), ("preference", 0.1, "keep"), ("preference", None, "keep"), ("sft", 0.0, "keep")],
)
def test_a_tie_is_no_preference(kind, margin, verdict):
    found = pair(ASKED, SAID, kind=kind, margin=margin)
    assert (found["verdict"], found["reason"]) == (verdict, "preference_tie" if verdict == "drop" else None)


def test_over_long_rows_may_be_kept_with_a_note():
    lenient = {**SETTINGS, "over_long": "keep"}
    found = pair(ASKED, "a" * 130, settings=lenient)
    assert (found["verdict"], found["reason"], found["value"]) == ("keep", "long_response", 130.0)
    assert found["detail"] == "long_conversation"
    both = pair("a", "a" * 130, settings=lenient)
    assert (both["verdict"], both["reason"]) == ("drop", "short_instruction")
    assert both["detail"] == "long_response, long_conversation"


def test_reasons_are_unique():
    assert len({rule.reason for rule in RULES}) == len(RULES)
