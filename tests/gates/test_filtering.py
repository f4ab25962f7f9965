"""The rules of filter: for each the smallest row that trips it and the nearest that does not, in both languages."""

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.comments import comments
from winnow.facts.rows import facts
from winnow.facts.subject import Settings
from winnow.facts.subjects.preference import same_replies
from winnow.facts.texts import texts
from winnow.gates.borderline import nearest
from winnow.gates.filtering import Margins, decide_by_rules, oriented_margins
from winnow.gates.rules import BY_NAME, RULES, Rule
from winnow.harness.errors import UserError
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected, ToolCall

SETTINGS: dict[str, Any] = {
    **{rule.name: rule.switch for rule in RULES},  # limits are off but for those that follow
    "short_instruction": 9,
    "short_response": 12,
    "long_response": 60,
    "long_conversation": 120,
    "note_only": [],
}
ASKED, SAID = "ask me thing", "said me thing"
ASKED_ZH = "你说一件事给我"
TELL, TELL_ZH = "Describe the sea", "请描述一下大海是什么样"


@cache
def facts_of(*messages: Message, **fields: Any) -> pa.Table:
    """Return the facts of one row, computed from its text: once, since many tests ask for those of the same row."""
    builder = RecordBuilder()
    builder.append("s:1", "s", "CC0-1.0", "human", Record(list(messages), ("k",), **fields))
    return facts(builder.table(), Settings(3.0, 0.0, 0))


def decided(*messages: Message, settings: dict[str, Any] = SETTINGS, **fields: Any) -> dict[str, Any]:
    """Return the decision of filter on one row."""
    decision: dict[str, Any] = decide_by_rules(facts_of(*messages, **fields), settings).to_pylist()[0]
    return decision


def pair(asked: str, said: str, **fields: Any) -> dict[str, Any]:
    return decided(Message("user", asked), Message("assistant", said), **fields)


@pytest.mark.parametrize(
    ("reason", "trips", "passes"),
    [
        ("short_instruction", ("a" * 8, SAID), ("a" * 9, SAID)),
        ("short_instruction", ("你好", SAID), ("你好吗", SAID)),
        ("short_response", (TELL, "a" * 11), (TELL, "a" * 12)),
        ("short_response", (TELL, "a" * 11), (ASKED, "a" * 11)),
        ("short_response", (TELL, "a" * 11), (f"{TELL} in a word", "a" * 11)),
        ("short_response", (TELL, "Yes."), ("Is it cold?", "Yes.")),
        ("short_response", (TELL_ZH, "好的呀"), (TELL_ZH, "好的好的")),
        ("long_response", (ASKED, "a" * 61), (ASKED, "a" * 60)),
        ("long_response", (ASKED_ZH, "好" * 21), (ASKED_ZH, "好" * 20)),
        ("long_conversation", ("a" * 60, "a" * 60), ("a" * 60, "a" * 59)),
        ("long_conversation", ("好" * 20, "好" * 20), ("好" * 20, "好" * 19 + "a")),
    ],
)
def test_the_smallest_row_that_trips_and_the_nearest_that_does_not(
    reason: str, trips: tuple[str, str], passes: tuple[str, str]
) -> None:
    found = pair(*trips)
    assert (found["verdict"], found["reason"], found["detail"]) == ("drop", reason, None)
    assert found["value"] != found["limit"]
    assert pair(*passes) == {**dict.fromkeys(found), "row_id": "s:1", "verdict": "keep"}


def test_every_rule_says_what_it_measured() -> None:
    found = pair("a" * 8, SAID)
    assert (found["value"], found["limit"], found["other_row_id"]) == (8.0, 9.0, None)
    assert pair("好" * 2, SAID)["value"] == 6.0


def test_an_empty_field_is_called_empty_even_without_limits() -> None:
    loose = {**SETTINGS, "short_instruction": False, "short_response": False}
    assert pair("", SAID, settings=loose)["reason"] == "empty_instruction"
    assert pair(ASKED, "", settings=loose)["reason"] == "empty_response"
    assert pair("a", "a", settings=loose)["verdict"] == "keep"


def test_detail_lists_the_other_broken_rules() -> None:
    found = pair("", "")
    assert found["reason"] == "empty_instruction"
    assert found["detail"] == "empty_response, short_instruction"


def test_all_user_turns_count_together() -> None:
    turns = [Message("user", "aaaaa"), Message("assistant", "ok"), Message("user", "aaa"), Message("assistant", SAID)]
    assert decided(*turns)["verdict"] == "keep"  # 5 + 3 and the break between them


def test_a_call_of_a_tool_may_have_no_text() -> None:
    call = Message("assistant", "", tool_calls=(ToolCall(None, "f", "{}"),))
    assert decided(Message("user", ASKED), call)["verdict"] == "keep"


@pytest.mark.parametrize(
    ("kind", "margin", "verdict"),
    [("preference", 0.0, "drop"), ("preference", 0.1, "keep"), ("preference", None, "keep"), ("sft", 0.0, "keep")],
)
def test_a_tie_is_no_preference(kind: str, margin: float | None, verdict: str) -> None:
    found = pair(ASKED, SAID, kind=kind, margin=margin)
    assert (found["verdict"], found["reason"]) == (verdict, "preference_tie" if verdict == "drop" else None)


@pytest.mark.parametrize("words", ["the dog and the cat sat on my old red mat", "那只猫和那只狗都坐在我的旧红垫子上"])
def test_a_reply_that_repeats_itself(words: str) -> None:
    settings = {
        **SETTINGS,
        "long_response": False,
        "long_conversation": False,
        "wrong_language": False,
        "repetition": 0.5,
    }
    assert pair(ASKED, f"{words}. " * 3, settings=settings)["reason"] == "repetition"
    assert pair(ASKED, f"{words}. Nothing more.", settings=settings)["verdict"] == "keep"


def test_reasoning_counts_as_reply() -> None:
    reply = Message("assistant", "42", reasoning="six times seven makes it")
    assert decided(Message("user", TELL), reply)["verdict"] == "keep"
    assert decided(Message("user", TELL), Message("assistant", "42"))["reason"] == "short_response"


def test_a_limit_by_language_holds_rows_of_that_language() -> None:
    by_language = {**SETTINGS, "long_response": {"zh": 9, "default": 30}}
    assert pair(ASKED, "海" * 4, settings=by_language)["limit"] == 9
    assert pair(ASKED, "It is quite cold here.", settings=by_language)["verdict"] == "keep"
    only_chinese = {**SETTINGS, "long_response": {"zh": 9, "default": False}}
    assert pair(ASKED, "It is quite cold here, " * 2, settings=only_chinese)["verdict"] == "keep"


def test_a_rule_that_only_notes_keeps_the_row_and_says_so() -> None:
    lenient = {**SETTINGS, "note_only": ["long_response", "long_conversation"]}
    found = pair(ASKED, "a" * 130, settings=lenient)
    assert (found["verdict"], found["reason"], found["value"]) == ("keep", "long_response", 130.0)
    assert found["detail"] == "long_conversation"
    both = pair("a", "a" * 130, settings=lenient)
    assert (both["verdict"], both["reason"]) == ("drop", "short_instruction")
    assert both["detail"] == "long_response, long_conversation"


def test_every_rule_has_a_setting_whose_comment_begins_with_its_sentence() -> None:
    written = comments("filter")
    assert list(written) == [*(rule.name for rule in RULES), "note_only", "lower_is_better"]
    for rule in RULES:
        assert written[rule.name].startswith(rule.sentence), rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_that_is_off_drops_nothing(rule: Rule) -> None:
    rows = [("", ""), ("a", "a" * 130), (TELL, "x"), (ASKED, "N/A")]
    settings = {**SETTINGS, **{other.name: False for other in RULES}, rule.name: SETTINGS[rule.name]}
    for asked, said in rows:
        found = pair(asked, said, settings=settings)
        assert found["reason"] in (None, rule.name)
        assert pair(asked, said, settings={**settings, rule.name: False})["verdict"] == "keep"


@given(
    values=st.lists(st.integers(0, 100), min_size=1, max_size=30), limit=st.integers(0, 100), count=st.integers(1, 5)
)
def test_the_nearest_rows_are_the_ones_a_stricter_limit_would_drop_first(
    values: list[int], limit: int, count: int
) -> None:
    rule = BY_NAME["long_response"]
    table = {
        "row_id": np.array([f"s:{n:03d}" for n in range(len(values))], object),
        "response_length": np.array(values, float),
        "language": np.array(["en"] * len(values), object),
    }
    near = nearest(rule, table, limit, np.ones(len(values), bool), count)
    kept = sorted((limit - value, f"s:{n:03d}") for n, value in enumerate(values) if value <= limit)
    assert [(one.distance, one.row_id) for one in near] == kept[:count]


def test_a_margin_below_zero_is_dropped_and_a_source_full_of_them_stops_the_run() -> None:
    facts = pa.table(
        {
            "source": ["a"] * 5 + ["b"] * 4,
            "kind": ["preference"] * 9,
            "margin": pa.array([-1.0, -2.0, -1.0, 3.0, None, -1.0, -1.0, 1.0, 2.0]),
        }
    )
    margins = Margins()
    margins.add(facts)
    with pytest.raises(UserError, match=r"source a: 3 of 4 .*lower_is_better: \[a\]"):
        margins.check([])
    margins.check(["a"])
    assert oriented_margins(facts, ["a"])["margin"].to_pylist()[:5] == [1.0, 2.0, 1.0, -3.0, None]
    assert pair(ASKED, SAID, kind="preference", margin=-0.5)["reason"] == "preference_inverted"


@pytest.mark.parametrize(
    ("prompt", "chosen", "rejected", "same"),
    [
        ("Name a use of cork.", "It stops bottles.", "it stops bottles", True),
        ("蜂蜡有什么用途？", "可以做蜡烛。", "**可以做蜡烛**", True),
        ("Name a use of cork.", "It stops bottles.", "It stops wine bottles.", False),
        ("Write it in capitals: cork", "CORK", "cork", False),
        ("Write it in capitals: cork", "CORK", "CORK", True),
        ("What is 2 - 5?", "-3", "3", False),
        ("Smile!", "🙂", "🙃", False),
    ],
)
def test_replies_that_are_one_but_for_their_form(prompt: str, chosen: str, rejected: str, same: bool) -> None:
    record = Record(
        [Message("user", prompt), Message("assistant", chosen)],
        (prompt,),
        kind="preference",
        rejected=[Rejected((Message("assistant", rejected),))],
    )
    builder = RecordBuilder()
    builder.append("s:1", "s", "CC0-1.0", "human", record)
    assert same_replies(texts(builder.table()), Settings(3.0, 0.0, 0))["same_replies"].to_pylist() == [same]
