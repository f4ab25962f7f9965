"""Patches through ``dvc repro``: what reaches the release, what stays out, what runs again, what goes stale."""

import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import Clone
from tests.test_pipeline import STAGES
from winnow.integrity.patches import patches
from winnow.storage.buckets import read_all
from winnow.storage.parquet import read_table

pytestmark = pytest.mark.pipeline

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")
EDITED, DROPPED, TAGGED = (f"demo_messages:chat-{n:03d}" for n in (1, 2, 3))
SOURCE_OF_COPY = "demo_dolly"
"""A source with a row that says the same as a row of another, which deduplicate keeps in its place."""


def winnow(clone: Clone, *arguments: str) -> str:
    return clone.run(*WINNOW, *arguments).stdout


def release(clone: Clone) -> dict[str, str]:
    """Return the text of every file of the release, Parquet as JSON lines."""
    found = {}
    for file in sorted((clone.folder / "data" / "export").rglob("*.*")):
        if file.suffix == ".parquet":
            found[file.name] = "".join(json.dumps(row, ensure_ascii=False) for row in read_table(file).to_pylist())
        else:
            found[f"{file.parent.name}/{file.name}"] = file.read_text(encoding="utf-8")
    return found


def index(clone: Clone) -> dict[str, dict[str, str]]:
    return {row["row_id"]: row for row in read_table(clone.folder / "data" / "index.parquet").to_pylist()}


def copies(clone: Clone) -> list[str]:
    """Return the rows of one group of exact duplicates, the one that is kept first."""
    drops = [one for one in read_all(clone.folder / "data/deduplicate", 16).to_pylist() if one["verdict"] == "drop"]
    exact = {one["row_id"]: one["other_row_id"] for one in drops if one["reason"] == "exact_duplicate"}
    original = next(other for row_id, other in exact.items() if row_id.startswith(f"{SOURCE_OF_COPY}:"))
    return [original, *sorted(row_id for row_id, other in exact.items() if other == original)]


@pytest.fixture(scope="module")
def patched(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with a tagged release, then an edit, a drop, a tag and the takedown of a row that has a copy."""
    clone = built.copy(tmp_path_factory.mktemp("patched") / "clone")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    clone.run("git", "tag", "v1")
    clone.run("git", "tag", "not-a-version", clone.run("git", "hash-object", "-w", "params.yaml").stdout.strip())
    said = [
        winnow(clone, "patch", EDITED, "--set", "response=As I  want it. ", "--reason", "was wrong"),
        winnow(clone, "patch", DROPPED, "--drop", "--reason", "sells a thing"),
        winnow(clone, "patch", TAGGED, "--tag", "golden", "--reason", "a model answer", "--author", "Ann"),
        winnow(clone, "takedown", copies(clone)[0], "--yes", "--reason", "asked for by the author"),
    ]
    (clone.folder / ".git" / "said").write_text("\n".join(said), encoding="utf-8")
    clone.stages(*STAGES[1:-1])
    return clone


def test_an_edit_reaches_the_release_as_written_and_a_tag_the_metadata(built: Clone, patched: Clone) -> None:
    assert '"As I  want it. "' in release(patched)["messages/train.jsonl"]
    rows = {row["row_id"]: row for row in read_table(patched.folder / "data/export/parquet/train.parquet").to_pylist()}
    assert rows[EDITED]["messages"][-1]["content"] == "As I  want it. "
    assert json.loads(rows[TAGGED]["metadata"])["patch_tags"] == ["golden"]
    metrics = json.loads((patched.folder / "metrics" / "clean.json").read_text(encoding="utf-8"))
    assert metrics["patches"] == {"edits": 1, "stale": 0}
    assert index(patched)[EDITED]["content_hash"] != index(built)[EDITED]["content_hash"]


def test_a_dropped_row_is_out_by_hand_and_all_others_stay(built: Clone, patched: Clone) -> None:
    before, after = index(built), index(patched)
    assert (after[DROPPED]["stage"], after[DROPPED]["reason"]) == ("filter", "dropped_by_hand")
    taken = {row_id for row_id, row in after.items() if row["reason"] == "takedown"}
    moved = {row_id for row_id in before if before[row_id]["status"] != after[row_id]["status"]}
    assert moved == {DROPPED, copies(built)[0]}
    assert len(copies(built)) == 3
    assert taken == set(copies(built))


def test_a_takedown_leaves_no_copy_and_names_the_release_that_holds_the_row(built: Clone, patched: Clone) -> None:
    copy = copies(built)[-1]
    row = next(r for r in read_all(built.folder / "data/clean/records", 16).to_pylist() if r["row_id"] == copy)
    text = json.dumps(row["messages"][-1]["content"], ensure_ascii=False)[1:-1].split("\\n")[0][:60]
    assert any(text in content for content in release(built).values())
    assert not any(text in content for content in release(patched).values())
    said = (patched.folder / ".git" / "said").read_text(encoding="utf-8")
    assert "release v1 holds 1 of them" in said
    assert "not-a-version" not in said


def test_a_difference_counts_what_was_taken_down_and_shows_nothing_of_it(built: Clone, patched: Clone) -> None:
    clean = {one["row_id"]: one for one in read_all(built.folder / "data/clean/records", 16).to_pylist()}
    kept = copies(built)[0]
    opening = clean[kept]["messages"][0]["content"][:40]
    for form in ((), ("--md",), ("--json",)):
        shown = winnow(patched, "diff", "v1", "--examples", "500", *form)
        assert kept in shown
        assert json.dumps(opening, ensure_ascii=False)[1:-1] not in shown
    assert "(taken down: its text is not shown)" in winnow(patched, "diff", "v1", "--examples", "500")


def test_why_shows_who_patched_a_row_and_why(patched: Clone) -> None:
    assert "edits messages[1].content by Test: was wrong (data/patches/demo_messages/" in winnow(patched, "why", EDITED)
    assert "tag golden by Ann: a model answer" in winnow(patched, "why", TAGGED)
    gone = next(row_id for row_id, row in index(patched).items() if row["reason"] == "takedown")
    out = winnow(patched, "why", gone)
    assert "is out: takedown at filter" in out
    assert "takedown by Test: asked for by the author" in out


def test_a_drop_runs_only_augment_clean_and_gates_and_a_takedown_reaches_a_whole_source(clone: Clone) -> None:
    winnow(clone, "takedown", "--source", "demo_dolly", "--yes", "--reason", "the licence was withdrawn")
    ran = clone.ran(clone.run("dvc", "repro", "export"))
    assert ran[:3] == ["augment", "clean", "filter"]
    assert {"normalize", "annotate", "neighbours", "overlaps"}.isdisjoint(ran)
    rows = {row_id: row for row_id, row in index(clone).items() if row["source"] == "demo_dolly"}
    assert {row["status"] for row in rows.values()} == {"out"}
    assert "demo_dolly:" not in release(clone)["train.parquet"]


def test_an_edit_goes_stale_with_its_source_and_verify_names_it(
    patched: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = patched.copy(tmp_path / "clone")
    file = clone.folder / "data" / "raw" / "demo" / "messages" / "chat.jsonl.gz"
    lines = gzip.decompress(file.read_bytes()).decode().split("\n")
    row = json.loads(lines[0])
    row["messages"][-1]["content"] = "Upstream says something new about it, in a whole sentence."
    lines[0] = json.dumps(row)
    del lines[2]  # the tagged row is gone
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    clone.run("python3", "-m", "stages.normalize")
    said = clone.run("python3", "-m", "stages.clean").stderr
    assert f"stale: the source has changed messages[1].content of {EDITED} since its patch was made" in said
    metrics = json.loads((clone.folder / "metrics" / "clean.json").read_text(encoding="utf-8"))
    assert metrics["patches"] == {"edits": 0, "stale": 1}
    monkeypatch.chdir(clone.folder)
    found = [one.line() for one in patches()]
    assert len(found) == 2
    assert any("the edit of messages[1].content in" in one and f"has changed {EDITED} since" in one for one in found)
    assert any(f"is stale: no source or plan has the row {TAGGED} any more" in one for one in found)
    why = winnow(clone, "why", EDITED)
    assert "edits messages[1].content (not in place) by Test: was wrong" in why
    winnow(clone, "patch", EDITED, "--rebind", "--reason", "still right")
    assert clone.run("python3", "-m", "stages.clean").stderr == ""
    metrics = json.loads((clone.folder / "metrics" / "clean.json").read_text(encoding="utf-8"))
    assert metrics["patches"] == {"edits": 1, "stale": 0}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["patch", "demo_messages:none", "--drop", "--reason", "r"], "no row demo_messages:none in"),
        (
            ["patch", EDITED, "--set", "tools=x", "--reason", "r"],
            f"{EDITED} has no field 'tools' that may be edited; it",
        ),
        (["patch", EDITED, "--set", "messages[9].content=x", "--reason", "r"], "has no field 'messages[9].content'"),
        (["patch", EDITED, "--set", "response", "--reason", "r"], "--set takes FIELD=TEXT, not 'response'"),
        (["patch", EDITED, "--reason", "r"], "nothing to do"),
        (["takedown", "--reason", "r"], "give one of ROW_ID, --text and --source"),
        (["takedown", "--source", "../x", "--yes", "--reason", "r"], "there is no source '../x' in params.yaml"),
        (["takedown", "--text", "no such words anywhere", "--reason", "r"], "no row holds this text"),
        (["takedown", "demo_messages:none", "--reason", "r"], "no row demo_messages:none in"),
        (["takedown", "demo_messages:!0", "--reason", "r"], "no raw unit demo_messages:!0 in"),
        (["takedown", "--text", " \n", "--reason", "r"], "the text is empty"),
        (["takedown", "--text", "swifts", "--reason", "is of Swifts"], "the reason quotes the text"),
        (["takedown", "--source", "demo_dolly", "--purge", "--reason", "r"], "--purge is for rows"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    built: Clone, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    from click.testing import CliRunner

    from winnow.cli.main import main

    monkeypatch.chdir(built.folder)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code != 0
    assert sentence in done.output
    assert "Traceback" not in done.output
    assert not list((built.folder / "data" / "patches").rglob("*.json"))


def test_an_editor_starts_from_the_text_as_it_stands_and_then_from_the_patch(clone: Clone, tmp_path: Path) -> None:
    row_id = "demo_messages:chat-026"  # cleaning changes its text
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho more >> "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    for _ in range(2):
        clone.run(*WINNOW, "patch", row_id, "--edit", "response", "--reason", "r", EDITOR=str(editor))
    rows = {row["row_id"]: row for row in read_all(clone.folder / "data/clean/records", 16).to_pylist()}
    clean = rows[row_id]["messages"][-1]["content"]
    (file,) = (clone.folder / "data" / "patches").rglob("*.json")
    (edit,) = json.loads(file.read_text(encoding="utf-8"))["edits"].values()
    assert edit["to"] == f"{clean}\nmore\nmore"
    quiet = clone.run(*WINNOW, "patch", row_id, "--edit", "response", "--reason", "r", EDITOR="true").stdout
    assert quiet == "nothing changed\n"
