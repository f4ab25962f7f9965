"""The adapter ``preference`` beyond its table of cases."""

import json

import pytest

from tests.sources.real import file_of, read
from winnow.reading.registry import adapters, sniff


def test_two_texts_without_a_prompt_are_not_its_own() -> None:
    assert adapters()["preference"].sniff([{"chosen": "a b", "rejected": "a c"}, {"prompt": "a"}]) == 0.0


@pytest.mark.parametrize("name", ["dpo_en_demo.json", "dpo_zh_demo.json"])
def test_real_pairs(name: str) -> None:
    path = file_of(f"llama_factory/{name}")
    tally, rows, _ = read("preference", path)
    assert tally == {"units": 300, "used": 300, "preference": 300}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "preference")]
    for value, row in zip(values, rows, strict=True):
        record = row.record
        assert record.rejected is not None
        texts = [*([record.system] if record.system else []), *(turn.content for turn in record.messages)]
        assert texts == [turn["value"] for turn in [*value["conversations"], value["chosen"]]]
        assert [turn.content for turn in record.rejected[0].messages] == [value["rejected"]["value"]]
        assert record.prompt_turns == len(record.messages) - 1


def test_real_pairs_of_whole_conversations() -> None:
    tally, rows, _ = read("preference", file_of("llama_factory/v1_dpo_demo.jsonl"))
    assert tally == {"units": 10, "used": 10, "preference": 10}
    assert all(row.record.system and row.record.prompt_turns == 1 and not row.record.metadata for row in rows)
