"""Labels: a wrong file is named, a label of another text is a note, and nothing else is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from winnow.integrity.finding import Finding
from winnow.integrity.labels import FOLDER, INDEX, labels
from winnow.patches.patch import path_of
from winnow.records.schema import INDEX as SCHEMA
from winnow.storage.parquet import write_table

HASH = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(row_id: str = "s:1", reviewer: str = "ann", text: str | None = None, **changed: Any) -> Path:
    """Write a label to where it belongs and return its file."""
    label = {"row_id": row_id, "content_hash": HASH, "kind": "rating", "reviewer": reviewer, "value": 4, **changed}
    file = FOLDER / reviewer / path_of(row_id, FOLDER).name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(label) if text is None else text, encoding="utf-8")
    return file


def index(**hashes: str | None) -> None:
    rows = [{"row_id": f"s:{name[1:]}", "content_hash": value} for name, value in hashes.items()]
    write_table(INDEX, pa.Table.from_pylist(rows, SCHEMA), SCHEMA)


def test_without_labels_nothing_is_said() -> None:
    assert list(labels()) == []
    write()
    assert list(labels()) == []  # nor without an index to compare them with


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda: write(text="[]"), "must hold one JSON object"),
        (lambda: write(text="{}{}"), "is no JSON"),
        (lambda: write(text='{"row_id": "s:1", "row_id": "s:1"}'), "a key stands in it twice"),
        (lambda: write(text='{"row_id": NaN}'), "NaN is no JSON value"),
        (lambda: write(text="<<<<<<< HEAD\n{}"), "holds conflict marks of Git"),
        (lambda: write(text="[" * 100_000), "is no JSON"),
        (lambda: write(text='{"row_id": "s:\\ud800", "reviewer": "ann"}'), "needs 'row_id' as text"),
        (lambda: write(row_id="one"), "is about 'one', which is no row id"),
        (lambda: write(content_hash=HASH.upper()), "needs 'content_hash' as 32 hex digits"),
        (lambda: write(content_hash=None), "needs 'content_hash'"),
        (lambda: write(kind="score"), "says kind: 'score'; it may be rating, verdict, preference"),
        (lambda: write("s:1").rename(FOLDER / "ann" / "other.json"), f"that would be {FOLDER / 'ann'}"),
        (lambda: write(reviewer="ann").parent.rename(FOLDER / "bob"), "is not where ann's label of 's:1' stands"),
    ],
)
def test_a_wrong_file_is_named(wrong: Callable[[], object], problem: str) -> None:
    write("s:right", "zoe")
    wrong()
    (one,) = labels()
    assert problem in one.problem
    assert not one.note
    (file,) = (file for file in FOLDER.rglob("*.json") if file.parent.name != "zoe")
    assert one.problem.startswith(f"{file} ")
    assert one.fix == "fix it"


def test_bytes_that_are_no_utf_8_are_named() -> None:
    write().write_bytes(b'{"row_id": "\xff"}')
    (one,) = labels()
    assert "is no JSON ('utf-8' codec" in one.problem


def test_labels_of_another_text_are_one_note_for_each_reviewer() -> None:
    for row in ("s:1", "s:2", "s:3", "s:4"):
        write(row)
    write("s:2", "bob", kind="verdict")
    index(s1=HASH, s2="f" * 32, s3="e" * 32)
    assert [(one.problem, one.note) for one in labels()] == [
        ("what ann said of s:2 and 1 more is stale: its text has changed since", True),
        ("what ann said of s:4 is stale: no source has it any more", True),
        ("what bob said of s:2 is stale: its text has changed since", True),
    ]
    assert all(isinstance(one, Finding) and one.line().startswith("note: labels: ") for one in labels())
