"""The adapter ``preference``: its native units, which anyone can add to (tests/cases/preference_units.json)."""

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
        "conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "a"}],
        "chosen": {"from": "gpt", "value": "b"},
        "rejected": {"from": "function_call", "value": '{"name": "f", "arguments": {}}'},
        "score_chosen": 2,
        "score_rejected": 1.5,
    },
    {
        "instruction": "续写",
        "input": "春天",
        "history": [["a", "b"]],
        "chosen": "来了",
        "rejected": "走了",
        "margin": 1,
    },
    {"prompt": [{"role": "user", "content": "a"}], "chosen": "b", "rejected": [{"role": "assistant", "content": "c"}]},
    {
        "prompt": "a",
        "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        "rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}],
    },
    {
        "chosen_messages": [
            {"role": "user", "content": [{"type": "text", "value": "a"}], "loss_weight": 0.0},
            {"role": "assistant", "content": [{"type": "text", "value": "b"}], "loss_weight": 1.0},
        ],
        "rejected_messages": [
            {"role": "user", "content": [{"type": "text", "value": "a"}], "loss_weight": 0.0},
            {"role": "assistant", "content": [{"type": "text", "value": "c"}], "loss_weight": 1.0},
        ],
    },
]


@pytest.mark.parametrize("case", params("preference"))
def test_unit(case):
    check("preference", case)


def test_every_reason_has_a_case():
    shown = {case["reason"] for case in load("preference") if "reason" in case}
    assert reasons_in_code("preference") <= shown


def test_its_units_are_known_by_sight():
    assert sniff(UNITS) == [(1.0, "preference")]
    assert adapters()["preference"].sniff([]) == 0.0


def test_two_texts_without_a_prompt_are_not_its_own():
    assert adapters()["preference"].sniff([{"chosen": "a b", "rejected": "a c"}, {"prompt": "a"}]) == 0.0


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, data):
    with patch.dict(NATIVE, preference=UNITS):
        units = data.draw(st.lists(mutated("preference"), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert("preference", path)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
@pytest.mark.parametrize("name", ["dpo_en_demo.json", "dpo_zh_demo.json"])
def test_real_pairs(name):
    path = file_of(f"llama_factory/{name}")
    tally, rows, _ = read("preference", path)
    assert tally == {"units": 300, "used": 300, "preference": 300}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "preference")]
    for value, row in zip(values, rows, strict=True):
        record = row.record
        assert record.rejected is not None
        told = [*([record.system] if record.system else []), *(turn.content for turn in record.messages)]
        assert told == [turn["value"] for turn in [*value["conversations"], value["chosen"]]]
        assert [turn.content for turn in record.rejected[0].messages] == [value["rejected"]["value"]]
        assert record.prompt_turns == len(record.messages) - 1


@pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_real_pairs_of_whole_conversations():
    tally, rows, _ = read("preference", file_of("llama_factory/v1_dpo_demo.jsonl"))
    assert tally == {"units": 10, "used": 10, "preference": 10}
    assert all(row.record.system and row.record.prompt_turns == 1 and not row.record.metadata for row in rows)
