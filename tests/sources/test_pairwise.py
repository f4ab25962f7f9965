"""The adapter ``pairwise``: its native units, which anyone can add to (tests/cases/pairwise_units.json)."""

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
    {"instruction": "a", "output_1": "b", "output_2": "c", "preference": 1.25, "generator_1": "m", "generator_2": "n"},
    {
        "idx": 0,
        "instruction": "a",
        "input": "i",
        "response1": "b",
        "response2": "c",
        "annotator1": 2,
        "annotator2": 0,
        "annotator3": 2,
    },
    {"question": "a", "answer1": "b", "answer2": "c", "score": [8.5, 9]},
]


@pytest.mark.parametrize("case", params("pairwise"))
def test_unit(case):
    check("pairwise", case)


def test_every_reason_has_a_case():
    shown = {case["reason"] for case in load("pairwise") if "reason" in case}
    assert reasons_in_code("pairwise") <= shown


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "pairwise")]
    assert adapters()["pairwise"].sniff([]) == 0.0


def test_reviews_without_the_texts_are_not_its_own():
    assert adapters()["pairwise"].sniff([{"answer1_id": "a", "answer2_id": "b", "score": [1, 2]}]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, pairwise=UNITS):
        units = data.draw(st.lists(mutated("pairwise"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("pairwise", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_real_votes():
    """Six rows of the file have a reply that is JSON true; no row has three different votes."""
    path = file_of("pandalm/testset-v1.json")
    tally, rows, left = read("pairwise", path)
    assert tally == {"units": 999, "used": 993, "preference": 993, "wrong_type": 6}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "pairwise")]
    assert [one.unit.value["idx"] for one in left] == [
        value["idx"] for value in values if True in (value["response1"], value["response2"])
    ]
    by_key = {str(value["idx"]): value for value in values}
    ties = 0
    for row in rows:
        record = row.record
        value = by_key[record.key]
        votes = [value[f"annotator{n}"] for n in (1, 2, 3)]
        better = 2 if votes.count(2) >= 2 else 1
        ties += record.margin == 0
        assert (record.margin == 0) == (votes.count(0) >= 2)
        assert record.messages[-1].content == value[f"response{better}"]
        assert record.rejected[0].messages[0].content == value[f"response{3 - better}"]
    assert ties == 105
