"""Raw units that were taken down, replaced by tombstones (:mod:`winnow.reading.tombstone`) in the files themselves.

Rows, ids and counts of all other units stay. (One exception: where a source gives one id to two different texts, the
one that is left gets the plain id.) JSON, JSON Lines, CSV, TSV and Parquet are rewritten, gzip and zstd too. Not
touched, but named: formats in which one value holds several units, since a conversation tree without one of its
messages is another tree, and Arrow files.
"""

import io
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.reading.adapter import Adapter, Row
from winnow.reading.entries import Entry, entries
from winnow.reading.files import read_units, suffix_of
from winnow.reading.packed import kind_of, pack
from winnow.reading.registry import adapter
from winnow.reading.text import text_chunks
from winnow.reading.tombstone import REASON, mark
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps
from winnow.records.build import RecordBuilder
from winnow.records.identity import digest
from winnow.storage.buckets import read_bucket
from winnow.versions.outputs import Outputs

RAW = Path("data/raw")
_PLACES = {"data/normalize/places": "row_id", "data/normalize/left_out": "unit_id"}
_Units = list[tuple[Unit | BadUnit, bool]]  # in the order of the file, and whether it goes

Identity = str | tuple[str, str]
"""What tells a unit from others on its line: the content hash and metadata of its row, or the digest of its text."""


@dataclass
class Purged:
    """New contents of raw files, how many units each lost, and files that were left as they are, with the reason."""

    contents: dict[Path, bytes] = field(default_factory=dict)
    units: dict[Path, int] = field(default_factory=dict)
    left: dict[Path, str] = field(default_factory=dict)


def purge(version: Outputs, identities: Mapping[str, Identity]) -> Purged:
    """Return what the raw files become without the units of rows and left-out units. Nothing is written.

    ``identities`` has :data:`Identity` by row id and unit id: a unit goes if it stands where ``normalize`` read it and
    still says what it said then.
    """
    purged = Purged()
    sources = {entry.name: entry for entry in entries(version.params["sources"])}
    caps = Caps(version.params["normalize"]["max_file_bytes"], version.params["normalize"]["max_unit_chars"])
    for (source, name), lines in sorted(_places(version, identities).items()):
        entry, path = sources[source], version.root / name
        if problem := _problem(entry, path):
            purged.left[path] = problem
            continue
        reader = adapter(entry.adapter, source)
        units = list(read_units(path, entry.encoding, caps, reader.header, form=entry.form))
        gone = [
            unit.line in lines and _identity(unit, entry) in {identities[one] for one in lines[unit.line]}
            for unit in units
        ]
        purged.units[path] = sum(gone)
        if any(gone):
            content = _parquet if suffix_of(path) == ".parquet" else _text
            purged.contents[path] = content(path, entry, caps, list(zip(units, gone, strict=True)))
    return purged


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


def _problem(entry: Entry, path: Path) -> str | None:
    reader = adapter(entry.adapter, entry.name)
    if reader.expand is not Adapter.expand or reader.list_unit:
        return f"files of the format {entry.adapter} hold several units in one value, or lists"
    return "Arrow files are not rewritten" if suffix_of(path) == ".arrow" else None


def _text(path: Path, entry: Entry, caps: Caps, units: _Units) -> bytes:
    text = "".join(text_chunks(path, entry.encoding, caps.file_bytes))
    starts = [0, *(place + 1 for place, char in enumerate(text) if char == "\n")]
    pieces, at = [], 0
    for unit, out in units:
        begin = text.index(unit.raw, max(at, starts[unit.line - 1]))
        if out:
            pieces += [text[at:begin], _tombstone(path, unit)]
        else:
            pieces.append(text[at : begin + len(unit.raw)])
        at = begin + len(unit.raw)
    return pack("".join([*pieces, text[at:]]).encode(entry.encoding), kind_of(path))


def _tombstone(path: Path, unit: Unit | BadUnit) -> str:
    if sign := {".csv": ",", ".tsv": "\t"}.get(suffix_of(path)):
        return mark(unit.raw) + sign * (len(unit.value) - 1 if isinstance(unit, Unit) else 0)
    return json.dumps({REASON: mark(unit.raw)})


def _parquet(path: Path, _: Entry, __: Caps, units: _Units) -> bytes:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    kept = pa.array([None if out else row for row, (_, out) in enumerate(units)], pa.int64())
    columns = [column.take(kept) for column in table.columns]
    at = next(place for place, one in enumerate(table.schema) if pa.types.is_string(one.type))
    marks = pa.array([mark(unit.raw) for unit, out in units if out], pa.string())
    columns[at] = pc.replace_with_mask(columns[at].combine_chunks(), pa.array([out for _, out in units]), marks)
    schema = pa.schema([one.with_nullable(True) for one in table.schema], table.schema.metadata)
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), buffer)
    return buffer.getvalue()
