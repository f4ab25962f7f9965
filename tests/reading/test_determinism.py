"""What may not change the tables of ``normalize``: order, workers, blocks, names of files, new columns."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.reading.project import BUCKETS, OUT, TREE, Project, alpaca, bytes_below, rows_of


def test_order_of_rows_files_and_sources_changes_no_record(project: Project) -> None:
    """Twins, twins with other metadata and repeated ids included: they are where order could leak in."""
    rows = [alpaca(n % 20, topic=n % 3) for n in range(60)] + [alpaca(n, id=n % 4) for n in range(10)]
    messages = [node | {"parent_id": "r"} for node in TREE["prompt"]["replies"]]
    messages += [{**TREE["prompt"], "replies": None}, {"message_id": "a", "text": "again", "role": "assistant"}]
    project.source("a", {"x.jsonl": rows})
    project.source("o", {"flat.jsonl": messages}, "oasst")
    project.read()
    before = bytes_below("data/normalize/records")
    assert len(before) == BUCKETS

    rng = random.Random(7)
    for _ in range(3):
        rng.shuffle(rows)
        rng.shuffle(messages)
        cut = rng.randrange(1, 69)
        project.params["sources"] = {}
        project.source("o", {"flat.jsonl": messages}, "oasst")
        project.source("a", {"z.jsonl": rows[:cut], "b.json": json.dumps(rows[cut:], indent=2)})
        project.read()
        assert bytes_below("data/normalize/records") == before


@pytest.mark.parametrize("workers", ["1", "2"])
def test_worker_count_changes_no_byte(project: Project, workers: str) -> None:
    project.source("a", {f"{n}.jsonl": [alpaca(n + k) for k in range(9)] + [{}] for n in range(4)})
    project.source("o", {"trees.jsonl": [TREE]}, "oasst")
    project.read()
    before = bytes_below("data/normalize", "metrics")
    shutil.rmtree(OUT)
    environment = {**os.environ, "WINNOW_WORKERS": workers, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": workers}
    subprocess.run([sys.executable, "-m", "stages.normalize"], env=environment, check=True, timeout=60)
    assert bytes_below("data/normalize", "metrics") == before


def rows_to_cut() -> dict[str, list[Any] | str]:
    """Files that small blocks cut in many places, with what is bad in them."""
    rows = [alpaca(n % 70, topic=n % 3, id=n if n % 5 else None) for n in range(120)]
    lines = [json.dumps(row) for row in rows]
    lines[30], lines[60], lines[61] = "{oops}", '{"instruction": [NaN]}', ""
    return {"x.jsonl": "\n".join(lines), "y.json": json.dumps(rows, indent=2), "z.json": json.dumps([*rows, "a", {}])}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("size", [300, 2_000])
def test_reading_files_in_blocks_changes_no_byte(
    project: Project, monkeypatch: pytest.MonkeyPatch, workers: str, size: int
) -> None:
    project.source("a", rows_to_cut())
    project.source("o", {"trees.jsonl": [TREE] * 9}, "oasst")
    project.read()
    before = bytes_below("data/normalize", "metrics")
    monkeypatch.setattr("winnow.reading.blocks._BLOCK", size)
    monkeypatch.setenv("WINNOW_WORKERS", workers)
    project.read()
    assert bytes_below("data/normalize", "metrics") == before


@pytest.mark.parametrize("kind", ["elements alike inside", "comma missing", "element that is never closed", "bad byte"])
def test_an_error_in_a_block_is_that_of_the_whole_file(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    rows = [alpaca(n, history=[]) for n in range(60)]
    data = json.dumps(rows)
    match kind:
        case "elements alike inside":
            data = json.dumps([{**row, "instruction": "Say.", "more": [alpaca(1), alpaca(2)] * 3} for row in rows])
        case "comma missing":
            data = data.replace('}, {"instruction": "Say 30."', '} {"instruction": "Say 30."')
        case "element that is never closed":
            data = data.replace('"Say 30."', '"Say 30.')
        case "bad byte":
            data = data.replace("Say 30.", "Say \udcff.")
    project.source("a", {"x.json": "[]"})
    Path("data/raw/a/x.json").write_bytes(data.encode("utf-8", "surrogateescape"))

    def ending() -> tuple[int, str, dict[str, bytes]]:
        result = project.run()
        return result.exit_code, result.output, bytes_below("data/normalize", "metrics")

    expected = ending()
    monkeypatch.setattr("winnow.reading.blocks._BLOCK", 200)
    assert ending() == expected


def test_one_more_row_changes_one_bucket_of_records(project: Project) -> None:
    rows = [alpaca(n) for n in range(100)]
    project.source("a", {"x.jsonl": rows})
    project.read()
    before = bytes_below("data/normalize/records")
    project.source("a", {"x.jsonl": [alpaca(1_000), *rows]})
    project.read()
    after = bytes_below("data/normalize/records")
    assert before.keys() == after.keys()
    assert sum(before[part] != after[part] for part in before) == 1


def test_name_of_a_file_changes_no_record(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(1), {}]})
    project.read()
    before = bytes_below("data/normalize/records")
    Path("data/raw/a/x.jsonl").rename("data/raw/a/other.jsonl")
    project.read()
    assert bytes_below("data/normalize/records") == before
    assert {row["file"] for table in ("places", "left_out") for row in rows_of(table)} == {"data/raw/a/other.jsonl"}


def test_new_column_of_the_source_changes_no_id(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1)]})
    (before,) = project.read()
    project.source("a", {"x.jsonl": [alpaca(1, score=0.5)]})
    (after,) = project.read()
    assert (after["row_id"], after["content_hash"]) == (before["row_id"], before["content_hash"])
    assert after["metadata"] == '{"score":0.5}'
