"""Rows of one prompt with rated replies become preference rows of the release, and stay SFT rows as they were."""

import json
from typing import Any

import pyarrow as pa

from tests.conftest import Clone
from winnow.storage.parquet import read_table
from winnow.text.lengths import characters, cjk_characters, latin_equivalent


def length(text: str) -> float:
    """Return the length that `prefer` ranks by: a CJK character counts as three Latin ones."""
    column = pa.array([text])
    return float(latin_equivalent(characters(column), cjk_characters(column), 3.0)[0])


def lines(clone: Clone, name: str) -> list[dict[str, Any]]:
    files = sorted((clone.folder / "data" / "export" / name).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_rated_replies_to_one_prompt_become_a_pair(clone: Clone) -> None:
    before = lines(clone, "messages")
    clone.params("  same_prompt: keep_all", "  same_prompt: pairs")
    clone.params("  prefer: []", "  prefer: [response_length]")
    clone.params("formats: [parquet, messages]", "formats: [parquet, messages, preference]")
    clone.stages(
        "deduplicate", "decontaminate", "judge", "score", "novelty", "accept", "split", "mix", "index", "export"
    )
    decided = [
        row
        for file in sorted((clone.folder / "data" / "deduplicate").glob("*.parquet"))
        for row in read_table(file).to_pylist()
        if row["detail"] == "rejected"
    ]
    assert decided
    chosen = {row["other_row_id"] for row in decided}
    released = [
        row
        for file in sorted((clone.folder / "data" / "export" / "parquet").glob("*.parquet"))
        for row in read_table(file).to_pylist()
    ]
    pairs = {row["row_id"]: row for row in released if row["row_id"] in chosen}
    assert pairs
    assert not {row["row_id"] for row in decided} & {row["row_id"] for row in released}
    for row in pairs.values():
        assert row["kind"] == "preference"
        worse = [one["messages"][-1]["content"] for one in row["rejected"]]
        lengths = [length(text) for text in (row["messages"][-1]["content"], *worse)]
        assert lengths == sorted(lengths, reverse=True)  # the longest is chosen, the rest stand best first
        assert lengths[0] > lengths[1]
        assert row["messages"][-1]["content"] not in worse
    preferred = [one["chosen"][-1]["content"] for one in lines(clone, "preference")]
    taught = [one["messages"][-1]["content"] for one in lines(clone, "messages")]
    for row in pairs.values():
        assert row["messages"][-1]["content"] in preferred
        assert row["messages"][-1]["content"] in taught
    assert len(taught) == len(before) - len(decided)
