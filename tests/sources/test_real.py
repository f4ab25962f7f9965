"""Adapters on real files: how many rows they give, and that their texts come through unchanged."""

import gzip
import json
from itertools import islice

import pytest

from tests.reading.files import good
from tests.sources.real import CAPS, file_of, read
from winnow.reading.jsonfiles import read_units
from winnow.reading.registry import sniff


@pytest.mark.parametrize(
    ("adapter", "name", "count"),
    [
        ("alpaca", "alpaca/alpaca_data.json.gz", 52_002),
        ("dolly", "dolly/databricks-dolly-15k.jsonl.gz", 15_015),
        ("alpaca", "llama_factory/alpaca_en_demo.json", 999),
        ("alpaca", "llama_factory/alpaca_zh_demo.json", 1_000),
        ("alpaca", "gpteacher/codegen-instruct.json", 4_535),
    ],
)
def test_every_unit_becomes_one_row(adapter: str, name: str, count: int) -> None:
    tally, rows, _ = read(adapter, file_of(name))
    assert tally == {"units": count, "used": count, "sft": count}
    assert len(rows) == count


def test_chinese_alpaca_files_are_read_whole() -> None:
    files = sorted(file_of("alpaca_zh").glob("*.json"))
    assert len(files) == 4
    for path in files:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
        tally, rows, _ = read("alpaca", path)
        assert tally == {"units": len(values), "used": len(values), "sft": len(values)}
        assert [row.record.messages[-1].content for row in rows] == [value["output"] for value in values]


def test_texts_come_through_unchanged() -> None:
    values = json.loads(gzip.decompress(file_of("alpaca/alpaca_data.json.gz").read_bytes()))
    _, rows, _ = read("alpaca", file_of("alpaca/alpaca_data.json.gz"))
    for value, row in zip(values[::50], rows[::50], strict=True):
        record = row.record
        assert [record.messages[0].content, record.context or "", record.messages[1].content] == [
            value["instruction"],
            value["input"],
            value["output"],
        ]


def test_ranked_alpaca_rows_are_preferences() -> None:
    tally, _, _ = read("alpaca", file_of("oasst/oaast_rm_zh.json"))
    assert tally == {"units": 775, "used": 775, "preference": 775}


@pytest.mark.parametrize(
    ("name", "units", "sft", "preference", "skipped"),
    [
        ("oasst/en_100_tree.jsonl.gz", 1_167, 101, 138, {"below_worse_reply", "no_reply", "unranked", "below_skipped"}),
        (
            "oasst/en-validation.jsonl.gz",
            2_022,
            189,
            262,
            {"below_worse_reply", "no_reply", "review_rejected", "deleted", "orphan"},
        ),
    ],
)
def test_oasst_layouts_conserve(name: str, units: int, sft: int, preference: int, skipped: set[str]) -> None:
    tally, rows, left = read("oasst", file_of(name))
    assert (tally["units"], tally["sft"], tally["preference"]) == (units, sft, preference)
    assert {one.reason for one in left} == skipped
    assert all(row.record.messages[-1].role == "assistant" for row in rows)


def test_oasst_trees_and_nested_messages_are_the_same_conversations() -> None:
    one, other = (
        {
            (row.record.key, row.record.kind, tuple(row.record.messages), tuple(row.record.rejected or ()))
            for row in read("oasst", file_of(f"oasst/en_100_{layout}.jsonl.gz"))[1]
        }
        for layout in ("tree", "message")
    )
    assert one == other


@pytest.mark.parametrize(
    ("name", "units"), [("llama_factory/v1_sft_demo.jsonl", 500), ("llama_factory/reason_tool_use_demo_50.jsonl", 50)]
)
def test_parts_of_llama_factory_are_read_or_named(name: str, units: int) -> None:
    """Its text parts say ``value`` where OpenAI's say ``text``: read, or quarantined with that reason, never empty."""
    tally, rows, left = read("messages", file_of(name))
    assert tally["units"] == units
    assert all(turn.content or turn.tool_calls for row in rows for turn in row.record.messages)
    assert {one.reason for one in left} <= {"wrong_type", "not_text"}


def test_labelled_replies_are_none_to_imitate() -> None:
    tally, _, _ = read("messages", file_of("llama_factory/kto_en_demo.json"))
    assert (tally["units"], tally["unread_field"]) == (300, 300)


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        ("alpaca/alpaca_data.json.gz", "alpaca"),
        ("dolly/databricks-dolly-15k.jsonl.gz", "dolly"),
        ("oasst/en_100_tree.jsonl.gz", "oasst"),
        ("oasst/en-validation.jsonl.gz", "oasst"),
        ("llama_factory/v1_sft_demo.jsonl", "messages"),
    ],
)
def test_format_is_known_by_sight(name: str, adapter: str) -> None:
    values = [unit.value for unit in good(islice(read_units(file_of(name), "utf-8", CAPS), 20))]
    assert sniff(values)[0] == (1.0, adapter)
