"""From replies to facts: means, spreads, preferences, and what is missing."""

import json
import math
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.judging.replies import answered, ledger, replayed, reply, requests, row, table
from tests.judging.replies import settings as settings_of
from winnow.judging.render import Asked
from winnow.judging.rubric_file import load
from winnow.judging.settings import Settings
from winnow.judging.stage import JUDGE
from winnow.ledger.ledger import Ledger
from winnow.replies.numbers import headline, plots

ROWS = table([row("What is 2 + 2?", "4"), row("Name a river.", "The Nile.", "Mount Everest.")])


def made(**group: Any) -> Settings:
    return settings_of(**{"rubrics": ["pair"], "model": "m", **group})


def judged(rows: pa.Table, found: Settings, replies: Ledger) -> dict[tuple[str, str], dict[str, Any]]:
    facts, _, _ = replayed(rows, found, replies)
    return {(one["row_id"], f"{one['rubric']}.{one['criterion']}"): one for one in facts.to_pylist()}


def pair(relevance: int, adherence: int, style: int) -> str:
    return json.dumps({"reason": "So.", "relevance": relevance, "adherence": adherence, "style": style})


def test_scores_are_means_and_spreads_over_samples(tmp_path: Path) -> None:
    found = made(samples=3, temperature=0.7)
    said = {0: pair(4, 9, 1), 1: pair(6, 9, 2), 2: pair(8, 9, 2)}
    facts = judged(ROWS, found, ledger(tmp_path, answered(ROWS, found, lambda row, asked: said[asked.sample])))
    relevance = facts["s:000", "pair.relevance"]
    assert (relevance["value"], relevance["spread"], relevance["samples"]) == (6.0, 4.0, 3)
    assert facts["s:000", "pair.adherence"]["spread"] == 0.0
    assert facts["s:001", "pair.style"]["value"] == pytest.approx(5 / 3, abs=1e-6)
    assert facts["s:000", "pair.overall"]["value"] == pytest.approx((4 + 9 + 1 + 6 + 9 + 2 + 8 + 9 + 2) / 9, abs=1e-6)


def test_what_is_missing_or_no_verdict_is_counted_and_never_guessed(tmp_path: Path) -> None:
    found = made(samples=3, temperature=1.0)
    keys = {(one["row_id"], asked.sample): asked.request.key for one, asked in requests(ROWS, found)}
    replies = [
        reply(keys["s:000", 0], pair(8, 8, 8)),
        reply(keys["s:000", 1], pair(11, 8, 8)),
        reply(keys["s:001", 0], '{"reason": "cut', "cut"),
        reply(keys["s:001", 1], "", "empty"),
        reply(keys["s:001", 2], "I cannot judge that.", "refused"),
    ]
    facts, pending, counts = replayed(ROWS, found, ledger(tmp_path, replies))
    by_row = {one["row_id"]: one for one in facts.to_pylist() if one["criterion"] == "style"}
    first, second = by_row["s:000"], by_row["s:001"]
    assert (first["value"], first["samples"], first["pending"], first["unusable"]) == (8.0, 1, 1, 1)
    assert (second["value"], second["samples"], second["pending"], second["unusable"]) == (None, 0, 0, 3)
    assert pending.to_pylist() == [{"row_id": "s:000", "rubric": "pair", "sample": 2, "key": keys["s:000", 2]}]
    outcomes = {key[2]: number for key, number in counts.items() if key[0] == "requests"}
    assert outcomes == {"ok": 1, "out_of_range": 1, "pending": 1, "cut": 1, "empty": 1, "refused": 1}
    numbers = headline(counts, {})
    assert numbers["requests"] == {"used": 1, "pending": 1, "unusable": 4}


VOTES = {"A": 1, "B": -1, "tie": 0}


@pytest.mark.parametrize("first", VOTES)
@pytest.mark.parametrize("second", VOTES)
def test_orders_that_disagree_are_a_tie(tmp_path: Path, first: str, second: str) -> None:
    found = made(rubrics=["comparison"])
    said = {False: first, True: second}
    replies = answered(ROWS, found, lambda row, asked: json.dumps({"reason": "", "verdict": said[asked.swapped]}))
    assert len(replies) == 2  # the preference row in both orders, nothing about the other
    facts = judged(ROWS, found, ledger(tmp_path, replies))["s:001", "comparison.preferred"]
    votes = (VOTES[first], -VOTES[second])
    expected = votes[0] if votes[0] == votes[1] else 0
    assert (facts["value"], facts["label"]) == (expected, {1: "chosen", 0: "tie", -1: "rejected"}[expected])
    assert facts["spread"] == abs(votes[0] - votes[1])
    assert (facts["samples"], facts["pending"]) == (1, 0)


def test_one_order_alone_is_no_preference(tmp_path: Path) -> None:
    found = made(rubrics=["comparison"])
    (_, asked), _ = requests(ROWS, found)
    facts = judged(ROWS, found, ledger(tmp_path, [reply(asked.request.key, '{"reason": "", "verdict": "A"}')]))
    one = facts["s:001", "comparison.preferred"]
    assert (one["value"], one["label"], one["samples"], one["pending"]) == (None, None, 0, 1)


def test_the_swapped_request_shows_the_replies_swapped() -> None:
    (_, first), (_, second) = requests(ROWS, made(rubrics=["comparison"]))
    texts = [asked.request.body["messages"][1]["content"] for asked in (first, second)]
    assert [text.index("Nile") < text.index("Everest") for text in texts] == [True, False]
    assert first.request.key != second.request.key


def test_labels_go_by_most_votes(tmp_path: Path) -> None:
    found = made(rubrics=["tags"], samples=3, temperature=1.0)
    tasks = ["code", "reasoning", "reasoning"]

    def say(row: Any, asked: Asked) -> str:
        return json.dumps({"reason": "", "task": tasks[asked.sample], "domain": "general", "difficulty": "analysis"})

    facts = judged(ROWS, found, ledger(tmp_path, answered(ROWS, found, say)))
    task = facts["s:000", "tags.task"]
    assert (task["label"], task["samples"], task["spread"]) == ("reasoning", 3, 1.0)
    assert task["value"] == pytest.approx(2 / 3, abs=1e-6)  # the share of the votes
    assert (facts["s:000", "tags.domain"]["label"], facts["s:000", "tags.domain"]["value"]) == ("general", 1.0)


def test_a_row_that_is_too_long_is_not_asked_about(tmp_path: Path) -> None:
    found = made(max_chars=20)
    rows = table([row("Hi.", "Hello."), row("Hi.", "x" * 30)])
    facts, pending, counts = replayed(rows, found, ledger(tmp_path, []))
    assert pending["row_id"].to_pylist() == ["s:000"]
    assert counts["requests", "pair", "too_long"] == 1
    assert {one["row_id"]: one["unusable"] for one in facts.to_pylist()} == {"s:000": 0, "s:001": 1}


def test_every_setting_that_changes_the_question_changes_the_key() -> None:
    def keys(**group: Any) -> set[str]:
        return {asked.request.key for _, asked in requests(ROWS, made(**group))}

    base = keys()
    changes: list[dict[str, Any]] = [
        {"model": "n"},
        {"temperature": 0.5},
        {"max_tokens": 9},
        {"form": "text"},
        {"extra": {"top_p": 0.9}},
    ]
    changes += [{"rubrics": ["response"]}]
    assert all(not base & keys(**change) for change in changes)
    for change in ({"rows": "all"}, {"share": 0.5}, {"answers_as": "x"}, {"max_chars": 9999}):
        assert keys(**change) == base  # which rows are asked about is not part of the question
    assert not base & keys(samples=2, temperature=0.5)


def test_a_reference_is_shown_where_a_source_has_one() -> None:
    rows = table([row("Sum?", "84", metadata={"reference": ["It is 84.", "84."]}), row("Sum?", "85")])
    shown = [asked.request.body["messages"][1]["content"] for _, asked in requests(rows, made(rubrics=["response"]))]
    assert ["It is 84." in text for text in shown] == [True, False]


def test_a_chinese_row_is_asked_about_in_chinese() -> None:
    english, chinese = (requests(ROWS, made(), language)[0][1].request.body["messages"] for language in ("fr", "zh"))
    assert "You grade" in english[0]["content"]
    assert "你要评判" in chinese[0]["content"]


@hypothesis_settings(max_examples=30)
@given(st.lists(st.integers(1, 10), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_replies_changes_nothing(scores: list[int], random: Random) -> None:
    found = made(samples=len(scores), temperature=1.0)
    replies = answered(ROWS, found, lambda row, asked: pair(scores[asked.sample], 5, 5))
    with TemporaryDirectory() as folder:
        first, _, counts = replayed(ROWS, found, ledger(Path(folder, "a"), replies))
        random.shuffle(replies)
        again, _, _ = replayed(ROWS, found, ledger(Path(folder, "b"), replies))
    assert first == again
    value = first.filter(pc.equal(first["criterion"], "relevance"))["value"][0].as_py()
    assert math.isclose(value, sum(scores) / len(scores), abs_tol=1e-6)
    assert sum(number for *_, number in plots(JUDGE, counts)["requests"][1]) == 2 * len(scores)


def test_two_scores_count_where_both_orders_were_answered(tmp_path: Path) -> None:
    (tmp_path / "both.yaml").write_text("kind: comparison\nreply: two_scores\ntask: {en: Which is better?}\n")
    found = replace(settings_of(model="m", samples=2, temperature=1.0), rubrics=(load("both", tmp_path),))
    asked = [one for _, one in requests(ROWS, found)]
    texts = {(0, False): "9 4", (0, True): "5 8", (1, False): "10 10"}
    replies = [reply(one.request.key, texts[key]) for one in asked if (key := (one.sample, one.swapped)) in texts]
    facts = judged(ROWS, found, ledger(tmp_path, replies))
    values = [facts["s:001", f"both.{name}"]["value"] for name in ("chosen", "rejected", "preferred")]
    assert values == [8.5, 4.5, 1.0]
    assert facts["s:001", "both.preferred"]["pending"] == 1
