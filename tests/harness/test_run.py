"""A run of a stage: all of its outputs are published, or none."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from winnow.harness.code import listing
from winnow.harness.digests import file_md5
from winnow.harness.errors import UserError
from winnow.harness.metrics import write_text
from winnow.harness.run import Run, running
from winnow.storage.parquet import write_table

DVC = """
stages:
  sift:
    deps: [data/raw, data/code/gates]
    outs: [data/sift, data/one.txt, data/receipts/sift.json]
    metrics:
      - metrics/sift.json:
          cache: false
"""
RULES = "winnow/gates/rules.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, text in {"dvc.yaml": DVC, "data/raw/a.txt": "a", "data/raw/b.txt": "b", RULES: "LIMIT = 3\n"}.items():
        write_text(Path(path), text)
    write_text(Path("data/code/gates"), listing("gates"))


def work(run: Run, text: str) -> None:
    out = run.folder("data/sift")
    out.mkdir()
    (out / f"{text}.txt").write_text(text, encoding="utf-8")
    run.folder("data/one.txt").write_text(text, encoding="utf-8")
    run.metrics({"rows": 1})


def published() -> dict[str, str]:
    outs = [Path("data/one.txt"), Path("metrics/sift.json"), Path("data/receipts/sift.json")]
    return {p.as_posix(): p.read_text(encoding="utf-8") for p in [*Path("data/sift").glob("*"), *outs] if p.exists()}


def nothing_changes(message: str, spoil: Callable[[Run], object]) -> None:
    """Run once without and once with ``spoil``; assert that the second run fails and the outputs of the first stay."""
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
    assert [path for path in Path().rglob(".tmp") if path != Path("data/.tmp")] == []


def test_outputs_and_receipt_are_published() -> None:
    for text in ("old", "new"):
        with running("sift", {"limit": 3}) as run:
            work(run, text)
            assert text not in str(published())
        assert [path.name for path in Path("data/sift").iterdir()] == [f"{text}.txt"]
    receipt = json.loads(Path("data/receipts/sift.json").read_text(encoding="utf-8"))
    inputs = ("data/code/gates", "data/raw/a.txt", "data/raw/b.txt")
    assert receipt["inputs"] == {name: file_md5(Path(name)) for name in inputs}
    outputs = ("data/one.txt", "data/sift/new.txt", "metrics/sift.json")
    assert receipt["outputs"] == {name: file_md5(Path(name)) for name in outputs}
    assert (receipt["settings"], receipt["counts"], receipt["stage"]) == ({"limit": 3}, {"rows": 1}, "sift")
    assert list(Path("data/.tmp").iterdir()) == []


def test_nothing_is_published_when_the_body_raises() -> None:
    def spoil(run: Run) -> None:
        raise UserError("no good")

    nothing_changes("no good", spoil)


def test_nothing_is_published_when_an_input_is_edited() -> None:
    nothing_changes(
        r"data/raw/a\.txt changed while stage sift was running",
        lambda run: Path("data/raw/a.txt").write_text("aa", encoding="utf-8"),
    )


def test_nothing_is_published_when_an_input_is_replaced_by_one_as_large() -> None:
    def spoil(run: Run) -> None:
        old = Path("data/raw/b.txt").stat()
        Path("other").write_text("c", encoding="utf-8")
        os.utime("other", ns=(old.st_atime_ns, old.st_mtime_ns))
        Path("other").replace("data/raw/b.txt")

    nothing_changes(r"data/raw/b\.txt changed", spoil)


@pytest.mark.parametrize("name", ["data/raw/new.txt", "data/raw/deep/new.txt"])
def test_nothing_is_published_when_an_input_is_added(name: str) -> None:
    def spoil(run: Run) -> None:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("", encoding="utf-8")

    nothing_changes(f"{name} changed", spoil)


def test_nothing_is_published_when_an_input_goes() -> None:
    nothing_changes(r"data/code/gates changed", lambda run: Path("data/code/gates").unlink())


def linked(name: str) -> None:
    Path(name).symlink_to("/etc/hosts")


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        ("data/raw/link.txt", linked, "a link"),
        ("data/raw/deep/folder", lambda name: Path(name).symlink_to("/etc"), "a link"),
        ("data/raw/gone", lambda name: Path(name).symlink_to("nowhere"), "a link"),
        ("data/raw/pipe", os.mkfifo, "no plain file"),
    ],
)
def test_no_stage_reads_a_link_or_a_pipe(name: str, make: Callable[[str], Any], kind: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    make(name)
    with pytest.raises(UserError, match=f"{name} is {kind}, which no stage reads"), running("sift", {}) as run:
        work(run, "new")


def test_a_folder_of_inputs_that_is_a_link_is_not_read() -> None:
    Path("data/raw").rename("elsewhere")
    Path("data/raw").symlink_to(Path("elsewhere").resolve())
    with pytest.raises(UserError, match="data/raw is a link"), running("sift", {}):
        pass


def test_links_that_dvc_makes_into_its_cache_are_read() -> None:
    cached = Path(".dvc/cache/files/md5/ab/cdef")
    cached.parent.mkdir(parents=True)
    cached.write_text("a", encoding="utf-8")
    Path("data/raw/a.txt").unlink()
    Path("data/raw/a.txt").symlink_to(cached.resolve())
    with running("sift", {}) as run:
        work(run, "new")
    assert Path("data/sift/new.txt").exists()


@pytest.mark.parametrize(
    ("config", "read"), [(".dvc/config.local", True), ("home/dvc/config", True), (".dvc/config", False)]
)
def test_the_cache_is_where_this_machine_says_and_not_where_a_branch_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, read: bool
) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "home/dvc"))
    cached = tmp_path / "elsewhere/files/md5/ab/cdef"
    for file in (cached, tmp_path / config):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[cache]\n    dir = {tmp_path}/elsewhere\n    type = symlink\n", encoding="utf-8")
    Path("data/raw/a.txt").unlink()
    Path("data/raw/a.txt").symlink_to(cached)
    if read:
        with running("sift", {}) as run:
            work(run, "new")
        return
    advice = f"data/raw/a.txt is a link into .*if the folder is yours, run dvc config --local cache.dir {tmp_path}"
    with pytest.raises(UserError, match=advice), running("sift", {}):
        pass


def test_a_cache_that_is_a_link_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "secrets/files/md5").mkdir(parents=True)
    (tmp_path / "secrets/files/md5/key").write_text("key", encoding="utf-8")
    Path(".dvc").mkdir(exist_ok=True)
    Path(".dvc/cache").symlink_to(tmp_path / "secrets")  # Git can hold such a link
    Path("data/raw/a.txt").unlink()
    Path("data/raw/a.txt").symlink_to(Path(".dvc/cache/files/md5/key").resolve())
    with pytest.raises(UserError, match="only the branch says"), running("sift", {}):
        pass


def test_nothing_runs_on_code_that_data_code_does_not_list() -> None:
    """As ``dvc repro --single-item`` would after an edit: it does not run the stage ``code``."""
    write_text(Path(RULES), "LIMIT = 4\n")
    with pytest.raises(UserError) as caught, running("sift", {}):
        pytest.fail("the stage ran")
    assert str(caught.value) == (
        f"{RULES} is not the code that data/code/gates lists, so DVC would record the result of stage sift with other "
        "code than made it; nothing was run: run dvc repro --force code, then dvc repro."
    )
    write_text(Path("data/code/gates"), listing("gates"))
    with running("sift", {}) as run:
        work(run, "new")


def test_a_comment_written_between_code_and_a_stage_stops_nothing() -> None:
    write_text(Path(RULES), "LIMIT = 3  # rows\n")
    with running("sift", {}) as run:
        work(run, "new")


def test_nothing_is_published_when_code_is_edited_even_if_the_edit_is_undone() -> None:
    """Python imports a module when it is first used, perhaps between the two edits."""

    def spoil(run: Run) -> None:
        for text in ("LIMIT = 4\n", "LIMIT = 3\n"):
            write_text(Path(RULES), text)

    nothing_changes(f"{RULES} changed while stage sift was running", spoil)


def test_nothing_is_published_when_a_module_is_added() -> None:
    nothing_changes("winnow/gates/more.py changed", lambda run: write_text(Path("winnow/gates/more.py"), ""))


def test_nothing_is_published_when_an_output_is_missing() -> None:
    nothing_changes(r"without writing data/one\.txt", lambda run: run.folder("data/one.txt").unlink())


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    nothing_changes("The disk is full: stage sift", lambda run: monkeypatch.setattr(os, "fsync", full))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_table_that_meets_a_full_disk_is_one_sentence() -> None:
    table = pa.table({"row_id": [str(n) for n in range(50_000)]})
    nothing_changes("The disk is full", lambda run: write_table(Path("/dev/full"), table, table.schema))


def test_other_faults_of_the_system_are_not_called_a_full_disk() -> None:
    with pytest.raises(PermissionError), running("sift", {}):
        raise PermissionError(errno.EACCES, "no")


def test_leftovers_of_a_killed_run_are_removed() -> None:
    leftover, of_metrics = Path("data/.tmp/sift-1/sift"), Path("metrics/.tmp/sift-1")
    for folder in (leftover, of_metrics):
        folder.mkdir(parents=True)
        (folder / "half").write_text("half", encoding="utf-8")
    Path("data/.tmp/other-1").mkdir()
    with running("sift", {}) as run:
        assert not leftover.exists()
        assert not of_metrics.exists()
        work(run, "new")
    assert [path.name for path in Path("data/.tmp").iterdir()] == ["other-1"]
    assert "half" not in str(published())


def failing_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Have the rename ``number`` fail, as one does across file systems; return how many there were so far."""
    replace, calls = os.replace, 0

    def counted(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        replace(source, target)

    monkeypatch.setattr(os, "replace", counted)
    return lambda: calls


@pytest.mark.parametrize("number", range(1, 6))  # four outputs, and the old folder on its way aside
@pytest.mark.parametrize("first", [True, False])
def test_a_rename_that_fails_publishes_nothing(number: int, first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not first:
        with running("sift", {}) as run:
            work(run, "old")
    before = published()
    with (
        monkeypatch.context() as patch,
        pytest.raises(UserError, match="nothing was published") if (not first or number < 5) else nullcontext(),
        running("sift", {}) as run,
    ):
        work(run, "new")
        count = failing_at(number, patch)
    assert count() >= min(number, 4)
    if first and number == 5:
        assert len(published()) == 4
    else:
        assert published() == before
    assert list(Path("data/.tmp").iterdir()) == []


def test_a_place_that_cannot_be_written_stops_a_run_before_its_work() -> None:
    Path("metrics").write_text("a file where a folder must be", encoding="utf-8")
    message = r"metrics cannot be written \(.*\), where stage sift has an output; nothing was run"
    with pytest.raises(UserError, match=message), running("sift", {}):
        pytest.fail("the stage ran")


MOUNTED = """
mount -t tmpfs tmpfs {mount} || exit 77
cp -a kept/. data/
exec {python} -c "
from tests.harness.test_run import published, work
from winnow.harness.run import running
for text in ('old', 'new'):
    with running('sift', {{}}) as run:
        work(run, text)
assert len(published()) == 4 and 'data/sift/new.txt' in published(), published()
"
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a file system, on Linux")
@pytest.mark.parametrize("mount", ["data", "metrics", "data/sift"])
def test_outputs_on_several_file_systems_are_published(mount: str) -> None:
    shutil.copytree("data", "kept")
    for name in ("data/sift", "metrics"):
        Path(name).mkdir()
    script = MOUNTED.format(mount=mount, python=sys.executable)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    if mount == "data/sift":
        assert "data/sift is a mount point, so stage sift cannot replace it as a whole; nothing was run" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
