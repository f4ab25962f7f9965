"""Edits go in before cleaning, keep the rules off their fields, and are left out where the source has changed."""

import json
from typing import Any

import pyarrow as pa

from winnow.cleaning.records import clean_records
from winnow.cleaning.rules import RULES
from winnow.patches.apply import apply
from winnow.patches.patch import FieldEdit, Patch
from winnow.records.build import RecordBuilder
from winnow.records.identity import digest
from winnow.records.record import Message, Record, Rejected

DIRTY = "It is  fine\u200b.\x07 "
"""Text that several rules would change."""


def records() -> pa.Table:
    """Return two equal rows with a system prompt, reasoning and two rejected replies, all of them dirty."""
    builder = RecordBuilder()
    for key in ("1", "2"):
        turns = [Message("user", DIRTY), Message("assistant", DIRTY, DIRTY)]
        worse = [Rejected((Message("assistant", f"{n}{DIRTY}"),)) for n in range(2)]
        record = Record(turns, (DIRTY,), system=DIRTY, context=None, rejected=worse, metadata={"url": "x"})
        builder.append(f"s:{key}", "s", "MIT", "human", record)
    return builder.table()


def patched(*edits: tuple[str, str, str], tags: tuple[str, ...] = ()) -> tuple[list[dict[str, Any]], Any]:
    """Return the clean records and what `apply` said, with ``edits`` (field, text before, text) of row s:1."""
    patch = Patch("s:1", "Ann", "r", {name: FieldEdit(digest(old), new) for name, old, new in edits}, tags=tags)
    done = apply(records(), {"s:1": patch, "s:9": patch})
    clean, made = clean_records(done.records, RULES, done.edits)
    return clean.to_pylist(), (done, made.to_pylist())


def test_an_edit_stands_as_written_and_all_other_texts_are_cleaned() -> None:
    plain = clean_records(records(), RULES)[0].to_pylist()
    fields = ("system", "messages[0].content", "messages[1].content", "rejected[1].messages[0].content")
    old = {"rejected[1].messages[0].content": f"1{DIRTY}"}
    for field in fields:
        new = f"As I want  it\u200b: {field} "
        rows, (_, made) = patched((field, old.get(field, DIRTY), new))
        assert json.dumps(rows[0]).count(json.dumps(new)) == 1
        assert rows[0]["content_hash"] != plain[0]["content_hash"]
        assert rows[1] == plain[1]
        mine = [one for one in made if one["row_id"] == "s:1" and one["field"] == field]
        assert mine == [
            {"row_id": "s:1", "field": field, "rule": "patch", "before": old.get(field, DIRTY), "after": new}
        ]
        others = [one for one in made if one["row_id"] == "s:1" and one["field"] != field]
        assert {one["field"] for one in others} == {*fields, "rejected[0].messages[0].content"} - {field}


def test_a_patch_with_the_text_as_it_is_keeps_the_rules_off() -> None:
    rows, (done, made) = patched(("messages[1].content", DIRTY, DIRTY))
    assert rows[0]["messages"][1]["content"] == DIRTY
    assert len(done.edits) == 1
    assert not [one for one in made if one["field"] == "messages[1].content" and one["row_id"] == "s:1"]


def test_reasoning_and_an_absent_context_can_be_written_and_a_system_prompt_taken_away() -> None:
    rows, _ = patched(("messages[1].reasoning", DIRTY, "So."), ("context", "", "Lake list."), ("system", DIRTY, ""))
    assert rows[0]["messages"][1]["reasoning"] == "So."
    assert (rows[0]["context"], rows[0]["system"]) == ("Lake list.", None)


def test_an_edit_of_a_text_that_has_changed_is_stale_and_left_out() -> None:
    plain = clean_records(records(), RULES)[0].to_pylist()
    edits = [
        ("messages[1].content", "what it said then", "new"),
        ("messages[7].content", "", "new"),
        ("rejected[5].messages[0].content", "", "new"),
    ]
    rows, (done, _) = patched(*edits)
    assert rows == plain
    assert set(done.stale) == {("s:1", name) for name, _, _ in edits}
    assert done.edits == ()


def test_a_source_that_took_the_edit_over_is_not_stale_and_stays_as_written() -> None:
    rows, (done, _) = patched(("messages[1].content", "what it said then", DIRTY))
    assert done.stale == ()
    assert rows[0]["messages"][1]["content"] == DIRTY


def test_tags_reach_the_metadata_and_change_no_text() -> None:
    plain = clean_records(records(), RULES)[0].to_pylist()
    rows, _ = patched(tags=("golden", "会"))
    assert json.loads(rows[0].pop("metadata")) == {"url": "x", "patch_tags": ["golden", "会"]}
    plain[0].pop("metadata")
    assert rows == plain


def test_without_a_patch_the_table_is_the_same_object() -> None:
    table = records()
    assert apply(table, {}).records is table
    assert apply(table, {"s:9": Patch("s:9", "a", "r", drop="drop")}).records is table
