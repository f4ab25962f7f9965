"""What happens while a stage runs: edits, other branches, old outputs, a full disk, kills."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns import flips, kill
from tests.conftest import Clone

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")
AT_THE_END = """
import atexit, os, subprocess, sys
if sys.orig_argv[1:] == ["-m", "stages." + os.environ["STAGE"]]:
    atexit.register(subprocess.run, os.environ["COMMAND"], shell=True, check=True)
"""
"""Runs a command when a stage has published its outputs and DVC has not looked at its inputs yet."""


@pytest.fixture
def other(committed: Clone, tmp_path: Path) -> Clone:
    """A copy of the committed clone with a branch `other`, on which a script has one more line of code."""
    clone = committed.copy(tmp_path / "clone")
    clone.run("git", "checkout", "-q", "-b", "other")
    with (clone.folder / "stages" / "mix.py").open("a", encoding="utf-8") as file:
        file.write("OTHER = True\n")
    clone.run("git", "commit", "-qam", "other")
    clone.run("git", "checkout", "-q", "main")
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(AT_THE_END, encoding="utf-8")
    return clone


def repro_with(clone: Clone, stage: str, command: str) -> None:
    """Run one stage under DVC and a command right after it."""
    hook = str(clone.folder.parent / "hook")
    clone.run("dvc", "repro", "--force", "--single-item", stage, PYTHONPATH=hook, STAGE=stage, COMMAND=command)


def findings(clone: Clone) -> list[str]:
    done = clone.run(*WINNOW, "verify", check=False)
    assert done.returncode == (done.stdout != "everything is whole\n")
    return done.stdout.splitlines()[:-1]


def test_another_branch_before_the_result_is_published_is_an_error(other: Clone) -> None:
    (other.folder / "slow.py").write_text(
        "import runpy, subprocess, winnow.gates.mix.mixing\n"
        "from winnow.harness.run import Run\n"
        "metrics = Run.metrics\n"
        "def switched(*a):\n"
        "    subprocess.run(['git', 'checkout', '-q', 'other'], check=True)\n"
        "    return metrics(*a)\n"
        "Run.metrics = switched\n"
        "runpy.run_module('stages.mix', run_name='__main__')\n"
    )
    before = kill.state(other)
    done = other.run("python3", "slow.py", check=False)
    assert done.returncode == 1
    assert "stages/mix.py changed while stage mix was running" in done.stderr
    assert kill.state(other) == before


def test_another_branch_after_it_is_up_to_date_for_dvc_and_found_by_verify(other: Clone) -> None:
    repro_with(other, "code", "git checkout -q other -- stages/mix.py")
    assert json.loads(other.run("dvc", "status", "--json").stdout) == {}
    fix = "run `dvc repro --force code`, then dvc repro"
    assert findings(other) == [
        f"receipts: dvc.lock records another stages than stage code read; {fix}",
        f"code: stages/mix.py is not the code that data/code/stages/mix lists; {fix}",
    ]
    refused = other.run("dvc", "repro", "--force", "--single-item", "mix", check=False)
    assert refused.returncode != 0
    assert "stages/mix.py is not the code that data/code/stages/mix lists" in refused.stderr
    other.run("dvc", "repro", "--force", "code")
    assert other.ran(other.run("dvc", "repro")) == ["mix"]
    assert findings(other) == []


def test_an_edit_that_is_undone_while_a_stage_runs_publishes_nothing(other: Clone) -> None:
    edited_and_undone = "git checkout -q other -- stages/mix.py; git checkout -q main -- stages/mix.py"
    (other.folder / "slow.py").write_text(
        "import os, runpy\n"
        "from winnow.harness.run import Run\n"
        "metrics = Run.metrics\n"
        f"Run.metrics = lambda *a: (os.system({edited_and_undone!r}), metrics(*a))\n"
        "runpy.run_module('stages.mix', run_name='__main__')\n"
    )
    before = kill.state(other)
    done = other.run("python3", "slow.py", check=False)
    assert done.returncode == 1
    assert "stages/mix.py changed while stage mix was running" in done.stderr
    assert kill.state(other) == before


def test_old_outputs_checked_out_during_a_run_are_found_by_verify(other: Clone) -> None:
    other.params("  long_response: 20000", "  long_response: 180")
    repro_with(other, "filter", "dvc checkout --quiet --force data/filter data/receipts/filter.json")
    found = [line for line in findings(other) if line.startswith("receipts: ")]
    assert found
    assert "than stage filter" in found[0]


def test_a_stage_whose_dvc_died_before_it_started_does_not_run(other: Clone) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    table = {"write": {f"{other.folder}/data/receipts/mix.json": {"pid": dead.pid, "cmd": "dvc repro"}}, "read": {}}
    rwlock = other.folder / ".dvc" / "tmp" / "rwlock"
    rwlock.parent.mkdir(exist_ok=True)
    rwlock.write_text(json.dumps(table), encoding="utf-8")
    before = (other.folder / "data" / "receipts" / "mix.json").stat().st_mtime_ns
    assert other.run("python3", "-m", "stages.mix", check=False, DVC_STAGE="mix").returncode == -9
    assert (other.folder / "data" / "receipts" / "mix.json").stat().st_mtime_ns == before
    assert other.run("python3", "-m", "stages.mix", check=False).returncode == 0  # started by hand


@pytest.fixture
def full_disk(committed: Clone, tmp_path: Path) -> Iterator[Clone]:
    """A copy of the committed clone on a disk of its own that has no byte left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root on Linux only")
    try:
        clone = committed.copy(disk / "clone")
        with (disk / "filler").open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        yield clone
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_sentence_and_the_next_run_gives_the_same_bytes(full_disk: Clone) -> None:
    before = kill.state(full_disk)
    done = full_disk.run("python3", "-m", "stages.annotate", check=False)
    assert done.returncode == 1
    assert "The disk is full" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert kill.state(full_disk) == before
    failed = full_disk.run("dvc", "repro", "--force", "--single-item", "mix", check=False)
    assert failed.returncode != 0
    (full_disk.folder.parent / "filler").unlink()
    assert kill.recover(full_disk, before)[1] is None
    assert findings(full_disk) == []


def test_runs_killed_one_after_the_other_are_recovered_and_no_stage_outlives_dvc(
    committed: Clone, tmp_path: Path
) -> None:
    clone = committed.copy(tmp_path / "clone")
    before = kill.state(clone)
    struck = [
        kill.strike(clone, kill.Kill("mix", 1.5, group=True)),
        kill.strike(clone, kill.Kill("filter", 1.6, group=False)),
        kill.strike(clone, kill.Kill("index", 1.7, group=False)),
    ]
    assert any(landed for landed, _ in struck)
    assert max(survived for _, survived in struck) < kill.PATIENCE
    assert kill.recover(clone, before)[1] is None
    assert findings(clone) == []


def test_a_stage_that_lives_on_is_seen(tmp_path: Path) -> None:
    stage = subprocess.Popen([sys.executable, "-c", "input()", "-m", "stages.x"], cwd=tmp_path, stdin=subprocess.PIPE)
    try:
        for _ in range(100):  # until the new process shows its command
            if kill.stages_alive(tmp_path):
                break
            time.sleep(0.05)
        assert kill.stages_alive(tmp_path) == (sys.platform == "linux")
        assert not kill.stages_alive(Path(os.sep))
    finally:
        stage.kill()
        stage.communicate()


def test_no_flipped_bit_of_a_table_reads_as_other_data(built: Clone) -> None:
    found = {outcome for _, _, outcome in flips.campaign(flips.tables(built.folder), 300, seed=7)}
    assert found == {"refused", "equal"}
