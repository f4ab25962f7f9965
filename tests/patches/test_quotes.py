"""Where a text stands outside of rows: files of people, whatever they are packed with, and replies of models."""

import gzip
import json
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.ledger.replies import line, segment
from winnow.ledger.ledger import Ledger
from winnow.patches.quotes import Quote, files_with
from winnow.patches.replies import without_replies

TEXT = " ".join(["zebra", "555-0100"])
LINE = json.dumps({"question": f"Who is {TEXT}?"}).encode()


def test_files_of_people_are_looked_into_whatever_they_are_packed_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "."], check=True)
    contents = {
        "data/benchmarks/a.jsonl": LINE,
        "data/benchmarks/b.jsonl.gz": gzip.compress(LINE),
        "data/benchmarks/c.jsonl.zst": zstandard.compress(LINE),
        "data/benchmarks/cut.jsonl.gz": gzip.compress(LINE)[:10],
        "data/benchmarks/none.jsonl": b"Nobody.",
        "data/.damaged/patch-0": b"\xff" + LINE,
        "params.yaml": f"# {TEXT.upper()}\n".encode(),
        "data/raw/a.jsonl": LINE,
    }
    for name, data in contents.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(data)
    pq.write_table(pa.table({"question": [TEXT]}), "data/benchmarks/d.parquet")
    assert [path.as_posix() for path in files_with(Path(), Quote(TEXT))] == [
        "data/.damaged/patch-0",
        *(f"data/benchmarks/{name}" for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet")),
        "params.yaml",
    ]


def test_replies_that_quote_a_text_go_and_all_others_stay(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    mixed = segment(ledger / "judge", line(1, f"It is\n{TEXT.upper()}."), line(2), line(3, "Nobody."))
    alone = segment(ledger / "judge", line(4, f"Call {TEXT}."))
    other = segment(ledger / "label", line(5))
    found = {one.old: one for one in without_replies(ledger, Quote(TEXT))}
    assert found.keys() == {mixed, alone}
    assert (found[alone].data, found[alone].lines) == (None, 1)
    assert found[mixed].lines == 1
    for one in found.values():
        one.old.unlink()
        if one.data is not None:
            one.new.write_bytes(one.data)
    assert len(Ledger.read(ledger / "judge")) == 2
    assert other.exists()
