"""The adapter ``hh_rlhf``: its native units, which anyone can add to (tests/cases/hh_rlhf_units.json)."""

import gzip
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
        "chosen": "\n\nHuman: Name a tree.\n\nAssistant: Oak.\n\nHuman: More\n\nAssistant: Elm.",
        "rejected": "\n\nHuman: Name a tree.\n\nAssistant: No.\n\nHuman: 再\n\nAssistant:",
    }
]


@pytest.mark.parametrize("case", params("hh_rlhf"))
def test_unit(case):
    check("hh_rlhf", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("hh_rlhf") == {case["reason"] for case in load("hh_rlhf") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "hh_rlhf")]
    assert adapters()["hh_rlhf"].sniff([]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, hh_rlhf=UNITS):
        units = data.draw(st.lists(mutated("hh_rlhf"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("hh_rlhf", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_real_pairs():
    """Nine real transcripts hold two turns of the Assistant in a row; each other pair parts at its last reply."""
    path = file_of("hh_rlhf/harmless-base/test.jsonl.gz")
    tally, rows, left = read("hh_rlhf", path)
    assert tally == {"units": 2_312, "used": 2_303, "preference": 2_303, "wrong_order": 9}
    assert len(left) == 9
    values = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    whole = {(value["chosen"], value["rejected"]) for value in values}
    names = {"user": "Human", "assistant": "Assistant"}
    for row in rows:
        record = row.record
        assert record.rejected is not None
        assert record.prompt_turns == len(record.messages) - 1
        prompt, worse = record.messages[: record.prompt_turns], record.rejected[0].messages
        both = tuple(
            "".join(f"\n\n{names[turn.role]}: {turn.content}" for turn in turns)
            for turns in (record.messages, [*prompt, *worse])
        )
        assert both in whole
    assert sum(not row.record.messages[-1].content for row in rows) == 4
