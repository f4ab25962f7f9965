"""A run of a stage: all of its outputs are published, or none."""

import errno
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest

from winnow.harness import run as harness
from winnow.harness.digests import file_md5
from winnow.harness.errors import UserError
from winnow.harness.run import Run, running
from winnow.storage.parquet import write_table

DVC = """
stages:
  sift:
    deps: [data/raw, code.py]
    outs: [data/sift, data/one.txt, data/receipts/sift.json]
    metrics:
      - metrics/sift.json:
          cache: false
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, text in {"dvc.yaml": DVC, "code.py": "pass", "data/raw/a.txt": "a", "data/raw/b.txt": "b"}.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def work(run: Run, text: str) -> None:
    out = run.folder("data/sift")
    out.mkdir()
    (out / f"{text}.txt").write_text(text, encoding="utf-8")
    run.folder("data/one.txt").write_text(text, encoding="utf-8")
    run.metrics({"rows": 1})


def published() -> dict[str, str]:
    outs = [Path("data/one.txt"), Path("metrics/sift.json"), Path("data/receipts/sift.json")]
    return {p.as_posix(): p.read_text(encoding="utf-8") for p in [*Path("data/sift").glob("*"), *outs] if p.exists()}


def nothing_changes(message: str, spoil) -> None:
    """Run once well and once spoilt; assert that the old outputs stand and nothing else is left."""
    with running("sift", {}) as run:
        work(run, "old")
    before = published()
    assert len(before) == 4

    def spoilt() -> None:
        with running("sift", {}) as run:
            work(run, "new")
            spoil(run)

    with pytest.raises(UserError, match=message) as caught:
        spoilt()
    assert "\n" not in str(caught.value)
    assert published() == before
    assert list(Path("data/.tmp").iterdir()) == []


def test_outputs_and_receipt_are_published():
    for text in ("old", "new"):
        with running("sift", {"limit": 3}) as run:
            work(run, text)
            assert text not in str(published())
        assert [path.name for path in Path("data/sift").iterdir()] == [f"{text}.txt"]
    receipt = json.loads(Path("data/receipts/sift.json").read_text(encoding="utf-8"))
    inputs = ("code.py", "data/raw/a.txt", "data/raw/b.txt")
    assert receipt["inputs"] == {name: file_md5(Path(name)) for name in inputs}
    outputs = ("data/one.txt", "data/sift/new.txt", "metrics/sift.json")
    assert receipt["outputs"] == {name: file_md5(Path(name)) for name in outputs}
    assert (receipt["settings"], receipt["counts"], receipt["stage"]) == ({"limit": 3}, {"rows": 1}, "sift")
    assert list(Path("data/.tmp").iterdir()) == []


def test_nothing_is_published_when_the_body_raises():
    def spoil(run):
        raise UserError("no good")

    nothing_changes("no good", spoil)


def test_nothing_is_published_when_an_input_is_edited():
    nothing_changes(
        r"data/raw/a\.txt changed while stage sift was running",
        lambda run: Path("data/raw/a.txt").write_text("aa", encoding="utf-8"),
    )


def test_nothing_is_published_when_an_input_is_replaced_by_one_as_large():
    def spoil(run):
        old = Path("data/raw/b.txt").stat()
        Path("other").write_text("c", encoding="utf-8")
        os.utime("other", ns=(old.st_atime_ns, old.st_mtime_ns))
        Path("other").replace("data/raw/b.txt")

    nothing_changes(r"data/raw/b\.txt changed", spoil)


@pytest.mark.parametrize("name", ["data/raw/new.txt", "data/raw/deep/new.txt"])
def test_nothing_is_published_when_an_input_is_added(name):
    def spoil(run):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("", encoding="utf-8")

    nothing_changes(f"{name} changed", spoil)


def test_nothing_is_published_when_an_input_goes():
    nothing_changes(r"code\.py changed", lambda run: Path("code.py").unlink())


def test_nothing_is_published_when_an_output_is_missing():
    nothing_changes(r"without writing data/one\.txt", lambda run: run.folder("data/one.txt").unlink())


def test_a_full_disk_is_one_sentence(monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    nothing_changes("The disk is full: stage sift", lambda run: monkeypatch.setattr(harness.os, "fsync", full))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_table_that_meets_a_full_disk_is_one_sentence():
    table = pa.table({"row_id": [str(n) for n in range(50_000)]})
    nothing_changes("The disk is full", lambda run: write_table(Path("/dev/full"), table, table.schema))


def test_other_faults_of_the_system_are_not_called_a_full_disk():
    with pytest.raises(PermissionError), running("sift", {}):
        raise PermissionError(errno.EACCES, "no")


def test_leftovers_of_a_killed_run_are_removed():
    leftover = Path("data/.tmp/sift-1/out/data")
    leftover.mkdir(parents=True)
    (leftover / "half").write_text("half", encoding="utf-8")
    Path("data/.tmp/other-1").mkdir()
    with running("sift", {}) as run:
        assert not leftover.exists()
        work(run, "new")
    assert [path.name for path in Path("data/.tmp").iterdir()] == ["other-1"]
    assert "half" not in str(published())
