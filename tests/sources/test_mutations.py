"""No native unit, however mutated, and no file, however damaged, gives anything but records, reasons or a sentence."""

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native import OPTIONS, TABLES
from tests.reading.files import packed
from tests.strategies import HUGE, mutated, native
from winnow.harness.errors import UserError
from winnow.reading.collect import FileTask, collect
from winnow.reading.entries import Entry, entries
from winnow.reading.registry import adapters, sniff
from winnow.reading.settle import BucketTask, settle
from winnow.reading.tally import Tally
from winnow.reading.window import Caps
from winnow.records.record import canonical_json
from winnow.records.views import instruction, response
from winnow.storage.buckets import part
from winnow.storage.parquet import read_table

CAPS = Caps(1 << 24, len(HUGE))
EDITS = st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 4), st.binary(max_size=4)), max_size=2)
CASES = int(os.environ.get("WINNOW_FUZZ", "70"))
"""Files for each adapter; ``make fuzz`` asks for 20,000 in all."""

_number = count()


def normalized(name: str, path: Path) -> tuple[Tally, pa.Table, pa.Table]:
    """Read one file as the stage does; return the tally, the records and what was left out."""
    (entry,) = entries({"s": {"adapter": name, "path": "x", "license": "CC0-1.0", **OPTIONS.get(name, {})}})
    return normalized_entry(entry, path, path.parent)


def normalized_entry(entry: Entry, path: Path, out: Path) -> tuple[Tally, pa.Table, pa.Table]:
    """Read one file of a source into tables below ``out``."""
    tally = collect(FileTask(entry, path, 0, out / "scratch", 1, CAPS))
    assert tally is not None
    folders = [out / kind for kind in ("records", "places", "left_out")]
    assert settle(BucketTask(0, out / "scratch", *folders)) == tally.rows
    records, _, left_out = (read_table(part(folder, 0)) for folder in folders)
    return tally, records, left_out


def check(tally: Tally, records: pa.Table, left_out: pa.Table) -> None:
    """Check the promises: every unit accounted for, every record whole, a reason for every unit left out."""
    tally.check("s")
    assert len(left_out) == tally.skipped.total() + tally.quarantined.total()
    for one in left_out.to_pylist():
        assert one["outcome"] in ("skipped", "quarantined")
        assert one["reason"]
        assert one["detail"]
        assert one["line"] >= 1
    for row in records.to_pylist():
        assert row["messages"][-1]["role"] == "assistant"
        assert 0 <= row["prompt_turns"] < len(row["messages"])
        assert canonical_json(json.loads(row["metadata"])) == row["metadata"]
        assert (row["kind"] == "preference") == bool(row["rejected"])
        assert (row["kind"] == "feedback") == (row["label"] is not None)
    assert instruction(records).null_count == response(records).null_count == 0


def check_outcome(name: str, path: Path) -> None:
    """Read a file, which must go well or end in one sentence that names it."""
    try:
        tables = normalized(name, path)
    except UserError as error:
        sentence = str(error)
    else:
        check(*tables)
        return
    assert path.name in sentence
    assert "\n" not in sentence


def written(units: list[Any], layout: str, ascii_only: bool) -> bytes:
    """Return a JSON file of ``units``; what is no character becomes bytes that are no UTF-8 unless it is escaped."""
    texts = [json.dumps(unit, ensure_ascii=ascii_only, indent=1 if layout == "pretty" else None) for unit in units]
    text = "\n".join(texts) + "\n" if layout == "lines" else f"[{','.join(texts)}]"
    return text.encode("utf-8", "surrogatepass")


def files(name: str) -> st.SearchStrategy[tuple[str, bytes]]:
    """Draw the ending and bytes of a file of mutated native units."""
    layouts = st.sampled_from(["lines", "lines", "array", "pretty"])
    drawn = st.lists(mutated(name), min_size=1, max_size=3)
    drawn_files = st.builds(written, drawn, layouts, st.booleans()).map(lambda data: (".jsonl", data))
    if name in TABLES:
        suffix, text = TABLES[name]
        drawn_files |= st.just((suffix, text.encode()))
    return drawn_files


def test_every_adapter_has_native_units() -> None:
    """Without them nothing would be mutated: give an adapter its table of cases, or units in tests/native.py."""
    assert [name for name in adapters() if not native(name)] == []


@pytest.mark.parametrize("name", adapters())
def test_native_units_are_known_by_sight_and_read(name: str, tmp_path: Path) -> None:
    known = sniff(native(name))
    assert known[:1] == ([(1.0, name)] if name != "table" else [])  # nothing says what its columns are
    assert all(sure < 1 for sure, _ in known[1:])
    assert adapters()[name].sniff([]) == 0.0
    path = tmp_path / "x.jsonl"
    for n, unit in enumerate(native(name)):
        path = tmp_path / str(n) / "x.jsonl"
        path.parent.mkdir()
        path.write_bytes(written([unit], "lines", ascii_only=False))
        tally, records, left_out = normalized(name, path)
        check(tally, records, left_out)
        assert not tally.quarantined
        assert len(records) or tally.skipped
    if name in TABLES:
        suffix, text = TABLES[name]
        path = path.with_suffix(suffix)
        path.write_bytes(text.encode())
        tally, records, _ = normalized(name, path)
        assert tally.units == tally.used == len(records) > 1


@pytest.mark.parametrize("name", adapters())
@settings(max_examples=CASES, deadline=None)
@given(data=st.data())
def test_mutated_file(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    suffix, content = data.draw(files(name))
    packing = data.draw(st.sampled_from(["", "", "", ".gz", ".zst"]))
    content = packed(content, packing)
    for at, length, new in data.draw(EDITS):
        at %= len(content) + 1
        content = content[:at] + new + content[at + length :]
    path = tmp_path_factory.getbasetemp() / f"mutated-{next(_number)}" / f"x{suffix}{packing}"
    path.parent.mkdir()
    path.write_bytes(content)
    check_outcome(name, path)


@pytest.mark.parametrize("name", adapters())
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_looking_at_mutated_units_never_fails(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(mutated(name), max_size=3))
    assert all(0 < sure <= 1 for sure, _ in sniff([value for value in values if isinstance(value, dict | list)]))
