"""Cleaning over Arrow columns: triggers pick the few texts that a rule may change, only those reach Python."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaning.rules import Rule, edits
from winnow.records.identity import content_hash
from winnow.records.schema import EDITS, RECORDS

FIELD_OF_ROLE = {"system": "system", "user": "instruction", "assistant": "response"}  # a tool's output stays as it is


class Edit(NamedTuple):
    """What one rule did to one text of one row; ``row`` and ``order`` give the total order of edits."""

    row: int
    order: tuple[int, ...]
    field: str
    rule: str
    before: str
    after: str


def _changes(
    texts: pa.Array, fields: Sequence[str] | str, rules: Sequence[Rule]
) -> dict[int, list[tuple[str, str, str]]]:
    """Return what the rules do to each text that they change, by position. ``fields`` names the field of each text."""
    of_text = np.array([fields] * len(texts) if isinstance(fields, str) else fields, dtype=object)
    triggered: dict[int, set[str]] = {}
    for rule in rules:
        if rule.fields.isdisjoint({fields} if isinstance(fields, str) else fields):
            continue
        mask = pc.match_substring_regex(texts, rule.trigger).fill_null(False).to_numpy(zero_copy_only=False)
        for index in np.flatnonzero(mask).tolist():
            if of_text[index] in rule.fields:
                triggered.setdefault(index, set()).add(rule.name)
    changes = {}
    at = sorted(triggered)
    for index, text in zip(at, texts.take(pa.array(at, pa.int64())).to_pylist(), strict=True):
        if done := list(edits(text, of_text[index], rules, frozenset(triggered[index]))):
            changes[index] = done
    return changes


def _replaced(texts: pa.Array, changes: dict[int, list[tuple[str, str, str]]]) -> pa.Array:
    if not changes:
        return texts
    mask = np.zeros(len(texts), bool)
    mask[list(changes)] = True
    after = pa.array([done[-1][2] for _, done in sorted(changes.items())], pa.string())
    return pc.replace_with_mask(texts, pa.array(mask), after)


def _with_content(messages: pa.ListArray, content: pa.Array) -> pa.ListArray:
    """Return the lists of messages with other contents; ``content`` is flat, in order."""
    flat = pc.list_flatten(messages)
    children = [content if field.name == "content" else pc.struct_field(flat, field.name) for field in flat.type]
    struct = pa.StructArray.from_arrays(children, fields=list(flat.type))
    return _lists(messages, struct)


def _lists(like: pa.ListArray, values: pa.Array) -> pa.ListArray:
    lengths = pc.list_value_length(like).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    mask = pc.is_null(like) if like.null_count else None
    return pa.ListArray.from_arrays(offsets, values, type=like.type, mask=mask)


def _clean_messages(
    messages: pa.ListArray, rules: Sequence[Rule], patched: Callable[[int, int], bool]
) -> tuple[pa.ListArray, dict[int, list[tuple[str, str, str]]], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return cleaned lists of messages, the changes by flat position, and list and place in it of each message.

    ``patched`` says of a message, by list and place in it, whether no rule may touch it.
    """
    flat = pc.list_flatten(messages)
    content = pc.struct_field(flat, "content")
    fields = [FIELD_OF_ROLE.get(role, "") for role in pc.struct_field(flat, "role").to_pylist()]
    owner = pc.list_parent_indices(messages).to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.searchsorted(owner, np.arange(len(messages)))
    place = np.arange(len(owner)) - first[owner] if len(owner) else owner
    changes = _changes(content, fields, rules)
    changes = {at: done for at, done in changes.items() if not patched(int(owner[at]), int(place[at]))}
    return (_with_content(messages, _replaced(content, changes)) if changes else messages), changes, owner, place


def clean_records(
    table: pa.Table, rules: Sequence[Rule], patches: Sequence[tuple[int, str, str, str]] = ()
) -> tuple[pa.Table, pa.Table]:
    """Return the cleaned records and the edits made, in the order of the rows, of fields, of rules.

    ``patches`` are edits (row, field, before, after) that people made and that ``table`` holds already: they stand
    first among a row's edits, and no rule touches their fields, also where before equals after. A context that
    becomes empty becomes null. ``content_hash`` follows the text; ``row_id`` never changes.
    """
    made = [
        Edit(row, (-1, n), field, "patch", before, after)
        for n, (row, field, before, after) in enumerate(patches)
        if before != after
    ]
    patched = frozenset((row, field) for row, field, _, _ in patches)
    columns = {name: table[name].combine_chunks() for name in ("system", "context", "messages", "rejected")}
    for order, name in enumerate(("system", "context")):
        changes = _changes(columns[name], name, rules)
        changes = {row: done for row, done in changes.items() if (row, name) not in patched}
        made += [Edit(row, (order, n), name, *edit) for row, done in changes.items() for n, edit in enumerate(done)]
        replaced = _replaced(columns[name], changes)
        columns[name] = pc.if_else(pc.equal(replaced, ""), pa.scalar(None, pa.string()), replaced)
    columns["messages"], changes, owner, place = _clean_messages(
        columns["messages"], rules, lambda row, turn: (row, f"messages[{turn}].content") in patched
    )
    for flat, done in changes.items():
        field = f"messages[{place[flat]}].content"
        made += [Edit(int(owner[flat]), (2, int(place[flat]), n), field, *edit) for n, edit in enumerate(done)]
    if columns["rejected"].null_count < len(table):
        columns["rejected"], more = _clean_rejected(columns["rejected"], rules, patched)
        made += more
    made.sort(key=lambda edit: (edit.row, edit.order))
    changed = np.unique(np.array([edit.row for edit in made], np.int64))
    cleaned = table
    for name, column in columns.items():
        cleaned = cleaned.set_column(cleaned.column_names.index(name), RECORDS.field(name), column)
    cleaned = cleaned.set_column(1, RECORDS.field("content_hash"), _hashes(cleaned, changed))
    ids = table["row_id"].take(pa.array([edit.row for edit in made], pa.int64())).to_pylist()
    rows = [(row_id, *edit[2:]) for row_id, edit in zip(ids, made, strict=True)]
    arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)] if rows else None
    return cleaned, pa.table(arrays, schema=EDITS) if arrays else EDITS.empty_table()


def _clean_rejected(
    rejected: pa.ListArray, rules: Sequence[Rule], patched: frozenset[tuple[int, str]]
) -> tuple[pa.ListArray, list[Edit]]:
    candidates = pc.list_flatten(rejected)
    row_of = pc.list_parent_indices(rejected).to_numpy(zero_copy_only=False).astype(np.int64)
    number = np.arange(len(row_of)) - np.searchsorted(row_of, row_of)

    def field(candidate: int, turn: int) -> str:
        return f"rejected[{number[candidate]}].messages[{turn}].content"

    messages, changes, owner, place = _clean_messages(
        pc.struct_field(candidates, "messages"),
        rules,
        lambda candidate, turn: (int(row_of[candidate]), field(candidate, turn)) in patched,
    )
    if not changes:
        return rejected, []
    children = [messages if f.name == "messages" else pc.struct_field(candidates, f.name) for f in candidates.type]
    made = []
    for flat, done in changes.items():
        candidate, turn = int(owner[flat]), int(place[flat])
        made += [
            Edit(int(row_of[candidate]), (3, int(number[candidate]), turn, n), field(candidate, turn), *edit)
            for n, edit in enumerate(done)
        ]
    return _lists(rejected, pa.StructArray.from_arrays(children, fields=list(candidates.type))), made


def _hashes(table: pa.Table, changed: npt.NDArray[np.int64]) -> pa.Array:
    names = ["system", "context", "messages", "rejected", "tools"]
    rows = table.select(names).take(pa.array(changed)).to_pylist()
    fresh = pa.array([content_hash(**row) for row in rows], pa.string())
    mask = np.zeros(len(table), bool)
    mask[changed] = True
    return pc.replace_with_mask(table["content_hash"].combine_chunks(), pa.array(mask), fresh)
