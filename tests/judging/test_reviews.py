"""Pairwise judging on published reviews: what comes out is what their files say."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.judging.replies import answered, ledger, replayed, row, settings, table
from winnow.judging.render import Asked
from winnow.judging.rubric_file import load
from winnow.judging.settings import Settings

DATA = Path(os.environ.get("WINNOW_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")

FASTCHAT = """
kind: comparison
reply: two_scores
orders: given
task:
  en: Grade the helpfulness, relevance, accuracy and detail of the replies A and B.
"""


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / path).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def fastchat(tmp_path: Path) -> Settings:
    (tmp_path / "fastchat.yaml").write_text(FASTCHAT)
    return replace(settings(model="gpt-4"), rubrics=(load("fastchat", tmp_path),))


def test_the_vicuna_review_says_what_its_file_says(tmp_path: Path, fastchat: Settings) -> None:
    questions = {one["question_id"]: one["turns"][0] for one in lines("benchmarks/vicuna_bench/question.jsonl")}
    first, second = (
        {one["question_id"]: one["text"] for one in lines(f"vicuna/{name}.jsonl")}
        for name in ("answer_gpt35", "answer_vicuna-13b")
    )
    reviews = lines("vicuna/review_gpt35_vicuna-13b.jsonl")
    ids = [one["question_id"] for one in reviews]
    rows = table(row(questions.get(at) or questions[int(at)], first[at], second[at]) for at in ids)
    texts = dict(zip(rows["row_id"].to_pylist(), (one["text"] for one in reviews), strict=True))
    replies = answered(rows, fastchat, lambda found, asked: texts[found["row_id"]])
    assert len(replies) == 80
    facts, pending, counts = replayed(rows, fastchat, ledger(tmp_path, replies))
    value = {(one["row_id"], one["criterion"]): one["value"] for one in facts.to_pylist()}
    scores = [[value[row_id, "chosen"], value[row_id, "rejected"]] for row_id in rows["row_id"].to_pylist()]
    assert scores == [one["score"] for one in reviews]
    assert (len(pending), counts["requests", "fastchat", "ok"]) == (0, 80)
    wins = Counter((a > b) - (a < b) for a, b in (one["score"] for one in reviews))
    assert Counter(value[row_id, "preferred"] for row_id in rows["row_id"].to_pylist()) == wins


def test_pandalm_votes_as_two_orders(tmp_path: Path) -> None:
    items = json.loads((DATA / "pandalm/testset-v1.json").read_text(encoding="utf-8"))
    items = [one for one in items if True not in (one["response1"], one["response2"])]  # six replies are JSON true

    def question(one: Any) -> tuple[Any, ...]:
        return one["instruction"], one["input"], frozenset((one["response1"], one["response2"]))

    # the same two replies to the same prompt are one question, which has one answer
    asked_once = Counter(map(question, items))
    items = [one for one in items if asked_once[question(one)] == 1 and one["response1"] != one["response2"]]
    assert len(items) > 700
    found = settings(rubrics=["comparison"], model="m")
    rows = table(
        row(one["instruction"], one["response1"], one["response2"], context=one["input"] or None) for one in items
    )
    of_row = dict(zip(rows["row_id"].to_pylist(), items, strict=True))

    def say(shown: Any, asked: Asked) -> str:
        """Give the first annotator's vote in the one order, the second's in the other."""
        vote = of_row[shown["row_id"]]["annotator2" if asked.swapped else "annotator1"]
        letters = {0: "tie", 1: "B" if asked.swapped else "A", 2: "A" if asked.swapped else "B"}
        return json.dumps({"reason": "", "verdict": letters[vote]})

    facts, _, counts = replayed(rows, found, ledger(tmp_path, answered(rows, found, say)))
    labels = dict(zip(facts["row_id"].to_pylist(), facts["label"].to_pylist(), strict=True))
    sign = {0: "tie", 1: "chosen", 2: "rejected"}
    for row_id, one in of_row.items():
        agreed = one["annotator1"] == one["annotator2"]
        assert labels[row_id] == (sign[one["annotator1"]] if agreed else "tie")
    assert counts["disagree", "comparison"] == sum(one["annotator1"] != one["annotator2"] for one in items)
