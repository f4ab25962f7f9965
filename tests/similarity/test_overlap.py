"""Overlap with benchmark items, checked against a plain reading of Tülu 3's measure."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.similarity.rows import records
from tests.text.oracles import runs, split_tokens
from winnow.records.schema import RECORDS
from winnow.similarity.overlap import Task, matches, overlap_bucket, prepare
from winnow.storage.buckets import part, read_bucket
from winnow.storage.parquet import write_table
from winnow.text.tokens import hashed_tokens, ngrams

WORDS = st.lists(st.sampled_from(["a", "b", "c", "中", "文", "dd"]), max_size=12).map(" ".join)


def plain(row: str, item: str, n: int) -> float:
    """Return the share of the item's tokens that stand in runs of ``n`` tokens which the row has too."""
    tokens, in_row = split_tokens(item), set(runs(split_tokens(row), n))
    covered = {at + k for at, run in enumerate(runs(tokens, n)) if run in in_row for k in range(len(run))}
    return len(covered) / len(tokens) if tokens else 0.0


def shares_of(rows: list[str], items: list[str], n: int) -> dict[tuple[int, int], float]:
    prepared = prepare({"b": [(str(at), text) for at, text in enumerate(items)]}, n)
    row, item, share = matches(prepared, ngrams(hashed_tokens(pa.array(rows, pa.string())), n))
    assert len(set(zip(row.tolist(), item.tolist(), strict=True))) == len(row)
    return {(r, int(prepared.names[i][1])): s for r, i, s in zip(row.tolist(), item.tolist(), share, strict=True)}


@settings(max_examples=400, deadline=None)
@given(rows=st.lists(WORDS, max_size=5), items=st.lists(WORDS, max_size=4), n=st.integers(2, 4))
def test_the_measure(rows: list[str], items: list[str], n: int) -> None:
    expected = {(r, i): plain(row, item, n) for r, row in enumerate(rows) for i, item in enumerate(items)}
    assert shares_of(rows, items, n) == pytest.approx({pair: share for pair, share in expected.items() if share})


@pytest.mark.parametrize(
    ("row", "item", "share"),
    [
        ("so one two three four five it is", "one two three four five", 1.0),
        ("one two three X two three four", "one two three four", 1.0),  # runs may come from two places
        ("one two X three four", "one two three four", None),
        ("请问地球到太阳的距离是多少公里", "地球到太阳的距离", 1.0),
        ("a a a a a a", "a a a a", 1.0),
        ("a a a b", "a a a a a a", 1.0),  # one run of the row covers every token
        ("one two", "one two", 1.0),  # an item shorter than a run matches an equally short prompt,
        ("now one two", "one two", None),  # and no other
        ("!!!", "???", None),
        ("", "", None),
    ],
)
def test_worked_examples(row: str, item: str, share: float | None) -> None:
    assert shares_of([row], [item], 3).get((0, 0)) == share


def test_a_bucket_from_records_to_overlaps(tmp_path: Path) -> None:
    rows = [("s:1", "sft", "x"), ("s:2", "sft", "x"), ("s:3", "sft", "one two three four five six")]
    table = records(rows)
    context = pa.array(["One, two; THREE four five six!", None, None])
    table = table.set_column(RECORDS.get_field_index("context"), "context", context)
    items = prepare({"late": [("9", "three four five Q R S")], "early": [("i", "one two three four five six")]}, 3)
    write_table(part(tmp_path / "records", 0), table, RECORDS)
    counts = overlap_bucket(Task(0, tmp_path / "records", tmp_path / "overlaps", items, 0.5))
    assert counts == (3, {"early": 1, "late": 1})
    assert [tuple(row.values()) for row in read_bucket(tmp_path / "overlaps", 0).to_pylist()] == [
        ("s:1", "early", "i", "3-gram", 1.0),  # the user's side; the reply of s:3 is none of it
        ("s:1", "late", "9", "3-gram", 0.5),
    ]
    above = Task(0, tmp_path / "records", tmp_path / "overlaps", items, 0.51)
    assert overlap_bucket(above) == (3, {"early": 1})
