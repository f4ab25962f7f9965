"""Raw units that were taken down, replaced by tombstones (:mod:`winnow.reading.tombstone`) in the files themselves.

Rows, ids and counts of all other units stay. (One exception: where a source gives one id to two different texts, the
one that is left gets the plain id.) JSON, JSON Lines, CSV, TSV, Parquet and Arrow are rewritten, gzip and zstd too.
Where one value of a file holds several units, such as the messages of a conversation tree, the objects in it that say
the text are replaced; without a text it is not known which of them to take, so that such a file is named and left.
"""

import io
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.patches.graves import buried_table, grave, without
from winnow.patches.quotes import Quote
from winnow.reading.adapter import Adapter, Row
from winnow.reading.entries import Entry, entries
from winnow.reading.files import read_units, suffix_of
from winnow.reading.packed import kind_of, pack
from winnow.reading.registry import adapter
from winnow.reading.sheets import SUFFIXES as SHEETS
from winnow.reading.tables import DELIMITED, dialect_of
from winnow.reading.text import text_chunks
from winnow.reading.tombstone import mark
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps
from winnow.records.build import RecordBuilder
from winnow.records.identity import digest
from winnow.storage.buckets import read_bucket
from winnow.versions.outputs import Outputs

RAW = Path("data/raw")
_PLACES = {"data/normalize/places": "row_id", "data/normalize/left_out": "unit_id"}
_Units = list[tuple[Unit | BadUnit, str | None]]  # in the order of the file, and what stands in its place, if anything

Identity = str | tuple[str, str]
"""What tells a unit from others on its line: the content hash and metadata of its row, or the digest of its text."""


@dataclass
class Purged:
    """New contents of raw files, how many units each lost, and files that were left as they are, with the reason."""

    contents: dict[Path, bytes] = field(default_factory=dict)
    units: dict[Path, int] = field(default_factory=dict)
    left: dict[Path, str] = field(default_factory=dict)


def purge(version: Outputs, identities: Mapping[str, Identity], quote: Quote | None = None) -> Purged:
    """Return what the raw files become without the units of rows and left-out units. Nothing is written.

    ``identities`` has :data:`Identity` by row id and unit id: a unit goes if it stands where ``normalize`` read it and
    still says what it said then. ``quote`` is the text that is taken down, if it is one.
    """
    purged = Purged()
    sources = {entry.name: entry for entry in entries(version.params["sources"])}
    caps = Caps(version.params["normalize"]["max_file_bytes"], version.params["normalize"]["max_unit_chars"])
    for (source, name), lines in sorted(_places(version, identities).items()):
        entry, path = sources[source], version.root / name
        if entry.plan:
            purged.left[path] = "a frozen round holds no text; give the text by --text, and replies with it are removed"
            continue
        reader = adapter(entry.adapter, source)
        units = list(read_units(path, entry.encoding, caps, reader.header, reader.list_unit, form=entry.form))
        sign = _delimiter(path, entry, caps, reader)
        if reader.expand is Adapter.expand:
            wanted = {line: {identities[one] for one in ids} for line, ids in lines.items()}
            new = [grave(sign, unit) if _identity(unit, entry) in wanted.get(unit.line, ()) else None for unit in units]
        elif quote is None:
            purged.left[path] = f"one value of the format {entry.adapter} holds several rows; give the text by --text"
            continue
        else:
            new = [_less(sign, unit, quote) for unit in units]
        if any(one is not None and _is_cut(unit) for unit, one in zip(units, new, strict=True)):
            purged.left[path] = "it stands in a unit longer than normalize.max_unit_chars, of which the start is known"
            new = [None if _is_cut(unit) else one for unit, one in zip(units, new, strict=True)]
        purged.units[path] = sum(one is not None for one in new)
        if purged.units[path]:
            content = _TABLES.get(suffix_of(path), _text)(path, entry, caps, list(zip(units, new, strict=True)))
            if content is None:
                purged.left[path] = "its rows do not stand in it one by one, or no column of it can hold a tombstone"
            else:
                purged.contents[path] = content
    return purged


def _delimiter(path: Path, entry: Entry, caps: Caps, reader: Adapter) -> str:
    """Return what stands between the cells of a CSV or TSV file, "" for all other files."""
    if suffix_of(path) not in DELIMITED:
        return ""
    return dialect_of(path, entry.encoding, caps, reader.header, entry.form).delimiter


def _is_cut(unit: Unit | BadUnit) -> bool:
    """Return whether ``raw`` is not the whole text of a unit."""
    return isinstance(unit, BadUnit) and unit.reason == "too_large"


def _less(sign: str, unit: Unit | BadUnit, quote: Quote) -> str | None:
    """Return the text of a unit without the objects that say the text; ``None`` where it says it nowhere."""
    if isinstance(unit, BadUnit):
        return grave(sign, unit) if quote.among([unit.raw]) else None
    less = without(unit.value, quote)
    return None if less == unit.value else json.dumps(less, ensure_ascii=False)


def _identity(unit: Unit | BadUnit, entry: Entry) -> Identity:
    outcome = next(adapter(entry.adapter, entry.name).read([unit], entry.options)) if isinstance(unit, Unit) else None
    if not isinstance(outcome, Row):
        return digest(unit.raw)
    builder = RecordBuilder()
    builder.append("", entry.name, entry.license, entry.origin, outcome.record)
    (row,) = builder.table().select(["content_hash", "metadata"]).to_pylist()
    return row["content_hash"], row["metadata"]


def _places(version: Outputs, ids: Collection[str]) -> dict[tuple[str, str], dict[int, set[str]]]:
    """Return the ids by source and file, and by line in it."""
    value_set = pa.array(sorted(ids), pa.string())
    places: defaultdict[tuple[str, str], defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for folder, key in _PLACES.items():
        for bucket in range(version.buckets):
            table = read_bucket(version.root / folder, bucket, [key, "source", "file", "line"])
            for row in table.filter(pc.is_in(table[key], value_set=value_set)).to_pylist():
                places[row["source"], row["file"]][row["line"]].add(row[key])
    return {key: dict(lines) for key, lines in places.items()}


def _text(path: Path, entry: Entry, caps: Caps, units: _Units) -> bytes | None:
    """Return the new file; None where units do not stand in it as they are read (a table column by column)."""
    text = "".join(text_chunks(path, entry.encoding, caps.file_bytes))
    starts = [0, *(place + 1 for place, char in enumerate(text) if char == "\n")]
    pieces, at = [], 0
    for unit, new in units:
        if isinstance(unit, BadUnit) and unit.outcome == "skipped":
            continue
        begin = text.find(unit.raw, max(at, starts[min(unit.line, len(starts)) - 1]))
        if begin < 0:
            return None
        pieces += [text[at:begin], unit.raw if new is None else new]
        at = begin + len(unit.raw)
    return pack("".join([*pieces, text[at:]]).encode(entry.encoding), kind_of(path))


def _sheet(path: Path, _: Entry, __: Caps, units: _Units) -> bytes | None:
    """Return None: a workbook is written by its program alone."""
    return None


def _parquet(path: Path, _: Entry, __: Caps, units: _Units) -> bytes | None:
    import pyarrow.parquet as pq

    table = _buried(pq.read_table(path), units)
    if table is None:
        return None
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _arrow(path: Path, _: Entry, __: Caps, units: _Units) -> bytes | None:
    data = path.read_bytes()
    opened, new = (
        (pa.ipc.open_file, pa.ipc.new_file) if data.startswith(b"ARROW1") else (pa.ipc.open_stream, pa.ipc.new_stream)
    )
    table = _buried(opened(data).read_all(), units)
    if table is None:
        return None
    sink = pa.BufferOutputStream()
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _buried(table: pa.Table, units: _Units) -> pa.Table | None:
    gone = [new is not None for _, new in units]
    return buried_table(table, gone, [mark(unit.raw) for unit, new in units if new is not None])


_TABLES = {".parquet": _parquet, ".arrow": _arrow, **dict.fromkeys(SHEETS, _sheet)}
