"""Patches written for the rows of a version: the text of a field now, the digests that bind a patch, its file."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.harness.files import JOURNAL, Transaction, write_files
from winnow.patches.digests import bound
from winnow.patches.fields import EDITABLE, get, names
from winnow.patches.patch import FieldEdit, Patch, path_of, read
from winnow.records.identity import digest
from winnow.storage.buckets import bucket_of
from winnow.storage.parquet import each_row_group, read_table
from winnow.versions.outputs import Outputs

NORMALIZED, CLEAN, PATCHES = "data/normalize/records", "data/clean/records", "data/patches"
AUGMENTED = "data/augment/records"
_LINK = ("row_id", "other_row_id", "relation")


def row(version: Outputs, folder: str, row_id: str) -> dict[str, Any]:
    """Return a row of the table in ``folder``; an id that it does not have is a :class:`UserError`."""
    if not (rows := version.rows(folder, row_id)):
        raise _no_row(row_id, folder)
    return rows[0]


def before_cleaning(version: Outputs, row_id: str) -> dict[str, Any]:
    """Return a row as its source wrote it, or as ``augment`` made it: what patches are applied to."""
    made = version.rows(AUGMENTED, row_id)
    return made[0] if made else row(version, NORMALIZED, row_id)


def _no_row(row_id: str, folder: str) -> UserError:
    return UserError(f"no row {row_id} in {folder}; `winnow why --text` finds rows by what they say.")


def field_name(record: Mapping[str, Any], name: str) -> str:
    """Return the full name of a field: ``instruction`` and ``response`` stand for the turns that they are.

    >>> turns = [{"role": "user"}, {"role": "assistant"}]
    >>> field_name({"messages": turns}, "response"), field_name({"messages": turns}, "instruction")
    ('messages[1].content', 'messages[0].content')
    """
    turns = record["messages"]
    if name == "response":
        return f"messages[{len(turns) - 1}].content"
    if name == "instruction":
        users = [place for place, turn in enumerate(turns[:-1]) if turn["role"] == "user"]
        return f"messages[{users[-1] if users else 0}].content"
    return name


def existing(version: Outputs, row_id: str) -> Patch | None:
    """Return the patch that a row has, ``None`` where it has none."""
    folder = version.root / PATCHES
    file = path_of(row_id, folder)
    return read(file, folder) if file.is_file() else None


def text_now(version: Outputs, row_id: str, name: str) -> str:
    """Return what a field says with its patch and cleaning: where an editor starts."""
    record, patch = row(version, CLEAN, row_id), existing(version, row_id)
    full = _checked(record, row_id, name)
    return patch.edits[full].to if patch and full in patch.edits else get(record, full) or ""


def stale_edits(version: Outputs, row_id: str) -> dict[str, str]:
    """Return the new texts of a row's patch, by field, that were made against another text than the source has now."""
    record, patch = before_cleaning(version, row_id), existing(version, row_id)
    edits = patch.edits.items() if patch else ()
    now = {name: get(record, name) for name, _ in edits}
    return {
        name: edit.to
        for name, edit in edits
        if (text := now[name]) is not None and text != edit.to and digest(text) != edit.before
    }


def _checked(record: dict[str, Any], row_id: str, name: str) -> str:
    full = field_name(record, name)
    if not EDITABLE.fullmatch(full) or get(record, full) is None:
        raise UserError(f"{row_id} has no field {name!r} that may be edited; it has {', '.join(names(record))}.")
    return full


def patch_row(
    version: Outputs,
    row_id: str,
    texts: Mapping[str, str],
    *,
    drop: bool,
    tags: Sequence[str],
    author: str,
    reason: str,
) -> Path:
    """Write the patch of a row, or add to the one it has, and return its file.

    ``texts`` are new texts by field (``instruction``, ``response``, ``context``, ``system`` or a full name). A
    takedown stays one.
    """
    record = before_cleaning(version, row_id)
    old = existing(version, row_id) or Patch(row_id, author, reason)
    edits = dict(old.edits)
    for name, text in texts.items():
        full = _checked(record, row_id, name)
        edits[full] = FieldEdit(digest(get(record, full) or ""), text)
    content, digests = old.content_hash, set(old.texts)
    if drop:
        clean = row(version, CLEAN, row_id)
        content, digests = clean["content_hash"], digests | bound(record) | bound(clean)
    patch = replace(
        old,
        author=author,
        reason=reason,
        edits=dict(sorted(edits.items())),
        drop=old.drop or ("drop" if drop else None),
        content_hash=content,
        texts=tuple(sorted(digests)),
        tags=tuple(sorted({*old.tags, *tags})),
    )
    file = path_of(row_id, version.root / PATCHES)
    write_files({file: patch.json()}, version.root / JOURNAL)
    return file


def take_down(
    change: Transaction, version: Outputs, rows: Mapping[str, Collection[str]], author: str, reason: str
) -> dict[str, str]:
    """Write a takedown for each row and return their content hashes; ``rows`` names fields that are bound by all means.

    Edits and tags that the row's patch had go with it: they may quote what is taken down, and Git has them.
    """
    hashes = content_hashes(version, rows)
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for folder in (NORMALIZED, AUGMENTED, CLEAN):
        for record in records(version, folder, rows):
            texts[record["row_id"]] |= bound(record, rows[record["row_id"]])
    takedowns: dict[Path, bytes | str] = {}
    for row_id in rows:
        old = existing(version, row_id)
        kept = {*texts[row_id], *(old.texts if old else ())}
        takedown = Patch(
            row_id, author, reason, drop="takedown", content_hash=hashes[row_id], texts=tuple(sorted(kept))
        )
        takedowns[path_of(row_id, version.root / PATCHES)] = takedown.json()
    change.write_all(takedowns)
    return hashes


def take_down_whole(change: Transaction, version: Outputs, row_id: str, author: str, reason: str) -> Path:
    """Write the takedown of a raw unit that became no row, or of all rows of a source, those to come included
    (``<source>:*``), and return its file.
    """
    file = path_of(row_id, version.root / PATCHES)
    change.write(file, Patch(row_id, author, reason, drop="takedown").json())
    return file


def records(version: Outputs, folder: str, row_ids: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table in ``folder`` that have ``row_ids``."""
    wanted = pa.array(sorted(set(row_ids)), pa.string())
    for bucket in sorted({bucket_of(row_id, version.buckets) for row_id in wanted.to_pylist()}):
        for table in each_row_group(version.part(folder, bucket)):
            yield from table.filter(pc.is_in(table["row_id"], value_set=wanted)).to_pylist()


def content_hashes(version: Outputs, row_ids: Iterable[str]) -> dict[str, str]:
    """Return the content hash of each clean row; an id that no row has is a :class:`UserError`."""
    wanted = pa.array(sorted(set(row_ids)), pa.string())
    hashes: dict[str, str] = {}
    for bucket in sorted({bucket_of(row_id, version.buckets) for row_id in wanted.to_pylist()}):
        table = read_table(version.part(CLEAN, bucket), ["row_id", "content_hash"])
        table = table.filter(pc.is_in(table["row_id"], value_set=wanted))
        hashes |= zip(table["row_id"].to_pylist(), table["content_hash"].to_pylist(), strict=True)
    if missing := [row_id for row_id in wanted.to_pylist() if row_id not in hashes]:
        raise _no_row(missing[0], CLEAN)
    return hashes


def alike(version: Outputs, row_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return other rows that say the same but for case, marks and spaces, and those that nearly do."""
    wanted = set(row_ids)
    links: dict[str, list[tuple[str, str]]] = {"exact": [], "near": []}
    for bucket in range(version.buckets):
        for one in read_table(version.part("data/neighbours/links", bucket), _LINK).to_pylist():
            if one["relation"] in links:
                links[one["relation"]].append((one["row_id"], one["other_row_id"]))
    groups = {one for pair in links["exact"] if wanted.intersection(pair) for one in (pair[1],)}
    exact = {one for pair in links["exact"] if pair[1] in groups for one in pair} - wanted
    same = wanted | exact
    near = {one for pair in links["near"] if same.intersection(pair) for one in pair} - same
    return sorted(exact), sorted(near)


def author_of_git() -> str:
    """Return who Git says is working here."""
    done = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
    if not (name := re.sub(r"\s+", " ", done.stdout).strip()):
        raise UserError("Git does not know who you are; give --author, or set `git config user.name`.")
    return name
