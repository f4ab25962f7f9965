"""Normalize, first half: one file of a source to records, spilled bucket by bucket.

Identical raw rows are numbered only when all rows of a bucket are together (:mod:`stages.reading.settle`), so the
spill carries the stable base of each ``row_id`` and the digest of the text that identifies the row.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from stages.harness.errors import UserError
from stages.reading.adapter import LeftOut, Row
from stages.reading.entries import Entry
from stages.reading.files import read_units
from stages.reading.jsonfiles import Caps
from stages.reading.registry import adapter
from stages.reading.units import BadUnit, Unit
from stages.records.build import RecordBuilder
from stages.records.identity import digest
from stages.records.record import Record, canonical_json
from stages.records.schema import LEFT_OUT, RECORDS
from stages.storage.buckets import SUFFIX, bucket_of

_FLUSH = 8_192  # records held before they are spilled
_FLUSH_CHARS = 1 << 25  # or characters of their texts
PLACE = pa.struct([("file", pa.string()), ("line", pa.int64())])
SPILL = pa.schema([*RECORDS, ("text_digest", pa.string()), ("places", pa.list_(PLACE))])


@dataclass
class Tally:
    """What became of the raw units of one source: the terms of the conservation law."""

    units: int = 0
    used: int = 0
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add the tally of another file of the same source."""
        self.units += other.units
        self.used += other.used
        self.rows += other.rows
        self.skipped.update(other.skipped)
        self.quarantined.update(other.quarantined)

    def check(self, source: str) -> None:
        """Raise unless every raw unit is used, skipped or quarantined."""
        told = self.used + self.skipped.total() + self.quarantined.total()
        if self.units != told:
            raise UserError(
                f"source {source}: {self.units:,} raw units were read and {told:,} accounted for; "
                "this is a fault of its adapter, nothing was published."
            )


@dataclass(frozen=True)
class FileTask:
    """One file of one source, and where its spill goes."""

    entry: Entry
    file: Path
    number: int
    scratch: Path
    buckets: int
    caps: Caps


def _base(source: str, record: Record, text_digest: str) -> str:
    return f"{source}:{record.key.replace(SUFFIX, '%7E') if record.key is not None else text_digest}"


class _Spill:
    """Arrow IPC files, one per bucket that gets rows, for one file of a source."""

    def __init__(self, task: FileTask) -> None:
        self._task = task
        self._writers: dict[tuple[str, int], pa.ipc.RecordBatchFileWriter] = {}

    def write(self, kind: str, bucket_ids: list[int], table: pa.Table) -> None:
        order: dict[int, list[int]] = {}
        for index, bucket in enumerate(bucket_ids):
            order.setdefault(bucket, []).append(index)
        for bucket, indices in order.items():
            key = (kind, bucket)
            if key not in self._writers:
                path = self._task.scratch / kind / f"{bucket:03d}" / f"{self._task.number:06d}.arrow"
                path.parent.mkdir(parents=True, exist_ok=True)
                self._writers[key] = pa.ipc.new_file(path, table.schema)
            self._writers[key].write_table(table.take(pa.array(indices, pa.int64())).combine_chunks())

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


class _Rows:
    def __init__(self, task: FileTask, spill: _Spill) -> None:
        self._task, self._spill = task, spill
        self._start()

    def _start(self) -> None:
        self._builder = RecordBuilder()
        self._digests: list[str] = []
        self._places: list[list[dict[str, object]]] = []
        self._buckets: list[int] = []
        self._chars = 0

    def add(self, row: Row) -> None:
        entry, record = self._task.entry, row.record
        text_digest = digest(canonical_json(record.key_text))
        base = _base(entry.name, record, text_digest)
        self._builder.append(base, entry.name, entry.license, entry.origin, record)
        self._digests.append(text_digest)
        self._places.append([{"file": unit.file, "line": unit.line} for unit in row.units])
        self._buckets.append(bucket_of(base, self._task.buckets))
        self._chars += sum(map(len, record.key_text))
        if len(self._builder) >= _FLUSH or self._chars >= _FLUSH_CHARS:
            self.flush()

    def flush(self) -> None:
        if len(self._builder):
            table = self._builder.table()
            table = table.append_column("text_digest", pa.array(self._digests, pa.string()))
            table = table.append_column("places", pa.array(self._places, pa.list_(PLACE)))
            self._spill.write("records", self._buckets, table.cast(SPILL))
            self._start()


def collect(task: FileTask) -> Tally:
    """Read one file through its adapter, spill records and left-out units, and return the tally."""
    tally, spill = Tally(), _Spill(task)
    rows, left = _Rows(task, spill), _LeftOut(task, spill)
    source = adapter(task.entry.adapter, task.entry.name)

    def readable(found: Iterable[Unit | BadUnit]) -> Iterator[Unit]:
        for unit in found:
            if isinstance(unit, BadUnit):
                tally.units += 1
                tally.quarantined[unit.reason] += 1
                left.add(LeftOut(unit, "quarantined", unit.reason, unit.detail))
                continue
            raw_units = source.expand(unit)
            tally.units += len(raw_units)
            yield from raw_units

    units = readable(read_units(task.file, task.entry.encoding, task.caps, source.header))
    for outcome in source.read(units, task.entry.options):
        if isinstance(outcome, Row):
            tally.used += outcome.fresh
            tally.rows += 1
            rows.add(outcome)
        else:
            (tally.skipped if outcome.outcome == "skipped" else tally.quarantined)[outcome.reason] += 1
            left.add(outcome)
    rows.flush()
    left.flush()
    spill.close()
    return tally


class _LeftOut:
    def __init__(self, task: FileTask, spill: _Spill) -> None:
        self._task, self._spill = task, spill
        self._rows: list[tuple[object, ...]] = []

    def add(self, left: LeftOut) -> None:
        source, unit = self._task.entry.name, left.unit
        unit_id = f"{source}:!{digest(unit.raw)}"
        self._rows.append((unit_id, source, left.outcome, left.reason, left.detail, unit.file, unit.line, unit.raw))
        if len(self._rows) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            columns = [
                pa.array(values, kind)
                for values, kind in zip(zip(*self._rows, strict=True), LEFT_OUT.types, strict=True)
            ]
            ids = [str(row[0]) for row in self._rows]
            table = pa.table(columns, schema=LEFT_OUT)
            self._spill.write("left_out", [bucket_of(one, self._task.buckets) for one in ids], table)
            self._rows = []
