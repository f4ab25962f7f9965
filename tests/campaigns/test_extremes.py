"""Raw files of a size that no memory holds, clocks that are wrong, and what people decided when DVC starts over."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from tests.conftest import BIN, Clone
from tests.test_pipeline import STAGES, digest
from winnow.patches.patch import Patch, path_of

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

MEGABYTE = 1 << 20
ROW = {"instruction": "Say something.", "input": "", "output": "Something."}
PLAIN = json.dumps(ROW).encode() + b"\n"


class Ran(NamedTuple):
    """The exit status of a stage, what it printed on stderr, and the bytes of its largest process."""

    status: int
    said: str
    memory: int


def normalize(clone: Clone, scratch: Path) -> Ran:
    """Run the stage ``normalize`` with one worker."""
    with (scratch / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "stages.normalize"],
            cwd=clone.folder,
            env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "WINNOW_WORKERS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return Ran(process.returncode, said.read(), used.ru_maxrss * 1024)


@pytest.fixture
def extreme(clone: Clone) -> Path:
    """The folder of a source, in a built clone, whose files are read as Alpaca."""
    folder = clone.folder / "data/raw/extreme"
    folder.mkdir()
    clone.params("\nsources:\n", "\nsources:\n  extreme: {adapter: alpaca, path: extreme, license: CC0-1.0}\n")
    return folder


def counts(clone: Clone) -> Any:
    return json.loads((clone.folder / "metrics/normalize.json").read_text(encoding="utf-8"))


def test_a_line_of_100_megabytes_and_one_nested_100_000_deep_are_quarantined(
    clone: Clone, extreme: Path, tmp_path: Path
) -> None:
    before = counts(clone)
    with (extreme / "rows.jsonl").open("wb") as file:
        file.write(PLAIN)
        file.write(b'{"instruction": "')
        for _ in range(100):
            file.write(b"x" * MEGABYTE)
        file.write(b'", "input": "", "output": "y"}\n')
        file.write(b'{"instruction": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")
        file.write(PLAIN.replace(b"Say", b"Sing"))
    ran = normalize(clone, tmp_path)
    assert (ran.status, ran.said) == (0, "")
    assert ran.memory < 500 * MEGABYTE
    after = counts(clone)
    assert after["quarantined"] - before["quarantined"] == 2
    assert after["rows"] - before["rows"] == 2


def test_a_gzip_file_that_expands_to_10_gigabytes_stops_at_the_cap(clone: Clone, extreme: Path, tmp_path: Path) -> None:
    import gzip

    members = [gzip.compress(data, mtime=0) for data in (PLAIN + b'{"instruction": "', b"x" * (10 * MEGABYTE))]
    (extreme / "rows.jsonl.gz").write_bytes(members[0] + members[1] * 1_000)
    clone.params("max_file_bytes: 4294967296 ", "max_file_bytes: 1073741824 ")
    before = digest(clone.folder / "data/normalize")
    ran = normalize(clone, tmp_path)
    assert ran.status == 1
    assert ran.said.count("\n") == 1
    assert "data/raw/extreme/rows.jsonl.gz expands to more than 1,073,741,824 bytes" in ran.said
    assert ran.memory < 800 * MEGABYTE
    assert digest(clone.folder / "data/normalize") == before


_WRITE = """
import sys
import pyarrow as pa, pyarrow.parquet as pq

texts = pa.array(["x" * (1 << 20)]).take(pa.array([0] * 2_000))
pq.write_table(pa.table({"instruction": texts}), sys.argv[1], use_dictionary=sys.argv[2] == "True", compression="zstd")
"""


@pytest.mark.parametrize("dictionary", [True, False])
def test_a_parquet_file_that_expands_to_2_gigabytes_stays_in_the_memory_of_its_reader(
    clone: Clone, extreme: Path, tmp_path: Path, dictionary: bool
) -> None:
    """One text of a megabyte in each row: a page of the dictionary names it 2,000 times, or zstd packs its repeats."""
    file = extreme / "rows.parquet"
    # a process of its own: the memory of one that starts a stage counts for the stage too
    subprocess.run([sys.executable, "-c", _WRITE, file, str(dictionary)], check=True)
    assert file.stat().st_size < 2 * MEGABYTE
    before = digest(clone.folder / "data/normalize")
    ran = normalize(clone, tmp_path)
    assert ran.memory < 1_600 * MEGABYTE
    assert ran.status == 1
    assert ran.said.count("\n") == 1
    assert "data/raw/extreme/rows.parquet expands to more than" in ran.said
    assert digest(clone.folder / "data/normalize") == before


def test_a_conversation_of_10_000_turns_is_one_row_of_the_index(clone: Clone) -> None:
    folder = clone.folder / "data/raw/talk"
    folder.mkdir()
    turns = [{"role": ("user", "assistant")[n % 2], "content": f"Turn {n} of many."} for n in range(10_000)]
    line = json.dumps({"id": "long", "messages": turns})
    (folder / "talk.jsonl").write_text(line + "\n", encoding="utf-8")
    clone.params("\nsources:\n", "\nsources:\n  talk: {adapter: messages, path: talk, license: CC0-1.0}\n")
    for stage in STAGES[1:-1]:
        clone.run("python3", "-m", f"stages.{stage}")
    index = pq.read_table(clone.folder / "data/index.parquet").to_pylist()
    assert [one["row_id"] for one in index if one["source"] == "talk"] == ["talk:long"]


_CLOCK = """
import datetime, os, time

_SHIFT = float(os.environ["SHIFT"])
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _SHIFT
time.time_ns = lambda: _time_ns() + int(_SHIFT * 1e9)
_localtime, _gmtime = time.localtime, time.gmtime
time.localtime = lambda seconds=None: _localtime(time.time() if seconds is None else seconds)
time.gmtime = lambda seconds=None: _gmtime(time.time() if seconds is None else seconds)


class _Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    utcnow = classmethod(lambda cls: cls.fromtimestamp(time.time()))


datetime.datetime = _Shifted
"""


@pytest.mark.parametrize("days", [-1, 3_650])
def test_the_clock_changes_no_byte(built: Clone, clone: Clone, tmp_path: Path, days: int) -> None:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(_CLOCK, encoding="utf-8")
    shifted = {"SHIFT": str(days * 86_400), "PYTHONPATH": str(tmp_path / "hook")}
    year = clone.run(
        "python3", "-c", "import datetime; print(datetime.datetime.now().year)", check=True, **shifted
    ).stdout
    assert days < 0 or int(year) >= 2034, "the clock is not shifted"
    for stage in STAGES:
        clone.run("python3", "-m", f"stages.{stage}", check=True, **shifted)
    for name in ("data/export", "data/index.parquet", "data/report", "data/receipts", "metrics"):
        one, other = built.folder / name, clone.folder / name
        assert (digest(one) if one.is_dir() else one.read_bytes()) == (
            digest(other) if other.is_dir() else other.read_bytes()
        ), name


def test_what_people_decided_outlives_whatever_starts_dvc_over(clone: Clone) -> None:
    row_id = pq.read_table(clone.folder / "data/index.parquet", columns=["row_id"])["row_id"][0].as_py()
    file = path_of(row_id, Path("data/patches"))
    label = {"row_id": row_id, "content_hash": "0" * 32, "kind": "rating", "reviewer": "ann"}
    decided = {
        file: Patch(row_id, "Ann", "reads well", tags=("good",)).json(),
        Path("data/labels/ann") / file.name: json.dumps(label),
    }
    for path, text in decided.items():
        (clone.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (clone.folder / path).write_text(text, encoding="utf-8")
    clone.params("seed: 20230313 ", "seed: 20230314 ")  # samples and splits are drawn anew
    for command in (
        ("dvc", "repro", "--quiet", "--force", "clean"),
        ("dvc", "gc", "--workspace", "--force", "--quiet"),
        ("dvc", "checkout", "--force", "--quiet"),
        ("rm", "dvc.lock"),
        ("dvc", "repro", "--quiet", "clean"),
    ):
        clone.run(*command)
        for path, text in decided.items():
            assert (clone.folder / path).read_text(encoding="utf-8") == text, (command, path)
