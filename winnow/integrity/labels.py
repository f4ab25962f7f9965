"""Checks of reviewers' labels: every file is well-formed, and its text is still that of the row.

``data/labels/<reviewer>/<digest of row_id>.json`` holds one JSON object with ``row_id``, the ``content_hash`` of the
text that was seen, ``kind``, ``reviewer``, and what the reviewer said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.documents import read_json
from winnow.harness.errors import UserError
from winnow.integrity.aside import way_back
from winnow.integrity.finding import Finding
from winnow.patches.patch import files, path_of
from winnow.storage.parquet import read_table

FOLDER = Path("data/labels")
INDEX = Path("data/index.parquet")
KINDS = ("rating", "verdict", "preference")
_HASH = re.compile(r"[0-9a-f]{32}")


def labels(folder: Path = FOLDER) -> Iterator[Finding]:
    """Yield a finding for each file that is not well-formed, then a note for the stale labels of each reviewer."""
    well_formed = []
    for file in files(folder) if folder.is_dir() else []:
        try:
            value = read_json(file)
            problem = _problem(value) or _misplaced(value, file, folder)
        except ValueError as error:
            problem = str(error)
        if problem:
            yield Finding("labels", f"{file} {problem}", *way_back(file))
        else:
            well_formed.append(value)
    if well_formed and INDEX.is_file():
        yield from _stale(well_formed)


def _problem(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must hold one JSON object"
    for name in ("row_id", "reviewer"):
        if not isinstance(value.get(name), str) or not value[name].strip() or _halved(value[name]):
            return f"needs {name!r} as text"
    if ":" not in value["row_id"]:
        return f"is about {value['row_id']!r}, which is no row id (<source>:<key>)"
    if not isinstance(value.get("content_hash"), str) or not _HASH.fullmatch(value["content_hash"]):
        return "needs 'content_hash' as 32 hex digits"
    if value.get("kind") not in KINDS:
        return f"says kind: {value.get('kind')!r}; it may be {', '.join(KINDS)}"
    return None


def _misplaced(label: dict[str, Any], file: Path, folder: Path) -> str | None:
    wanted = folder / label["reviewer"] / path_of(label["row_id"], folder).name
    if file == wanted:
        return None
    return f"is not where {label['reviewer']}'s label of {label['row_id']!r} stands; that would be {wanted}"


def _stale(well_formed: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    """Yield a note for labels whose text is not that of the index; a damaged index is a finding of its own."""
    by_row: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for label in well_formed:
        by_row[label["row_id"]].append(label)
    try:
        index = read_table(INDEX, ["row_id", "content_hash"])
    except UserError:
        return
    rows = index.filter(pc.is_in(index["row_id"], value_set=pa.array(sorted(by_row), pa.string())))
    now = dict(zip(rows["row_id"].to_pylist(), rows["content_hash"].to_pylist(), strict=True))
    stale: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row_id, labels_of_row in sorted(by_row.items()):
        for label in labels_of_row:
            if now.get(row_id) != label["content_hash"]:
                why = "its text has changed since" if now.get(row_id) else "no source has it any more"
                stale[label["reviewer"], why].append(row_id)
    for (reviewer, why), ids in sorted(stale.items()):
        more = f" and {len(ids) - 1:,} more" if len(ids) > 1 else ""
        problem = f"what {reviewer} said of {ids[0]}{more} is stale: {why}"
        yield Finding("labels", problem, "look at the row again, or leave the label as it is", note=True)


def _halved(text: str) -> bool:
    """Return whether a text holds half of a surrogate pair, which JSON can escape and no file can hold."""
    return text.encode(errors="replace").decode() != text
