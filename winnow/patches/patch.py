"""A patch: one JSON file per row, so that two people's patches merge and the same row conflicts by name.

``data/patches/<source>/<digest of row_id>.json`` holds ``row_id``, ``author``, ``reason`` and one or more of

- ``edits``: field names to ``{"from": digest of the field as normalize wrote it, "to": new text}``;
- ``drop``: ``"drop"`` or ``"takedown"``, with the ``content_hash`` of the row at that time and in ``texts`` the
  digests of its texts before cleaning (:mod:`winnow.patches.digests`). Neither expires; both hold for the same text
  under any id and for what was made from it. ``<source>:*`` stands for all rows of a source, ``<source>:!<digest>``
  for a raw unit that became no row;
- ``tags``: the curators' own words, which the release carries in the row's metadata as ``patch_tags``.

An edit says what it was made against: where the source has changed the field since, the edit is stale, is not
applied, and is counted.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.harness.documents import read_json
from winnow.harness.errors import UserError
from winnow.patches.fields import EDITABLE
from winnow.records.identity import digest

DROPS = ("drop", "takedown")
EVERY = ":*"
"""What the id of a patch about a whole source ends with."""

_KEYS = {"row_id", "author", "reason", "edits", "drop", "content_hash", "texts", "tags"}


@dataclass(frozen=True)
class FieldEdit:
    """The new text of a field, and the digest of the text that it replaces."""

    before: str
    to: str


@dataclass(frozen=True)
class Patch:
    """What people decided about one row; ``content_hash`` and ``texts`` name what a drop keeps out under any id."""

    row_id: str
    author: str
    reason: str
    edits: Mapping[str, FieldEdit] = field(default_factory=dict)
    drop: str | None = None
    content_hash: str | None = None
    texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def json(self) -> str:
        """Return the file's text: sorted, one key a line, so that Git merges and shows it well."""
        document: dict[str, Any] = {"row_id": self.row_id, "author": self.author, "reason": self.reason}
        if self.edits:
            document["edits"] = {name: {"from": one.before, "to": one.to} for name, one in self.edits.items()}
        if self.drop:
            document["drop"] = self.drop
        if self.content_hash:
            document["content_hash"] = self.content_hash
        if self.texts:
            document["texts"] = sorted(self.texts)
        if self.tags:
            document["tags"] = sorted(self.tags)
        return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def rank(patch: Patch) -> tuple[bool, str]:
    """Return the key by which drops are sorted: takedowns first, then by row id."""
    return patch.drop != "takedown", patch.row_id


def path_of(row_id: str, folder: Path) -> Path:
    """Return the file that holds the patch of a row.

    >>> path_of("alpaca:17", Path("data/patches")).as_posix()
    'data/patches/alpaca/a3ef34f848901308e6163d8b63f652c4.json'
    """
    return folder / row_id.split(":", 1)[0] / f"{digest(row_id)}.json"


def files(folder: Path) -> list[Path]:
    """Return every file below ``folder`` in order, hidden ones aside: each must be a patch."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def each_patch(folder: Path) -> Iterator[Patch]:
    """Yield every patch below ``folder`` in the order of the file names; a wrong file is a :class:`UserError`."""
    for file in files(folder):
        yield read(file, folder)


def read(file: Path, folder: Path) -> Patch:
    """Read one patch below ``folder``; what is not as it should be is a :class:`UserError` that names the file."""
    try:
        value = read_json(file)
    except ValueError as error:
        raise UserError(f"{file} {error}; fix it or delete it.") from None
    problem = _problem(value)
    if problem is None and path_of(value["row_id"], folder) != file:
        problem = f"is not named for {value['row_id']!r}; that would be {path_of(value['row_id'], folder)}"
    if problem:
        raise UserError(f"{file} {problem}.")
    return Patch(
        row_id=value["row_id"],
        author=value["author"],
        reason=value["reason"],
        edits={name: FieldEdit(one["from"], one["to"]) for name, one in sorted(value.get("edits", {}).items())},
        drop=value.get("drop"),
        content_hash=value.get("content_hash"),
        texts=tuple(sorted(set(value.get("texts", ())))),
        tags=tuple(sorted(set(value.get("tags", ())))),
    )


def _problem(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must hold one JSON object"
    if unknown := sorted(value.keys() - _KEYS):
        return f"has the unknown key {unknown[0]!r}"
    for name in ("row_id", "author", "reason"):
        if not _is_text(value.get(name)) or not value[name].strip():
            return f"needs {name!r} as text"
    if ":" not in value["row_id"]:
        return f"is about {value['row_id']!r}, which is no row id (<source>:<key>)"
    if value.get("drop") not in (None, *DROPS):
        return f"says drop: {value['drop']!r}; it may be {' or '.join(DROPS)}"
    if "content_hash" in value and not _is_text(value["content_hash"]):
        return "must have 'content_hash' as text"
    if not any(value.get(name) for name in ("edits", "drop", "tags")):
        return "changes nothing: it has no edits, drop or tags"
    if value["row_id"].endswith(EVERY) and (value.get("edits") or value.get("tags")):
        return "is about a whole source, which can only be dropped"
    for name in ("texts", "tags"):
        some = value.get(name, [])
        if not isinstance(some, list) or not all(map(_is_text, some)):
            return f"must have {name!r} as a list of texts"
    return _edits_problem(value.get("edits", {}))


def _edits_problem(edits: Any) -> str | None:
    if not isinstance(edits, dict):
        return "must have 'edits' as an object of fields"
    for name, one in edits.items():
        if not EDITABLE.fullmatch(name):
            return f"edits {name!r}, which is no field that may be edited"
        if not isinstance(one, dict) or set(one) != {"from", "to"} or not all(map(_is_text, one.values())):
            return f"must edit {name} with the texts 'from' and 'to'"
    return None


def _is_text(value: Any) -> bool:
    """Say whether a value is text that a table can hold: half of a surrogate pair cannot be written."""
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False
