"""``winnow verify``: each kind of damage is named, and nothing where there is none."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import Clone
from winnow.harness.cache import cached
from winnow.integrity import tables
from winnow.integrity.aside import DAMAGED
from winnow.integrity.lock import LOCK, RWLOCK, entries, read_lock
from winnow.integrity.patches import PATCHES
from winnow.integrity.verify import repair, verify
from winnow.patches.patch import Patch, path_of
from winnow.storage.parquet import read_table, write_table

pytestmark = pytest.mark.pipeline

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")
RESTORED = "run `winnow verify --fix`, which moves it to data/.damaged and checks out what was recorded"
Findings = Callable[[], list[str]]


def md5_of(path: str) -> str:
    """Return the hash that dvc.lock records for an output."""
    return next(out.md5 for out in entries(read_lock() or {}, "outs") if out.path == path)


def cached_part(path: str) -> Path:
    """Return where the cache keeps the first file of an output folder."""
    return cached(json.loads(cached(md5_of(path)).read_text(encoding="utf-8"))[0]["md5"])


def flip(file: Path, at: int | None = None) -> None:
    """Change one byte, that in the middle or that ``at`` a place, and nothing else: size, time, mode, inode stay."""
    status = file.stat()
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    with file.open("r+b") as out:
        out.write(data)
    file.chmod(status.st_mode)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_built_clone_is_whole(committed: Clone) -> None:
    done = committed.run(*WINNOW, "verify")
    assert done.stdout == "everything is whole\n"


def test_an_output_edited_by_hand_is_named_though_dvc_does_not_see_it(committed: Clone, spoilt: Path) -> None:
    clone = Clone(spoilt)
    clone.run("dvc", "status")
    flip(spoilt / "data/filter/part-003.parquet")
    assert json.loads(clone.run("dvc", "status", "--json").stdout) == {}
    done = clone.run(*WINNOW, "verify", check=False)
    assert done.returncode == 1
    line = "outputs: data/filter/part-003.parquet is not what filter wrote: it was edited or damaged; run `([^`]*)`.*\n"
    found = re.fullmatch(line + "1 findings\n", done.stdout)
    assert found
    assert found[1] == "winnow verify --fix"
    fixed = clone.run(*WINNOW, "verify", "--fix").stdout
    assert re.search(
        r"edited or damaged \(data/filter moved to data/.damaged/data-filter-[0-9a-f]{32}; dvc checkout\)", fixed
    )
    assert fixed.endswith("\neverything is whole\n")


def test_a_missing_output_is_named_and_brought_back(spoilt: Path, findings: Findings) -> None:
    Path("data/index.parquet").unlink()
    Path("data/export/parquet/train.parquet").unlink()
    assert findings() == [
        f"outputs: data/export/parquet/train.parquet is missing; {RESTORED}",
        "outputs: data/index.parquet is missing; run `dvc checkout data/index.parquet`",
    ]
    (Path("data/export/parquet") / "more.txt").write_text("x", encoding="utf-8")
    assert "outputs: data/export/parquet/more.txt was not written by export" in " ".join(findings())
    Path("metrics/mix.json").unlink()
    assert "outputs: metrics/mix.json is missing; run dvc repro" in findings()
    more = Path("data/export/parquet/more.txt")
    assert {one.problem.split()[0] for one, _ in repair(verify())} == {
        *("data/index.parquet", "data/export/parquet/train.parquet", more.as_posix())
    }
    assert findings() == ["outputs: metrics/mix.json is missing; run dvc repro"]
    (kept,) = DAMAGED.glob("data-export-*/parquet/more.txt")
    assert kept.read_text(encoding="utf-8") == "x"


def test_no_outputs_at_all_are_one_finding(spoilt: Path, findings: Findings) -> None:
    for out in entries(read_lock() or {}, "outs"):
        subprocess.run(["rm", "-r", out.path], check=True)
    assert findings() == ["outputs: no output is here; run `dvc checkout`, then dvc repro"]
    subprocess.run(["rm", "-rf", ".dvc/cache"], check=True)
    assert findings() == ["outputs: no output is here; run dvc pull, or dvc repro"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", ["file", "part", "listing"])
def test_a_damaged_cached_object_is_named_and_written_anew_where_the_output_is_whole(
    spoilt: Path, findings: Findings, kind: str, whole: bool
) -> None:
    path = {"file": "data/index.parquet", "part": "data/filter", "listing": "data/filter"}[kind]
    file = cached_part(path) if kind == "part" else cached(md5_of(path))
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o444
    flip(file)
    if not whole:
        subprocess.run(["rm", "-r", path], check=True)
    name = f"{path}/part-000.parquet" if kind == "part" else path
    (line,) = [line for line in findings() if line.startswith("cache:")]
    fix = f"which writes it again from {name}" if whole else "which moves it to data/.damaged, then dvc repro"
    assert line == f"cache: the cached copy of {name} is damaged; run `winnow verify --fix`, {fix}"
    spoilt_bytes = file.read_bytes()
    assert len([said for one, said in repair(verify()) if one.check == "cache" and isinstance(said, str)]) == 1
    assert not [line for line in findings() if line.startswith("cache:")]
    if whole:
        assert (file.read_bytes(), file.stat().st_mode & 0o777) == (before, 0o444)
    else:
        assert not file.exists()
        assert [one.read_bytes() for one in DAMAGED.glob("cache-*")] == [spoilt_bytes]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("schema: '2.0'\nstages:\n  clean:\n    outs:\n    - pa", "is torn"),
        ("schema: '2.0'\nstages:\n  clean:\n    outs:\n    - path: data/clean/records\n      md5: 0123", "is torn"),
        ("<<<<<<< HEAD\nschema: '2.0'\n=======\n", "holds conflict marks of Git"),
        (None, "is missing"),
    ],
)
def test_a_torn_lock_file_is_named_and_the_committed_one_comes_back(
    spoilt: Path, findings: Findings, text: str | None, what: str
) -> None:
    before = LOCK.read_bytes()
    LOCK.unlink() if text is None else LOCK.write_text(text, encoding="utf-8")
    (line,) = findings()
    assert line.startswith(f"dvc.lock: {what}; run `")
    list(repair(verify()))
    assert (LOCK.read_bytes() == before) == (what != "holds conflict marks of Git")
    assert text is None or text.encode() in [
        LOCK.read_bytes(),
        *(one.read_bytes() for one in DAMAGED.glob("dvc.lock-*")),
    ]


def test_a_torn_table_of_commands_and_staging_of_a_killed_run_go(spoilt: Path, findings: Findings) -> None:
    RWLOCK.parent.mkdir(parents=True, exist_ok=True)
    RWLOCK.write_bytes(b"")
    process = subprocess.Popen(["true"])
    process.wait()
    left = [Path(folder) / ".tmp" / f"clean-{process.pid}" for folder in ("data", "data/clean", "metrics/plots/clean")]
    for folder in left:
        folder.mkdir(parents=True)
    kept = Path(f"data/.tmp/filter-{os.getpid()}")
    kept.mkdir()
    Path("data/.tmp/fetch").mkdir()
    assert findings() == [
        "locks: .dvc/tmp/rwlock is torn; run `rm .dvc/tmp/rwlock`",
        *(f"runs: {folder} is left of a run that was killed; run `rm -r {folder}`" for folder in left),
    ]
    list(repair(verify()))
    assert findings() == []
    assert kept.exists()


def test_while_dvc_runs_nothing_else_is_said(spoilt: Path, findings: Findings) -> None:
    RWLOCK.parent.mkdir(parents=True, exist_ok=True)
    LOCK.write_bytes(b"")
    dvc = subprocess.Popen([sys.executable, "-c", "input()", "repro", "--quiet"], stdin=subprocess.PIPE)
    try:
        table = {"write": {"/x": {"pid": dvc.pid, "cmd": "dvc repro --quiet"}}}
        RWLOCK.write_text(json.dumps(table), encoding="utf-8")
        line = f"runs: `dvc repro --quiet` (process {dvc.pid}) is running here; wait for its end, then verify again"
        deadline = time.monotonic() + 10
        while (found := findings()) != [line] and time.monotonic() < deadline:  # it may not have its name yet
            time.sleep(0.1)
        assert found == [line]
    finally:
        dvc.kill()
        dvc.communicate()
    assert not [line for line in findings() if line.startswith("runs:")]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_killed_dvc_whose_process_id_is_another_program_now_blocks_nothing(spoilt: Path, findings: Findings) -> None:
    RWLOCK.parent.mkdir(parents=True, exist_ok=True)
    table = {"read": {"/x": [{"pid": os.getpid(), "cmd": "dvc repro --force --no-commit"}]}}
    RWLOCK.write_text(json.dumps(table), encoding="utf-8")
    line = (
        f"locks: {RWLOCK} names process {os.getpid()}, which is not `dvc repro --force --no-commit`; run `rm {RWLOCK}`"
    )
    assert findings() == [line]
    list(repair(verify()))
    assert findings() == []


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_stage_that_runs_without_dvc_is_named(spoilt: Path, findings: Findings) -> None:
    code = "import time; time.sleep(60)"
    stage = subprocess.Popen([sys.executable, "-c", code, "-m", "stages.filter"])
    try:
        deadline = time.monotonic() + 10
        while not (found := findings()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert found == [f"runs: stage filter runs here without dvc; run `kill {stage.pid}`"]
    finally:
        stage.kill()
        stage.wait()


def test_code_that_data_code_does_not_list_is_named_and_a_comment_is_none(spoilt: Path, findings: Findings) -> None:
    script, room = Path("stages/mix.py"), Path("winnow/gates/rules.py")
    for file in (script, room):
        file.write_text(file.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert findings() == []
    script.write_text(script.read_text(encoding="utf-8") + "OTHER = True\n", encoding="utf-8")
    room.write_text("RULES = (\n", encoding="utf-8")
    fix = "run `dvc repro --force code`, then dvc repro"
    assert findings() == [
        "code: winnow/gates/rules.py is no Python: '(' was never closed (line 1); fix it there",
        f"code: stages/mix.py is not the code that data/code/stages/mix lists; {fix}",
    ]


def test_files_and_metrics_of_a_stage_that_is_gone_are_named(spoilt: Path, findings: Findings) -> None:
    Path("data/filter_old").mkdir()
    Path("data/clean/old.parquet").write_bytes(b"x")
    Path("data/raw/new.jsonl").write_text("{}", encoding="utf-8")  # not ignored: a new source
    Path("metrics/old.json").write_text("{}", encoding="utf-8")
    subprocess.run(["git", "add", "metrics/old.json"], check=True)
    assert findings() == [
        "strays: data/clean/old.parquet belongs to no stage; "
        "run `winnow verify --fix`, which moves it to data/.damaged",
        "strays: metrics/old.json belongs to no stage; run `git rm metrics/old.json`",
    ]


def test_a_wrong_patch_is_named(spoilt: Path, findings: Findings) -> None:
    right = Patch("demo_alpaca:x", "Ann", "r", drop="drop")
    conflict = path_of("demo_alpaca:y", PATCHES)
    for file, text in {
        path_of(right.row_id, PATCHES): right.json(),
        conflict: f"<<<<<<< HEAD\n{right.json()}",
        Path("data/patches/demo_alpaca/other.json"): right.json(),
    }.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = findings()
    assert len(found) == 2
    assert f"patches: {conflict} holds conflict marks of Git; " in " ".join(found)
    assert "patches: data/patches/demo_alpaca/other.json is not named for 'demo_alpaca:x'" in " ".join(found)


def test_a_wrong_label_is_a_finding_and_a_stale_one_a_note(spoilt: Path, findings: Findings) -> None:
    row = read_table(tables.INDEX).slice(0, 1).to_pylist()[0]
    label = {"row_id": row["row_id"], "content_hash": row["content_hash"], "kind": "rating", "reviewer": "ann"}
    file = Path("data/labels/ann") / path_of(row["row_id"], PATCHES).name
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(label), encoding="utf-8")
    assert findings() == []
    file.write_text(json.dumps({**label, "content_hash": "0" * 32}), encoding="utf-8")
    (line,) = findings()
    assert line.startswith(f"note: labels: what ann said of {row['row_id']} is stale: its text has changed since")
    file.write_text(json.dumps({**label, "kind": "guess"}), encoding="utf-8")
    (line,) = findings()
    assert line.startswith(f"labels: {file} says kind: 'guess'")


def test_a_release_without_licence_is_named(spoilt: Path) -> None:
    index = read_table(tables.INDEX)
    rows = index.to_pylist()
    for row in rows:
        row["license"] = "" if row["source"] == "demo_oasst" else row["license"]
    write_table(tables.INDEX, pa.Table.from_pylist(rows, index.schema), index.schema)
    inside = sum(row["source"] == "demo_oasst" and row["status"] == "in" for row in rows)
    assert [one.line() for one in tables.licences()] == [
        f"licences: {inside} released rows of demo_oasst have no licence; "
        "name it in sources.demo_oasst.license of params.yaml, then run dvc repro"
    ]


def test_lost_and_invented_rows_break_the_conservation_law(spoilt: Path) -> None:
    file = Path("data/deduplicate/part-004.parquet")
    table = read_table(file)
    write_table(file, table.slice(1), table.schema)
    found = " ".join(one.line() for one in tables.conservation())
    assert f"{file} does not decide on the rows that were alive" in found
    assert "metrics/deduplicate.json counts other rows than the tables hold" in found
    write_table(file, table, table.schema)
    metrics = Path("metrics/filter.json")
    metrics.write_text(metrics.read_text(encoding="utf-8").replace('"rows_in": ', '"rows_in": 1'), encoding="utf-8")
    found = " ".join(one.line() for one in tables.conservation())
    assert "metrics/filter.json: rows in are not rows out + dropped" in found


def test_a_release_that_cannot_be_read_or_lacks_rows_is_named(spoilt: Path) -> None:
    from winnow.integrity.release import release

    assert release() == []
    lines = Path("data/export/messages/train.jsonl")
    lines.write_bytes(lines.read_bytes()[:-40])
    flip(Path("data/export/parquet/test.parquet"), 200)  # in the first page of data
    Path("data/export/messages/test.jsonl").unlink()
    Path("data/export/README.md").unlink()
    found = " ".join(one.line() for one in release())
    assert "data/export/messages/train.jsonl cannot be read" in found
    assert "data/export/parquet/test.parquet cannot be read" in found
    assert "data/export/messages has no file of the split test" in found
    assert "data/export has no dataset card" in found
