"""Tables that were made to harm: bad offsets, bombs, crashes; each ends in one sentence or a quarantined row."""

import os
import signal
import struct
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.reading.files import bad, outline
from winnow.harness.errors import UserError
from winnow.reading.apart import read_apart
from winnow.reading.files import read_units
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

CAPS = Caps(1 << 26, 10_000)
KINDS = ("data.parquet", "data.arrow")


def read(path: Path, caps: Caps = CAPS) -> list[Unit | BadUnit]:
    return list(read_units(path, "utf-8", caps))


def write(path: Path, table: pa.Table) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    return path


def strings(offsets: list[int], data: bytes) -> pa.Array:
    buffers = [None, pa.py_buffer(b"".join(one.to_bytes(4, "little") for one in offsets)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def nested(texts: pa.Array) -> pa.Array:
    return pa.StructArray.from_arrays([texts], ["text"])


@pytest.mark.parametrize("wrap", [lambda texts: texts, nested], ids=["flat", "nested"])
@pytest.mark.parametrize("offsets", [(0, 4, 1 << 30), (0, 8, 4), (100_000, 100_004, 100_008), (-4, 0, 4)])
def test_arrow_offsets_outside_of_the_data_are_damage(tmp_path: Path, offsets: tuple[int, ...], wrap: Any) -> None:
    path = write(tmp_path / "data.arrow", pa.table({"text": wrap(pa.array(["four", "more"]))}))
    whole = path.read_bytes()
    assert whole.count(struct.pack("<3i", 0, 4, 8)) == 1
    path.write_bytes(whole.replace(struct.pack("<3i", 0, 4, 8), struct.pack("<3i", *offsets)))
    with pytest.raises(UserError, match=r"data.arrow is damaged: .*; fetch it again\."):
        read(path)


def _crash(path: Path, unit_chars: int) -> Iterator[Unit | BadUnit]:
    yield Unit(path.as_posix(), 1, "{}", {})
    os.kill(os.getpid(), signal.SIGSEGV)


def test_a_file_that_crashes_the_reader_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "data.arrow"
    path.write_bytes(b"")
    with pytest.raises(UserError, match=r"data.arrow is damaged: reading it ended in SIGSEGV after row 0"):
        list(read_apart(_crash, path, 1 << 20, 1_000))


@pytest.mark.parametrize("name", KINDS)
def test_a_row_that_is_no_utf_8_is_quarantined_and_its_neighbours_are_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, pa.table({"text": strings([0, 1, 3, 4], b"a\xff\xfeb")}))
    units = read(path)
    assert outline(units) == [(1, {"text": "a"}), (2, "not_json"), (3, {"text": "b"})]
    assert bad(units[1]).raw == "{'text': b'\\xff\\xfe'}"


@pytest.mark.parametrize("name", KINDS)
def test_a_date_that_no_calendar_holds_is_quarantined(tmp_path: Path, name: str) -> None:
    days = pa.array([0, 10_000_000, 1], pa.int32()).cast(pa.date32())
    units = read(write(tmp_path / name, pa.table({"day": days})))
    assert outline(units) == [(1, {"day": str(date(1970, 1, 1))}), (2, "not_json"), (3, {"day": "1970-01-02"})]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("wrap", [False, True], ids=["flat", "nested"])
def test_a_column_name_that_stands_twice_is_an_error(tmp_path: Path, name: str, wrap: bool) -> None:
    columns = [pa.array(["a"]), pa.array(["b"])]
    table = pa.table(columns, names=["q", "q"])
    if wrap:
        table = pa.table({"both": pa.StructArray.from_arrays(columns, ["q", "q"])})
    with pytest.raises(UserError, match=rf"{name}: the column 'q' stands twice; rename one\."):
        read(write(tmp_path / name, table))


@pytest.mark.parametrize("stored", [pa.string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_a_parquet_file_that_expands_beyond_the_cap_is_refused(tmp_path: Path, stored: pa.DataType) -> None:
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 32, pa.int32()), pa.array(["x" * (1 << 19)])).cast(stored)
    path = write(tmp_path / "data.parquet", pa.table({"text": pa.chunked_array([repeated] * 16)}))
    assert path.stat().st_size < 1 << 15
    with pytest.raises(UserError, match=r"data.parquet expands to more than 67,108,864 bytes"):
        read(path)


def test_rows_without_bytes_count_too(tmp_path: Path) -> None:
    batch = pa.RecordBatch.from_arrays([pa.nulls(10_000)], ["nothing"])
    path = tmp_path / "data.arrow"
    with pa.ipc.new_stream(path, batch.schema) as writer:
        writer.write_batch(batch)
    with pytest.raises(UserError, match=r"data.arrow expands to more than 9,999 bytes"):
        read(path, Caps(9_999, 10_000))


@pytest.mark.parametrize("name", KINDS)
def test_a_long_row_is_quarantined_with_its_start(tmp_path: Path, name: str) -> None:
    units = read(write(tmp_path / name, pa.table({"text": ["x" * 10_000, "short"]})))
    assert outline(units) == [(1, "too_large"), (2, {"text": "short"})]
    assert len(bad(units[0]).raw) == 1_000


def test_a_long_row_of_csv_is_quarantined_and_a_longer_line_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"q\n{'x' * 10_001}\nshort\n", encoding="utf-8")
    assert outline(read(path)) == [(2, "too_large"), (3, {"q": "short"})]
    path.write_text("q\n" + "x" * (3 << 20), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"rows.csv, line 2: the line is longer than normalize.max_unit_chars \(10,000\)"
    ):
        read(path)
