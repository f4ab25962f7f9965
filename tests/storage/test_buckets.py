"""Buckets: which row lies where, permanently; joins by position."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.storage.buckets import bucket_of, each_bucket, each_large_batch, part, positions, read_all
from winnow.storage.parquet import write_table
from winnow.storage.tables import write_bucketed

IDS = st.lists(st.text("abc:~", max_size=4), max_size=12)


@pytest.mark.parametrize(
    ("row_id", "of_16", "of_7"), [("alpaca:17", 9, 6), ("dolly:abc", 10, 1), ("中文:一", 13, 0), ("s:", 8, 2)]
)
def test_a_row_never_changes_its_bucket(row_id: str, of_16: int, of_7: int) -> None:
    assert (bucket_of(row_id, 16), bucket_of(row_id, 7)) == (of_16, of_7)


@settings(deadline=None)
@given(row_id=st.text(max_size=20), twin=st.integers(2, 99), buckets=st.integers(1, 999))
def test_twins_share_a_bucket(row_id: str, twin: int, buckets: int) -> None:
    assert 0 <= bucket_of(row_id, buckets) < buckets
    assert bucket_of(f"{row_id}~{twin}", buckets) == bucket_of(row_id, buckets)


def test_rows_are_spread() -> None:
    counts = [0] * 16
    for n in range(16_000):
        counts[bucket_of(f"alpaca:{n}", 16)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150


@settings(deadline=None)
@given(of=IDS, among=IDS.map(lambda ids: list(dict.fromkeys(ids))))
def test_positions(of: list[str], among: list[str]) -> None:
    expected = [among.index(one) if one in among else -1 for one in of]
    for chunks in (pa.array(among, pa.string()), pa.chunked_array([among[:3], among[3:]], pa.string())):
        assert positions(pa.array(of, pa.string()), chunks).tolist() == expected


@pytest.mark.parametrize("buckets", [1, 5])
def test_a_bucketed_table_comes_back(tmp_path: Path, buckets: int) -> None:
    table = pa.table({"row_id": sorted(f"s:{n}" for n in range(40)), "n": list(range(40))})
    write_bucketed(tmp_path, table, buckets)
    assert sorted(path.name for path in tmp_path.iterdir()) == [part(tmp_path, n).name for n in range(buckets)]
    assert read_all(tmp_path, buckets).sort_by("row_id").equals(table)
    for bucket, found in enumerate(each_bucket(tmp_path, buckets)):
        ids = found["row_id"].to_pylist()
        assert ids == sorted(ids)
        assert {bucket_of(row_id, buckets) for row_id in ids} <= {bucket}


@pytest.mark.parametrize(("least", "sizes"), [(1, [2, 2, 1]), (1 << 20, [5]), (20, [4, 1])])
def test_a_large_batch_is_some_row_groups_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, sizes: list[int]
) -> None:
    monkeypatch.setattr("winnow.storage.parquet._ROW_GROUP", 2)
    monkeypatch.setattr("winnow.storage.buckets._LARGE", least)
    table = pa.table({"row_id": list("abcde")})
    write_table(part(tmp_path, 0), table, table.schema)
    batches = list(each_large_batch(tmp_path, 0))
    assert [len(batch) for batch in batches] == sizes
    assert pa.concat_tables(batches).equals(table)
