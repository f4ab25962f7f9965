"""The adapter ``flan``: its native units, which anyone can add to (tests/cases/flan_units.json)."""

import gzip
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reading.adapter import Row
from stages.reading.files import read_units
from stages.reading.registry import adapters, sniff
from stages.reading.units import BadUnit
from tests.sources.cases import check, load, params, reasons_in_code
from tests.sources.test_mutations import convert
from tests.sources.test_real import CAPS, DATA, file_of
from tests.strategies import NATIVE, mutated

UNITS: list[dict[str, Any]] = [
    {"inputs": "Is ice cold?", "targets": "yes", "task_name": "t", "template_type": "zs_opt"},
    {"0": "Is ice cold?\\nOptions:", "1": "yes", "2": "Ice is frozen."},
]


@pytest.mark.parametrize("case", params("flan"))
def test_unit(case):
    check("flan", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("flan") == {case["reason"] for case in load("flan") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "flan")]
    assert adapters()["flan"].sniff([]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, flan=UNITS):
        units = data.draw(st.lists(mutated("flan"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("flan", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("creak_train.tsv", 6_915),
        ("ecqa_train.tsv", 7_112),
        ("strategyqa_train.tsv", 2_061),
        ("gsm8k_train.tsv.gz", 7_473),
    ],
)
def test_real_chains_of_thought(name, count):
    path = file_of(f"flan/cot_data/{name}")
    adapter = adapters()["flan"]
    units = list(read_units(path, "utf-8", CAPS, adapter.header))
    assert not any(isinstance(unit, BadUnit) for unit in units)
    assert sniff([unit.value for unit in units[:20]]) == [(1.0, "flan")]
    outcomes = list(adapter.read(units, {}))
    assert len(outcomes) == len(units) == count
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n")
    for outcome, line in zip(outcomes, lines, strict=False):
        assert isinstance(outcome, Row)
        question, answer = outcome.record.messages
        assert answer.reasoning
        assert "\t".join([question.content, answer.content, answer.reasoning]).replace("\n", "\\n") == line
