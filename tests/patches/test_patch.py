"""Patch files: what is written is read again, and every wrong file is one sentence that names it."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.harness.errors import UserError
from winnow.integrity.patches import patches
from winnow.patches.fields import EDITABLE, get, names, put
from winnow.patches.patch import FieldEdit, Patch, each_patch, files, path_of, read
from winnow.records.identity import digest

RIGHT = {
    "row_id": "a:1",
    "author": "Ann",
    "reason": "typo",
    "edits": {"context": {"from": digest("old"), "to": "new"}},
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = TEXT.filter(str.strip)
FIELDS = st.sampled_from(["system", "context", "messages[0].content", "rejected[10].messages[2].reasoning"])
PATCHES = st.builds(
    Patch,
    row_id=TEXT.map(lambda key: f"src:{key}").filter(lambda row_id: row_id != "src:*"),
    author=WORDS,
    reason=WORDS,
    edits=st.dictionaries(FIELDS, st.builds(FieldEdit, TEXT, TEXT), min_size=1).map(lambda e: dict(sorted(e.items()))),
    drop=st.sampled_from([None, "drop", "takedown"]),
    content_hash=st.none() | st.just(digest("x")),
    texts=st.lists(st.sampled_from([digest("y"), digest("z")]), unique=True).map(lambda texts: tuple(sorted(texts))),
    tags=st.lists(TEXT, unique=True).map(lambda tags: tuple(sorted(tags))),
)


def write(folder: Path, value: object, row_id: str = "a:1") -> Path:
    file = path_of(row_id, folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return file


@given(patch=PATCHES)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, patch: Patch) -> None:
    folder = tmp_path_factory.mktemp("patches")
    assert read(write(folder, patch.json(), patch.row_id), folder) == patch
    assert list(each_patch(folder)) == [patch]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("<<<<<<< HEAD\n{}\n=======\n", "holds conflict marks of Git"),
        ("{", "is no JSON"),
        ('{"row_id": "a:1", "reason": "x", "reason": "y", "author": "z"}', "a key stands in it twice"),
        ('{"row_id": NaN}', "NaN is no JSON value"),
        ("[" * 100_000, "is no JSON"),
        ([], "must hold one JSON object"),
        ({**RIGHT, "rows": 1}, "has the unknown key 'rows'"),
        ({**RIGHT, "author": " "}, "needs 'author' as text"),
        ({**RIGHT, "row_id": "a:2"}, "is not named for 'a:2'"),
        ({**RIGHT, "row_id": "a"}, "is about 'a', which is no row id"),
        ({**RIGHT, "reason": "\ud800"}, "needs 'reason' as text"),
        ({**RIGHT, "drop": "yes"}, "says drop: 'yes'; it may be drop or takedown"),
        ({**RIGHT, "edits": {}}, "changes nothing"),
        ({**RIGHT, "edits": {"messages[01].content": {"from": "x", "to": "y"}}}, "no field that may be edited"),
        ({**RIGHT, "edits": {"messages[１].content": {"from": "x", "to": "y"}}}, "no field that may be edited"),
        ({**RIGHT, "edits": {"license": {"from": "x", "to": "y"}}}, "edits 'license', which is no field"),
        ({**RIGHT, "edits": {"context": {"from": "x"}}}, "must edit context with the texts 'from' and 'to'"),
        ({**RIGHT, "edits": {"context": {"from": "x", "to": "\ud800"}}}, "with the texts 'from' and 'to'"),
        ({**RIGHT, "texts": [1]}, "must have 'texts' as a list of texts"),
        ({**RIGHT, "tags": "good"}, "must have 'tags' as a list of texts"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_names_it(tmp_path: Path, value: object, sentence: str) -> None:
    file = write(tmp_path, value)
    with pytest.raises(UserError) as caught:
        list(each_patch(tmp_path))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_a_whole_source_can_only_be_dropped(tmp_path: Path) -> None:
    write(tmp_path, {**RIGHT, "row_id": "a:*"}, "a:*")
    with pytest.raises(UserError, match="is about a whole source, which can only be dropped"):
        list(each_patch(tmp_path))


@pytest.mark.parametrize("name", ["a.json", "a/b.json", "a/b/c.json", "a/notes.txt"])
def test_a_file_anywhere_else_is_an_error_and_not_passed_over(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(RIGHT), encoding="utf-8")
    with pytest.raises(UserError, match="is not named for"):
        list(each_patch(tmp_path))


def test_hidden_files_are_nobodys_patch(tmp_path: Path) -> None:
    for name in (".gitkeep", "a/.swp", ".idea/x.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert files(tmp_path) == []


def test_patches_of_two_rows_merge_and_of_one_row_conflict_by_name(tmp_path: Path) -> None:
    def git(*arguments: str) -> int:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(["git", *who, *arguments], cwd=tmp_path, capture_output=True, check=False).returncode

    def committed(branch: str, row_id: str, reason: str) -> None:
        assert git("checkout", "-q", "-b", branch, "base") == 0
        write(tmp_path, Patch(row_id, "Ann", reason, drop="drop").json(), row_id)
        assert git("add", "-A") == git("commit", "-qm", branch) == 0

    git("init", "-q", "-b", "base")
    git("commit", "-q", "--allow-empty", "-m", "base")
    committed("ann", "a:1", "one")
    committed("ben", "a:2", "two")
    committed("cem", "a:1", "three")
    assert git("checkout", "-q", "ann") == git("merge", "-q", "-m", "both", "ben") == 0
    assert {patch.row_id for patch in each_patch(tmp_path)} == {"a:1", "a:2"}
    assert git("merge", "-q", "-m", "all", "cem") != 0
    with pytest.raises(UserError, match=f"{path_of('a:1', tmp_path)} holds conflict marks of Git"):
        list(each_patch(tmp_path))


def test_verify_notes_drops_that_are_bound_to_the_cleaned_row_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for n, texts in enumerate([(), (digest("y"),)]):
        patch = Patch(f"a:{n}", "Ann", "r", drop="takedown", content_hash=digest("x"), texts=texts)
        write(Path("data/patches"), patch.json(), patch.row_id)
    write(Path("data/patches"), Patch("a:*", "Ann", "r", drop="takedown").json(), "a:*")
    (note,) = patches()
    assert note.note
    assert "1 drops hold only while the cleaned row stays as it is: a:0; run winnow takedown" in note.line()


RECORD = {
    "system": None,
    "context": "c",
    "messages": [{"content": "q", "reasoning": None}, {"content": "a", "reasoning": "r"}],
    "rejected": [{"messages": [{"content": "b", "reasoning": None}]}],
}


def test_every_named_field_can_be_edited_and_read() -> None:
    assert names(RECORD) == [
        "system", "context", "messages[0].content", "messages[1].content", "messages[1].reasoning",
        "rejected[0].messages[0].content",
    ]  # fmt: skip
    record = json.loads(json.dumps(RECORD))
    for name in names(record):
        assert EDITABLE.fullmatch(name)
        put(record, name, f"new {name}")
        assert get(record, name) == f"new {name}"


@pytest.mark.parametrize("name", ["messages[2].content", "rejected[1].messages[0].content", "tools[0].content"])
def test_a_place_that_the_record_does_not_have(name: str) -> None:
    assert get(RECORD, name) is None
    with pytest.raises(KeyError):
        put(RECORD, name, "x")
