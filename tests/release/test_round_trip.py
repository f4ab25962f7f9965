"""What a format has a place for comes back equal when its file is added as a source again: every format, made-up rows.

Formats without a place for the context join it to the instruction, LLaMA-Factory's have reasoning as ``<think>`` in the
text: that is what comes back from them.
"""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.release.samples import released
from winnow.reading.adapter import Row
from winnow.reading.files import read_units
from winnow.reading.registry import adapters, sniff
from winnow.reading.units import Unit
from winnow.reading.window import Caps
from winnow.records.record import Message, Record, Rejected, ToolCall
from winnow.release.formats import FORMATS

CAPS = Caps(1 << 24, 1 << 20)
WORDS = st.sampled_from(
    ["Why?", "Name a tree.", "为什么？", 'Say "so",\nor \\not.', "因为。", "Oak — yes.", "{}", "a\tb"]
)
NAMES = st.none() | st.sampled_from(["Ann", "小王"])
REASONING = st.none() | WORDS
TRAIN = st.sampled_from([None, None, True, False])
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {}}}}}


@st.composite
def exchanges(draw: st.DrawFn, tools: bool, masks: bool) -> list[Message]:
    """Draw turns that alternate and end with a reply, perhaps after the use of a tool."""
    turns = []
    for _ in range(draw(st.integers(1, 2))):
        turns.append(Message("user", draw(WORDS), name=draw(NAMES)))
        if tools and draw(st.booleans()):
            calls = (ToolCall("c1", "add", '{"a": 1}'),)
            turns.append(Message("assistant", "", draw(REASONING), calls))
            turns.append(Message("tool", "2", tool_call_id="c1", name="add"))
        turns.append(Message("assistant", draw(WORDS), draw(REASONING), train=draw(TRAIN) if masks else None))
    return turns


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a row of any kind."""
    kind = draw(st.sampled_from(["sft", "preference", "feedback"]))
    tools = draw(st.booleans())
    turns = draw(exchanges(tools, kind == "sft"))
    worse = None
    if kind == "preference":
        texts = draw(st.lists(WORDS.map("Worse: {}".format), min_size=1, max_size=2, unique=True))
        scores = draw(st.none() | st.just(0.5))
        worse = [Rejected((Message("assistant", one),), n, scores) for n, one in enumerate(texts, 1)]
    return Record(
        turns,
        ("k",),
        kind=kind,
        system=draw(st.none() | WORDS),
        context=draw(st.none() | WORDS),
        prompt_turns=len(turns) - 1,
        rejected=worse,
        margin=0.5 if worse and draw(st.booleans()) else None,
        label=draw(st.booleans()) if kind == "feedback" else None,
        tools=json.dumps([TOOL]) if tools else None,
        group=draw(st.none() | st.just("g")),
        metadata=draw(st.sampled_from([{}, {"topic": "trees", "label": "sports", "messages": [{"mood": "x"}]}])),
    )


def read_back(path: Path) -> list[Record]:
    """Read a file by the adapter that it is known by."""
    units = [unit for unit in read_units(path, "utf-8", CAPS) if isinstance(unit, Unit)]
    known = sniff([unit.value for unit in units])
    assert known[0][0] == 1.0
    assert len(known) < 2 or known[1][0] < 1.0, known
    rows = []
    for outcome in adapters()[known[0][1]].read(units, {}):
        assert isinstance(outcome, Row), outcome
        rows.append(outcome.record)
    return rows


def written(name: str, path: Path, rows: list[Record]) -> list[dict[str, Any]]:
    """Write rows in a format; return its lines without their ids, JSON in texts read."""
    FORMATS[name].fragment(released(*(row for row in rows if row.kind in FORMATS[name].KINDS)), path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    for line in lines:
        line.pop("row_id", None)
        line |= {"tools": json.loads(line["tools"])} if isinstance(line.get("tools"), str) else {}
    return lines


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"parquet"}))
@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=st.lists(records(), min_size=1, max_size=6))
def test_what_was_read_back_is_written_alike(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[Record]
) -> None:
    path = tmp_path_factory.mktemp("round") / "x.jsonl"
    lines = written(name, path, rows)
    if not lines:
        return
    again = read_back(path)
    kept = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    assert [row.parents for row in again] == [[one["row_id"]] if "row_id" in one else [] for one in kept]
    assert written(name, path.with_name("y.jsonl"), again) == lines


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=st.lists(records(), min_size=1, max_size=6))
def test_parquet_loses_nothing(tmp_path_factory: pytest.TempPathFactory, rows: list[Record]) -> None:
    path = tmp_path_factory.mktemp("round") / "x.parquet"
    FORMATS["parquet"].fragment(released(*rows), path)
    for number, (old, new) in enumerate(zip(rows, read_back(path), strict=True)):
        changed = {"key": f"s:{number}", "parents": [f"s:{number}"], "license": "CC0-1.0", "origin": "human"}
        assert asdict(new) == {**asdict(old), **changed, "key_text": new.key_text}


def test_a_name_that_a_format_has_no_place_for_is_counted(tmp_path: Path) -> None:
    row = Record([Message("user", "Hi", name="Ann"), Message("assistant", "Hello")], ("k",))
    for name in ("sharegpt", "alpaca"):
        left_out: Counter[str] = Counter()
        assert FORMATS[name].fragment(released(row), tmp_path / name, left_out) == 0
        assert left_out == {"name": 1}
