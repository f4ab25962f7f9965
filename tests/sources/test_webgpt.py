"""The adapter ``webgpt``: its native units, which anyone can add to (tests/cases/webgpt_units.json)."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.sources.test_mutations import convert
from tests.sources.test_real import DATA, file_of, read
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {
        "question": {"dataset": "d", "id": "q", "full_text": "What is a winnow?"},
        "quotes_0": {"title": ["Farm"], "extract": ["A fan."]},
        "answer_0": "A fan [1].",
        "tokens_0": {"prefix": [1], "completion": [2]},
        "score_0": -0.5,
        "quotes_1": [{"title": "Bird", "extract": "A wing."}],
        "answer_1": "A bird.",
        "tokens_1": {"prefix": [3], "completion": [4]},
        "score_1": 0.5,
    }
]


@pytest.mark.parametrize("case", params("webgpt"))
def test_unit(case):
    check("webgpt", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("webgpt") == {case["reason"] for case in load("webgpt") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "webgpt")]
    assert adapters()["webgpt"].sniff([]) == 0.0


def test_both_layouts_are_known_by_sight():
    half = {"question": {}, "answer": "a", "score": 0}
    assert [adapters()["webgpt"].sniff([pair]) for pair in ([half, half], [half], [half, "a"])] == [1.0, 0.0, 0.0]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, webgpt=UNITS):
        units = data.draw(st.lists(mutated("webgpt"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("webgpt", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_real_excerpt_has_no_scores():
    """No file of real rows could be had; the transcribed one lacks scores and must not be given any."""
    tally, _, left = read("webgpt", file_of("webgpt/first-row.partial.json"))
    assert tally == {"units": 1, "missing_field": 1}
    assert left[0].detail == "there is no 'score_0'"
