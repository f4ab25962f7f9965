"""Read benchmark files: JSON, JSON Lines (also compressed) or CSV to (item, text) pairs."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.jsonfiles import read_units
from winnow.reading.text import text_chunks
from winnow.reading.units import BadUnit
from winnow.reading.window import Caps

_CAPS = Caps(1 << 30, 1 << 26)
_KEYS = frozenset({"path", "text", "items", "id"})


def read_benchmarks(entries: Mapping[str, Any], folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the (item, text) pairs of every benchmark that ``overlaps.benchmarks`` names, by its name.

    An entry says ``path`` (a file below ``folder``), ``text`` (the field, or fields joined, that hold the question),
    and where needed ``items`` (the key of an object that holds the items) and ``id``. Items without an id are
    numbered from 1. Raises :class:`UserError` for an entry or a file that cannot be read whole.
    """
    return {name: _read(name, entry, folder) for name, entry in sorted(entries.items())}


def _read(name: str, entry: Any, folder: Path) -> list[tuple[str, str]]:
    where = f"params.yaml: overlaps.benchmarks.{name}"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str) or not entry.get("text"):
        raise UserError(f"{where} must say path and text (the field that holds the question).")
    if unknown := sorted(set(entry) - _KEYS):
        raise UserError(f"{where}.{unknown[0]} is no key of a benchmark; it knows {', '.join(sorted(_KEYS))}.")
    if not isinstance(entry.get("items", ""), str):
        raise UserError(f"{where}.items must be the key under which the items stand.")
    path = Path(entry["path"])
    if folder not in path.parents or ".." in path.parts:
        raise UserError(f"{where}.path is {entry['path']!r}; it must stay below {folder}, which the stage depends on.")
    rows = _csv_rows(path) if ".csv" in path.suffixes else _json_rows(path, entry.get("items"))
    fields = [entry["text"]] if isinstance(entry["text"], str) else list(entry["text"])
    pairs = []
    for number, row in enumerate(rows, 1):
        if missing := [field for field in fields if field not in row]:
            raise UserError(f"{path}, item {number}: there is no field {missing[0]!r}; check {where}.text.")
        text = "\n".join(part for field in fields for part in _texts(row[field]))
        pairs.append((str(row.get(entry.get("id", "id"), number)), text))
    if not pairs:
        raise UserError(f"{path} holds no items; check {where}.")
    return pairs


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [part for one in value for part in _texts(one)] if isinstance(value, list) else [str(value)]


def _json_rows(path: Path, items: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for unit in read_units(path, "utf-8", _CAPS):
        if isinstance(unit, BadUnit):
            if unit.outcome == "skipped":
                continue
            raise UserError(f"{path}, line {unit.line}: {unit.detail}; a benchmark must be whole, fix the file.")
        objects = [unit.value] if not items or unit.part == items else unit.value.get(items, [])
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise UserError(f"{path}, line {unit.line}: {items!r} holds no list of objects; check its entry's items.")
        rows += objects
    return rows


def _csv_rows(path: Path) -> list[dict[str, Any]]:
    text = "".join(text_chunks(path, "utf-8", _CAPS.file_bytes))
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    csv.field_size_limit(_CAPS.unit_chars)
    rows = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise UserError(f"{path}, line {reader.line_num}: the row has more or fewer fields than the header.")
            rows.append(row)
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.reader.line_num}: this is no CSV ({error}); fix the file.") from None
    return rows
