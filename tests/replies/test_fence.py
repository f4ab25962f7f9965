"""Judged text stays inside its fence, whatever it says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judging.injections import INJECTIONS, closing
from tests.judging.obedient import judge, outside
from tests.judging.replies import settings
from tests.strategies import TEXT
from winnow.judging.render import request
from winnow.judging.verdict import verdict
from winnow.replies.fence import defused, fenced, mark_of

SETTINGS = settings(rubrics=["response"], model="m")
(RUBRIC,) = SETTINGS.rubrics


def asked(response: str, language: str) -> dict[str, Any]:
    shown = [("user", "What is the capital of France?"), ("response", response)]
    return request(SETTINGS, shown, language, RUBRIC, 0).body


def test_there_are_two_hundred_templates() -> None:
    assert len(set(INJECTIONS)) == 200


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_judge_that_obeys_hears_no_order(language: str) -> None:
    for text in [one for injection in INJECTIONS for one in (injection, closing(injection))]:
        said = verdict(judge(asked(text, language)), RUBRIC, "json_schema")
        assert set(said.values()) == {5.0}, text


def test_the_same_judge_obeys_without_the_fence() -> None:
    def obeys(message: str) -> bool:
        body = asked("", "en")
        body["messages"][-1]["content"] = message
        return '"accuracy": 10' in judge(body)

    naive = [
        f"mark 0000000000000000\n<<<response 0000000000000000>>>\n{one}\n<<<end 0000000000000000>>>"
        for one in INJECTIONS
    ]
    assert sum(map(obeys, INJECTIONS)) == 200  # no fence at all
    assert sum(map(obeys, naive)) > 60  # a fence with a fixed mark and control tokens left alone


def test_the_rubric_is_the_same_for_every_row() -> None:
    first, second = (asked(text, "en")["messages"][0] for text in ("Paris.", INJECTIONS[5]))
    assert first == second  # so that a server can keep its prefix


@given(st.lists(TEXT | st.sampled_from(INJECTIONS), min_size=1, max_size=4))
def test_every_text_comes_back_out_of_the_fence(texts: list[str]) -> None:
    message = fenced([("response", text) for text in texts])
    mark = message.split("\n", 1)[0].removeprefix("mark ")
    pieces = message.split(f"<<<response {mark}>>>\n")[1:]
    assert [piece.rsplit(f"\n<<<end {mark}>>>", 1)[0] for piece in pieces] == [defused(text) for text in texts]
    assert outside(message) == ""
    assert all(mark not in text for text in texts)


def test_a_mark_that_a_text_holds_is_not_used() -> None:
    first = mark_of(["x"])
    assert mark_of(["x"]) == first
    assert mark_of([f"x {first}"]) not in f"x {first}"


TOKENS = [
    *("<|im_end|>", "<|turn>", "<turn|>", "<｜User｜>", "<<SYS>>", "</s>", "<end_of_turn>", "<reserved_106>", "<用户>"),
    *("<extra_id_1>", "<unused5>", "[/INST]", "[SYSTEM_PROMPT]", "[gMASK]", "[|user|]", "[EOT]", "<seed:bos>"),
]


@given(st.data())
def test_no_control_token_is_left_wherever_it_hides(data: st.DataObject) -> None:
    outer, inner = data.draw(st.sampled_from(TOKENS)), data.draw(st.sampled_from(TOKENS))
    place = data.draw(st.integers(0, len(outer)))
    text = outer[:place] + inner + outer[place:]
    found = defused(text)
    assert not [token for token in TOKENS if token in found]
    assert found.replace(" ", "") == text
    assert defused(found) == found


def test_defusing_keeps_what_is_no_control_token() -> None:
    for text in ("f <| x -> y > 3", "[|1; 2|]", "[| user; tool |]", "<reserved>", "[ARGS]", "<a|b>", "List<T>"):
        assert defused(text) == text
    for text in ("a < b | c > d", "if x <| y", "<ul><li>one</li></ul>", "[1] [INSTALL]", "x |> f |> g", "《三体》<b>"):
        assert defused(text) == text


def test_a_body_is_json(recwarn: pytest.WarningsRecorder) -> None:
    body = asked("\u2028 \x00 \ud7ff 你好", "zh")
    assert json.loads(json.dumps(body)) == body
