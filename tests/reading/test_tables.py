"""CSV, TSV, Parquet and Arrow files as raw units."""

import csv
import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.files import bad, good, outline
from winnow.harness.errors import UserError
from winnow.reading.files import read_units
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

CAPS = Caps(1 << 20, 10_000)
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=20)


def read(path: Path, encoding: str = "utf-8", header: bool = True) -> list[Unit | BadUnit]:
    return list(read_units(path, encoding, CAPS, header))


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_csv_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([("q", "a"), *rows])
    path.write_bytes(out.getvalue().encode())
    assert [unit.value for unit in good(read(path))] == [{"q": q, "a": a} for q, a in rows]


def test_lines_of_multi_line_cells(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('q,a\n"one\ntwo",x\nthree,y\n', encoding="utf-8")
    assert outline(read(path)) == [
        (2, {"q": "one\ntwo", "a": "x"}),
        (4, {"q": "three", "a": "y"}),
    ]


def test_a_space_before_quoted_cells_is_no_part_of_them_where_every_row_has_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('q, a\n"one, two", "three, ""four"""\nfive, "six\nseven"\n"x, y", z\n', encoding="utf-8")
    assert outline(read(path)) == [
        (2, {"q": "one, two", "a": 'three, "four"'}),
        (3, {"q": "five", "a": "six\nseven"}),
        (5, {"q": "x, y", "a": "z"}),
    ]
    path.write_text('q,a\none, "two"\n3,4\n', encoding="utf-8")
    assert outline(read(path)) == [(2, {"q": "one", "a": ' "two"'}), (3, {"q": "3", "a": "4"})]


def test_ragged_and_broken_rows_are_quarantined_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('q,a\none,1\ntwo\nthree,3,x\n"fo"ur,4\nfive,5\n', encoding="utf-8")
    assert outline(read(path)) == [
        (2, {"q": "one", "a": "1"}),
        (3, "ragged_row"),
        (4, "ragged_row"),
        (5, "invalid_csv"),
        (6, {"q": "five", "a": "5"}),
    ]


def test_a_quote_that_never_closes_costs_its_own_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('q,a\none,1\n"two,2\nthree,3\n', encoding="utf-8")
    units = read(path)
    assert outline(units) == [(2, {"q": "one", "a": "1"}), (3, "invalid_csv"), (4, {"q": "three", "a": "3"})]
    assert bad(units[1]).detail == "a quoted cell is opened and not closed"


def test_a_column_name_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("q,q\n1,2\n", encoding="utf-8")
    with pytest.raises(UserError, match="the column name 'q' stands twice"):
        read(path)


def test_tsv_without_a_header_keeps_quotes_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv.gz"
    path.write_bytes(gzip.compress(b'"a" b\tno\\n\tc\n'))
    (unit,) = good(read(path, header=False))
    assert unit.value == {"0": '"a" b', "1": "no\\n", "2": "c"}


@pytest.mark.parametrize("kind", ["parquet", "stream", "file"])
def test_parquet_and_arrow_rows_are_native_values(tmp_path: Path, kind: str) -> None:
    table = pa.table({"id": [1, 2], "turns": [["a", "b"], None], "text": ["x", "é"]})
    path = tmp_path / ("data.parquet" if kind == "parquet" else "data.arrow")
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        new = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
        with new(path, table.schema) as writer:
            writer.write_table(table)
    assert [unit.value for unit in good(read(path))] == table.to_pylist()
    assert [unit.line for unit in read(path)] == [1, 2]


def test_cells_that_are_no_text_are_quarantined(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"image": [b"\xff", None], "score": [1.0, float("inf")]}), path)
    assert [bad(unit).reason for unit in read(path)] == ["not_json", "not_json"]


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow"])
def test_a_damaged_table_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PAR1 this is no table")
    with pytest.raises(UserError, match=f"{name} is damaged: it cannot be read after row 0"):
        read(path)


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv"])
def test_an_empty_table_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="is empty"):
        read(tmp_path / name)
