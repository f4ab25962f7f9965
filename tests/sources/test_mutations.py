"""No native unit, however mutated, and no file, however damaged, gives anything but records, reasons or a sentence."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.harness.errors import UserError
from stages.reading.adapter import Row
from stages.reading.jsonfiles import Caps, read_units
from stages.reading.registry import adapters
from stages.reading.units import BadUnit
from stages.records.build import RecordBuilder
from stages.records.record import canonical_json
from stages.records.schema import RECORDS
from stages.records.views import instruction, response
from stages.storage.parquet import read_table, write_table
from tests.reading.files import packed
from tests.strategies import NATIVE, mutated

CAPS = Caps(1 << 24, 1 << 20)


def convert(name: str, path) -> None:
    """Read a file as the stage does; what it gives must be stored and read back, and every unit be accounted for."""
    adapter, total, told = adapters()[name], 0, 0
    units = []
    for unit in read_units(path, "utf-8", CAPS):
        if isinstance(unit, BadUnit):
            assert unit.reason
            assert unit.detail
            unit.raw.encode()
        else:
            units += adapter.expand(unit)
    total = len(units)
    builder, records = RecordBuilder(), []
    for outcome in adapter.read(units, {}):
        if isinstance(outcome, Row):
            told += outcome.fresh
            builder.append(f"s:{outcome.record.key}", "s", "CC0-1.0", "human", outcome.record)
            "\x1f".join(outcome.record.key_text).encode()
            records.append(outcome.record)
        else:
            told += 1
            assert outcome.outcome in ("quarantined", "skipped")
            assert outcome.reason
            f"{outcome.detail}{outcome.unit.raw}".encode()
    assert told == total
    table = builder.table()
    target = path.parent / "part-000.parquet"
    write_table(target, table, RECORDS)
    again = read_table(target)
    assert again.equals(table)
    for row, record in zip(again.to_pylist(), records, strict=True):
        assert [turn["content"] for turn in row["messages"]] == [turn.content for turn in record.messages]
        assert row["messages"][-1]["role"] == "assistant"
        assert 0 <= row["prompt_turns"] < len(row["messages"])
        assert canonical_json(json.loads(row["metadata"])) == row["metadata"]
    if records:
        assert instruction(again).null_count == response(again).null_count == 0


@pytest.mark.parametrize("name", sorted(NATIVE))
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_mutated_unit(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("units") / "x.jsonl"
    units = data.draw(st.lists(mutated(name), min_size=1, max_size=3))
    path.write_text("".join(json.dumps(unit) + "\n" for unit in units), encoding="utf-8")
    convert(name, path)


@pytest.mark.parametrize("name", sorted(NATIVE))
@settings(max_examples=200, deadline=None)
@given(
    layout=st.sampled_from(["jsonl", "array", "pretty"]),
    suffix=st.sampled_from(["", "", ".gz", ".zst"]),
    edits=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 4), st.binary(max_size=4)), min_size=1, max_size=3),
)
def test_damaged_file(tmp_path_factory, name, layout, suffix, edits):
    rows = NATIVE[name] * 2
    if layout == "jsonl":
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    else:
        data = json.dumps(rows, indent=1 if layout == "pretty" else None).encode()
    data = packed(data, suffix)
    for at, length, new in edits:
        at %= len(data) + 1
        data = data[:at] + new + data[at + length :]
    path = tmp_path_factory.mktemp("bytes") / f"x.json{suffix}"
    path.write_bytes(data)
    sentence = None
    try:
        convert(name, path)
    except UserError as error:
        sentence = str(error)
    assert sentence is None or (path.name in sentence and "\n" not in sentence)
