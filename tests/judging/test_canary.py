"""Canaries tell when a model behind the same name has changed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.judging.replies import ledger, reply, settings
from winnow.judging.canary import canaries
from winnow.judging.stage import JUDGE
from winnow.replies.numbers import canary_numbers
from winnow.replies.stage import Canary

ALL = settings(rubrics=["instruction", "response", "pair", "comparison", "tags"], model="m")
RESPONSE = settings(rubrics=["response"], model="m")


def said(accuracy: int, others: int = 8) -> str:
    return json.dumps(
        {"reason": "", "accuracy": accuracy, "completeness": others, "fluency": others, "helpfulness": others}
    )


def named(session: int, name: str) -> Canary:
    return next(one for one in canaries(RESPONSE, session) if one.name == f"response/{name}")


def test_every_rubric_has_canaries_and_each_session_its_own_keys() -> None:
    first, second = canaries(ALL, 0), canaries(ALL, 1)
    assert {one.name.split("/")[0] for one in first} == {rubric.name for rubric in ALL.rubrics}
    keys = [one.request.key for one in first + second]
    assert len(set(keys)) == len(keys)
    assert [one.request.body for one in first] == [one.request.body for one in second]


def test_a_verdict_outside_what_is_known_is_named() -> None:
    wrong = named(0, "wrong_sum")
    assert wrong.problem(said(2), None) is None
    assert wrong.problem(said(9), None) == (
        "canary wrong_sum of data/rubrics/response.yaml: accuracy is 9 and is known to lie in 1-4"
    )
    assert "no verdict (out_of_range)" in (wrong.problem(said(11), None) or "")


def test_a_verdict_far_from_the_first_session_is_named() -> None:
    right = named(3, "right_sum")
    assert right.problem(said(9, 7), said(9, 9)) is None
    problem = right.problem(said(9, 7), said(9, 10))
    assert problem is not None
    assert problem.endswith("completeness was 10 in the first session and is 7 now")


@pytest.mark.parametrize(("verdicts", "ok"), [("AB", True), ("AA", False), ("BA", False), ("tt", False)])
def test_a_comparison_must_find_the_better_reply_in_both_orders(verdicts: str, ok: bool) -> None:
    both = [one for one in canaries(ALL, 0) if one.name == "comparison/wrong_sum_loses"]
    replies = [json.dumps({"reason": "", "verdict": {"t": "tie"}.get(one, one)}) for one in verdicts]
    assert all(one.problem(text, None) is None for one, text in zip(both, replies, strict=True)) is ok


def test_a_canary_shows_what_rows_show() -> None:
    rubric = replace(RESPONSE.rubrics[0], shows=("response",))
    (first, *_) = canaries(replace(RESPONSE, rubrics=(rubric,)), 0)
    assert "<<<response " in first.request.body["messages"][1]["content"]
    assert "<<<user " not in first.request.body["messages"][1]["content"]


def test_sessions_are_counted_from_the_ledger(tmp_path: Path) -> None:
    replies = []
    for session, accuracy in ((0, {}), (1, {"wrong_sum": 9})):
        for one in canaries(RESPONSE, session):
            known = next(k for k in RESPONSE.rubrics[0].canaries if one.name == f"response/{k.name}")
            score = accuracy.get(known.name, known.expect["accuracy"][0])
            replies.append(reply(one.request.key, said(score)))
    found = ledger(tmp_path, replies)
    assert canary_numbers(JUDGE, RESPONSE, found) == {"sessions": 2, "replies": 8, "off": 1}
    assert canary_numbers(JUDGE, RESPONSE, ledger(tmp_path / "none", [])) == {}
