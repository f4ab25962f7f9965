"""Tables on disk: equal rows are equal bytes, and what is damaged is an error that names the file."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.harness.errors import UserError
from winnow.storage.parquet import TableWriter, read_at, read_rows, read_table, write_table

SCHEMA = pa.schema(
    [("row_id", pa.string()), ("said", pa.string()), ("n", pa.int32()), ("parents", pa.list_(pa.string()))]
)
ROWS = [{"row_id": f"s:{n}", "said": f"text {n} 中文" * (n % 5), "n": n, "parents": ["a"] * (n % 3)} for n in range(60)]
ROWS[7]["said"] = ROWS[8]["parents"] = None
TABLE = pa.Table.from_pylist(ROWS, SCHEMA)


def written(folder: Path, table: pa.Table, name: str = "one.parquet") -> bytes:
    write_table(folder / name, table, SCHEMA)
    return (folder / name).read_bytes()


def test_equal_rows_are_equal_bytes(tmp_path: Path) -> None:
    first = written(tmp_path, TABLE)
    chunked = pa.concat_tables([TABLE[:13], TABLE[13:14], TABLE[14:]])
    sliced = pa.concat_tables([TABLE[50:], TABLE, TABLE[:3]])[10:70]
    described = TABLE.replace_schema_metadata({"pandas": "{}"})
    reordered = TABLE.select(["n", "parents", "said", "row_id"])
    wider = TABLE.set_column(2, "n", TABLE["n"].cast(pa.int64()))
    for other in (TABLE, chunked, sliced, described, reordered, wider):
        assert written(tmp_path, other, "other.parquet") == first
    assert written(tmp_path, TABLE[:-1], "other.parquet") != first


def test_chunks_that_cross_row_groups_change_nothing(tmp_path: Path) -> None:
    many = pa.concat_tables([TABLE] * 600).combine_chunks()
    chunked = pa.concat_tables([many[at : at + 7_001] for at in range(0, len(many), 7_001)])
    assert written(tmp_path, chunked, "other.parquet") == written(tmp_path, many)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written(tmp_path, TABLE)
    assert read_table(tmp_path / "one.parquet").equals(TABLE)
    assert (
        read_table(tmp_path / "one.parquet", ["n", "row_id"]).to_pydict() == TABLE.select(["n", "row_id"]).to_pydict()
    )
    written(tmp_path, TABLE[:0])
    assert read_table(tmp_path / "one.parquet").equals(TABLE[:0])


@given(st.sets(st.integers(0, 59)), st.sets(st.integers(0, 60)))
def test_rows_are_read_at_their_positions(
    tmp_path_factory: pytest.TempPathFactory, wanted: set[int], cuts: set[int]
) -> None:
    path = tmp_path_factory.mktemp("at") / "one.parquet"
    borders = [0, *sorted(cuts), 60, 60]  # with an empty group
    with TableWriter(path, SCHEMA, one_group=True) as writer:
        for begin, end in pairwise(borders):
            writer.write(TABLE[begin:end])
    rows = np.array(sorted(wanted), np.int64)
    assert read_at(path, rows).equals(TABLE.take(rows))
    assert read_at(path, rows, ["n"]).to_pydict() == {"n": rows.tolist()}
    with pytest.raises(IndexError):
        read_at(path, np.array([*sorted(wanted), 60]))
    assert read_rows(path, "row_id", "s:59").equals(TABLE[59:])
    assert read_rows(path, "row_id", "s:60").equals(TABLE[:0])


def test_table_n_is_row_group_n_also_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "groups.parquet"
    parts = [TABLE[:5], TABLE[:0], TABLE[5:]]
    with TableWriter(path, SCHEMA, one_group=True) as writer:
        for part in parts:
            writer.write(part)
    assert all(read_table(path, group=n).equals(part) for n, part in enumerate(parts))
    assert read_table(path).equals(TABLE)


def test_a_flipped_bit_is_never_other_data(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    data = written(tmp_path, TABLE)
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # no checksum covers it: every second bit
    refusals = []
    for bit in [*random.Random(0).sample(range(footer * 8), 300), *range(footer * 8, len(data) * 8, 2)]:
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            assert read_table(path).equals(TABLE), f"bit {bit} reads back as other data"
        except UserError as error:
            refusals.append(str(error))
    assert len(refusals) > 300
    assert all(str(path) in refusal and "\n" not in refusal for refusal in refusals)


@pytest.mark.parametrize("name", ["row_id", "said", "parents"])
def test_a_renamed_column_is_damage(tmp_path: Path, name: str) -> None:
    """The footer has no checksum: a flipped bit in a name once gave a table without that column."""
    path = tmp_path / "one.parquet"
    data = written(tmp_path, TABLE)
    at = data.index(name.encode(), data.rindex(b"schema") - 400)
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    with pytest.raises(UserError, match="damaged"):
        read_table(path)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    data = written(tmp_path, TABLE)
    for size in [0, 1, 4, 8, *random.Random(1).sample(range(9, len(data)), 40), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(UserError, match=r"one\.parquet is damaged"):
            read_table(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.parquet is missing; run dvc repro"):
        read_table(tmp_path / "gone.parquet")
