"""Two people change one dataset: branches, merges in both directions, the comment on a pull request, releases."""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Clone

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")
EDITED = {"demo_messages:chat-001", "demo_messages:chat-002"}
DROPPED = "demo_messages:chat-003"


@pytest.fixture(scope="module")
def story(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The clone in which ``make conflict-demo`` happened: branches base, threshold, patches, one-way, other-way."""
    clone = built.copy(tmp_path_factory.mktemp("story") / "clone")
    command = [str(clone.folder / ".ci" / "conflict-demo"), "."]  # four runs of dvc repro: some 50 s on two cores
    environment = {**os.environ, "WINNOW_WORKERS": "1"}
    done = subprocess.run(command, cwd=clone.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (clone.folder / ".git" / "demo.log").write_text(done.stdout, encoding="utf-8")
    return clone


def changes(clone: Clone, a: str, b: str) -> dict[str, set[str]]:
    """Return the ids of the rows that changed from version ``a`` to ``b``, by change."""
    found = json.loads(clone.run(*WINNOW, "diff", a, b, "--json", "--examples", "1000").stdout)
    rows = {change: {row["row_id"] for row in rows} for change, rows in found["examples"].items() if rows}
    assert {change: len(ids) for change, ids in rows.items()} == {
        change: count for change, count in found["counts"].items() if count and change not in ("unchanged", "replaced")
    }
    return rows


def digests(folder: Path) -> dict[str, str]:
    files = [folder / "data" / "index.parquet", *sorted((folder / "data" / "export").rglob("*.*"))]
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_both_merge_directions_hold_the_same_bytes(story: Clone, tmp_path: Path) -> None:
    clone = story.copy(tmp_path / "clone")
    found = []
    for branch in ("one-way", "other-way"):
        clone.run("git", "checkout", "-qf", branch)
        clone.run("dvc", "checkout", "--quiet", "--force")
        found.append(digests(clone.folder))
        assert clone.run("dvc", "status", "-q", check=False).returncode == 0
    assert len(found[0]) > 5
    assert found[0] == found[1]


def test_the_diff_of_the_merge_names_exactly_the_rows_of_both_branches(story: Clone) -> None:
    patched = changes(story, "base", "patches")
    assert patched == {"edited": EDITED, "removed": {DROPPED}}
    asked = changes(story, "base", "threshold")
    assert asked.keys() == {"removed"}
    assert len(asked["removed"]) > 3
    assert DROPPED not in asked["removed"]
    for merge in ("one-way", "other-way"):
        assert changes(story, "base", merge) == {"edited": EDITED, "removed": asked["removed"] | {DROPPED}}
        assert changes(story, "threshold", merge) == patched
        assert changes(story, "patches", merge) == asked
    assert changes(story, "one-way", "other-way") == {}


def test_the_demonstration_prints_the_documented_commands(story: Clone) -> None:
    log = (story.folder / ".git" / "demo.log").read_text(encoding="utf-8")
    for command in ("git checkout --ours dvc.lock metrics", "dvc repro", "winnow diff base one-way"):
        assert f"\n$ {command}\n" in log
    assert log.count("CONFLICT (content): Merge conflict in dvc.lock") == 2


def test_the_comment_on_a_pull_request_has_parameters_metrics_and_rows(story: Clone, tmp_path: Path) -> None:
    clone = story.copy(tmp_path / "clone")
    clone.run("git", "checkout", "-qf", "one-way")
    clone.run("dvc", "checkout", "--quiet", "--force")
    file = tmp_path / "comment.md"
    clone.run(".ci/pull-request", "base", str(file), PYTHONHASHSEED="7")
    comment = file.read_text(encoding="utf-8")
    assert re.findall(r"^### (.*)", comment, re.MULTILINE) == ["Parameters", "Metrics", "Rows"]
    assert re.search(r"\| params\.yaml \| filter\.short_instruction \| \d+ +\| 30 +\|", comment)
    assert re.search(r"\| metrics/filter\.json +\| dropped\.dropped_by_hand", comment)
    assert "| 2 | edited |" in comment
    assert "demo_messages:chat-001" in comment
    assert len(comment.encode()) < 60_000
    assert clone.run("git", "status", "--porcelain").stdout == ""

    lock = clone.folder / "dvc.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("short_instruction: 30", "short_instruction: 31"), "utf-8")
    clone.run("git", "commit", "-qam", "a lock file of other settings")
    assert clone.run(".ci/pull-request", "base", str(file), check=False).returncode == 1
    assert "are not what this commit builds" in file.read_text(encoding="utf-8")


def test_the_second_release_lists_what_changed_since_the_first(story: Clone, tmp_path: Path) -> None:
    clone = story.copy(tmp_path / "clone")
    clone.run("git", "checkout", "-qf", "base")
    clone.run("dvc", "checkout", "--quiet", "--force")
    clone.run(*WINNOW, "release", "v1.0")
    clone.run("git", "merge", "-q", "--no-edit", "one-way")
    clone.run("dvc", "checkout", "--quiet", "--force")
    clone.run(*WINNOW, "release", "v1.1")
    section = (clone.folder / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    assert section.startswith("v1.1.0 ")
    assert "### Rows: `dataset@v1.0.0` to `dataset@v1.1.0`" in section
    removed = len(changes(clone, "dataset@v1.0.0", "dataset@v1.1.0")["removed"])
    assert f"| {removed} | removed by a rule |\n| 2 | edited |" in section
    assert "apple juice" not in section  # no text of rows: a changelog stays, a row may have to be taken down
