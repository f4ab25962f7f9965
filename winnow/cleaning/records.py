"""Cleaning over Arrow columns: triggers pick the few texts that a rule may change, only those reach Python."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaning.apply import edits, edits_alike
from winnow.cleaning.flat import Records, Texts
from winnow.cleaning.row import Row
from winnow.cleaning.rules import Rule
from winnow.records.identity import content_hash
from winnow.records.schema import EDITS, RECORDS

Changes = dict[tuple[str, int], list[tuple[str, str, str]]]
"""What rules did, by column and place of a text: rule, before, after."""


class Edit(NamedTuple):
    """What one rule did to one text of one row; ``row`` and ``order`` give the total order of edits."""

    row: int
    order: tuple[int, ...]
    field: str
    rule: str
    before: str
    after: str


def clean_records(
    table: pa.Table, rules: Sequence[Rule], patches: Sequence[tuple[int, str, str, str]] = ()
) -> tuple[pa.Table, pa.Table]:
    """Return the cleaned records and the edits made, in the order of the rows, of fields, of rules.

    ``patches`` are edits (row, field, before, after) that people made and that ``table`` holds already: they stand
    first among a row's edits, and no rule touches their fields, also where before equals after. A context that
    becomes empty becomes null. ``content_hash`` follows the text; ``row_id`` never changes.
    """
    records = Records(table)
    changes = _changes(records, rules, frozenset((row, field) for row, field, _, _ in patches))
    made = [
        Edit(row, (-1, n), field, "patch", before, after)
        for n, (row, field, before, after) in enumerate(patches)
        if before != after
    ]
    for (name, at), done in changes.items():
        texts = records.texts[name]
        row, order, field = int(texts.rows[at]), texts.paths.order(at), texts.paths.path(at)
        made += [Edit(row, (*order, n), field, *edit) for n, edit in enumerate(done)]
    made.sort(key=lambda edit: (edit.row, edit.order))
    changed = np.unique(np.array([edit.row for edit in made], np.int64))
    cleaned = table
    for name, column in _columns(records, changes).items():
        cleaned = cleaned.set_column(cleaned.column_names.index(name), RECORDS.field(name), column)
    cleaned = cleaned.set_column(1, RECORDS.field("content_hash"), _hashes(cleaned, changed))
    ids = table["row_id"].take(pa.array([edit.row for edit in made], pa.int64())).to_pylist()
    rows = [(row_id, *edit[2:]) for row_id, edit in zip(ids, made, strict=True)]
    arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)] if rows else None
    return cleaned, pa.table(arrays, schema=EDITS) if arrays else EDITS.empty_table()


def _changes(records: Records, rules: Sequence[Rule], patched: frozenset[tuple[int, str]]) -> Changes:
    """Return what the rules do to each text that they change, but for those that a patch speaks for."""
    triggered: dict[tuple[str, int], set[str]] = {}
    for name, texts in records.texts.items():
        for at, names in _triggered(texts, rules).items():
            if not patched or (int(texts.rows[at]), texts.paths.path(at)) not in patched:
                triggered[name, at] = names
    changes: Changes = {}
    for row, replies in records.replies() if triggered else ():
        free = [place for place in replies if place in triggered]
        if not free:
            continue
        together = [
            (name, at)
            for name, at in replies
            if not patched or (row, records.texts[name].paths.path(at)) not in patched
        ]
        values = [records.texts[name].values[at].as_py() for name, at in together]
        known = [triggered.pop(place, set()) for place in together]
        done = edits_alike(values, "response", rules, known, Row("response", records.said(row)))
        changes |= {place: of_text for place, of_text in zip(together, done, strict=True) if of_text}
    for name, texts in records.texts.items():
        places = sorted(at for column, at in triggered if column == name)
        for at, text in zip(places, texts.values.take(pa.array(places, pa.int64())).to_pylist(), strict=True):
            view = Row(texts.field(at), records.said(int(texts.rows[at])))
            if done_here := edits(text, view.field, rules, triggered[name, at], view):
                changes[name, at] = done_here
    return changes


def _triggered(texts: Texts, rules: Sequence[Rule]) -> dict[int, set[str]]:
    triggered: dict[int, set[str]] = {}
    present = texts.fields()
    for rule in rules:
        if rule.fields.isdisjoint(present):
            continue
        mask = pc.match_substring_regex(texts.values, rule.trigger).fill_null(False).to_numpy(zero_copy_only=False)
        for index in np.flatnonzero(mask).tolist():
            if texts.field(index) in rule.fields:
                triggered.setdefault(index, set()).add(rule.name)
    return triggered


def _columns(records: Records, changes: Changes) -> Mapping[str, pa.Array]:
    """Return the columns of text after the changes."""
    after: dict[str, dict[int, str]] = {}
    for (name, at), done in changes.items():
        after.setdefault(name, {})[at] = done[-1][2]
    columns = dict(records.columns)
    del columns["tools"]
    for name in ("system", "context"):
        replaced = _replaced(columns[name], after.get(name, {}))
        columns[name] = pc.if_else(pc.equal(replaced, ""), pa.scalar(None, pa.string()), replaced)
    if of_messages := after.get("messages"):
        columns["messages"] = _with_content(
            columns["messages"], _replaced(records.texts["messages"].values, of_messages)
        )
    if of_rejected := after.get("rejected"):
        candidates = pc.list_flatten(columns["rejected"])
        content = _replaced(records.texts["rejected"].values, of_rejected)
        messages = _with_content(pc.struct_field(candidates, "messages"), content)
        children = [messages if f.name == "messages" else pc.struct_field(candidates, f.name) for f in candidates.type]
        columns["rejected"] = _lists(
            columns["rejected"], pa.StructArray.from_arrays(children, fields=list(candidates.type))
        )
    return columns


def _replaced(texts: pa.Array, after: Mapping[int, str]) -> pa.Array:
    if not after:
        return texts
    mask = np.zeros(len(texts), bool)
    mask[list(after)] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array([after[at] for at in sorted(after)], pa.string()))


def _with_content(messages: pa.ListArray, content: pa.Array) -> pa.ListArray:
    """Return the lists of messages with other contents; ``content`` is flat, in order."""
    flat = pc.list_flatten(messages)
    children = [content if field.name == "content" else pc.struct_field(flat, field.name) for field in flat.type]
    return _lists(messages, pa.StructArray.from_arrays(children, fields=list(flat.type)))


def _lists(like: pa.ListArray, values: pa.Array) -> pa.ListArray:
    lengths = pc.list_value_length(like).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
    mask = pc.is_null(like) if like.null_count else None
    return pa.ListArray.from_arrays(offsets, values, type=like.type, mask=mask)


def _hashes(table: pa.Table, changed: npt.NDArray[np.int64]) -> pa.Array:
    names = ["system", "context", "messages", "rejected", "tools"]
    rows = table.select(names).take(pa.array(changed)).to_pylist()
    fresh = pa.array([content_hash(**row) for row in rows], pa.string())
    mask = np.zeros(len(table), bool)
    mask[changed] = True
    return pc.replace_with_mask(table["content_hash"].combine_chunks(), pa.array(mask), fresh)
