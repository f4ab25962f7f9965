"""Normalize, first half: files of sources to records, spilled bucket by bucket.

Identical raw rows are numbered only when all rows of a bucket are together (:mod:`winnow.reading.settle`), so the
spill carries the stable base of each ``row_id`` and the digest of the text that identifies the row.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from winnow.harness.errors import UserError
from winnow.harness.processes import map_buckets
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.blocks import cut
from winnow.reading.entries import Entry
from winnow.reading.files import read_units
from winnow.reading.licences import license_of
from winnow.reading.order import NOTES
from winnow.reading.registry import adapter
from winnow.reading.spill import SPILL, Spill, remove
from winnow.reading.splits import IGNORE, OWN, named, own_splits
from winnow.reading.tally import Tally
from winnow.reading.tombstone import buried
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import WHOLE, Block, Caps
from winnow.records.build import RecordBuilder, list_array
from winnow.records.identity import digest, text_digest
from winnow.records.schema import LEFT_OUT
from winnow.storage.buckets import SUFFIX

_FLUSH = 8_192  # records held before they are spilled
_FLUSH_CHARS = 1 << 25  # or characters of their raw texts


@dataclass(frozen=True)
class FileTask:
    """One file of one source, or a block of it, and where its spill goes."""

    entry: Entry
    file: Path
    number: int
    scratch: Path
    buckets: int
    caps: Caps
    block: Block = WHOLE
    split: str | None = None


def collect_all(files: Iterable[tuple[Entry, Path]], scratch: Path, buckets: int, caps: Caps) -> dict[str, Tally]:
    """Read the files of all sources, spill what they hold, and return the tally of each source.

    A file of which some block could not be read by itself is read again as a whole, which alone decides what is wrong
    with it.
    """
    files = list(files)
    splits = _splits(files)
    tasks = [
        FileTask(entry, file, number, scratch, buckets, caps, block, splits[entry.name, file])
        for number, (entry, file, block) in enumerate(_parts(files, caps))
    ]
    results = list(zip(tasks, map_buckets(collect, tasks), strict=True))
    broken = {(task.entry.name, task.file): task for task, tally in results if tally is None}
    for task in tasks:
        if (task.entry.name, task.file) in broken:
            remove(scratch, task.number)
    results = [(task, tally) for task, tally in results if (task.entry.name, task.file) not in broken]
    again = [replace(task, block=WHOLE) for task in broken.values()]
    results += zip(again, map_buckets(collect, again), strict=True)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for task, tally in results:
        assert tally is not None
        tallies[task.entry.name].add(tally)
    return tallies


def _splits(files: Iterable[tuple[Entry, Path]]) -> dict[tuple[str, Path], str | None]:
    """Return the split that each file of each source has of its own."""
    by_source: defaultdict[str, list[Path]] = defaultdict(list)
    policies = {}
    for entry, file in files:
        by_source[entry.name].append(file)
        policies[entry.name] = entry.splits
    splits: dict[tuple[str, Path], str | None] = {}
    for name, paths in by_source.items():
        below = Path(os.path.commonpath([path.parent for path in paths]))
        places = own_splits([path.relative_to(below) for path in paths], policies[name])
        splits |= {(name, below / place): split for place, split in places.items()}
    return splits


def _parts(files: Iterable[tuple[Entry, Path]], caps: Caps) -> list[tuple[Entry, Path, Block]]:
    """Return files and blocks of files, the largest first, so that no worker is left alone with one at the end."""
    sized = []
    for entry, file in files:
        source = adapter(entry.adapter, entry.name)
        size = file.stat().st_size
        for block in cut(file, entry.encoding, caps, source.list_unit) if source.in_parts else [WHOLE]:
            length = (size if block.end is None else block.end) - block.start
            sized.append((-length, file.as_posix(), block.start, entry.name, (entry, file, block)))
    return [part for *_, part in sorted(sized, key=lambda one: one[:-1])]


def collect(task: FileTask) -> Tally | None:
    """Read one file, or a block of it, through its adapter, spill records and left-out units, and return the tally.

    Returns None for a block that cannot be read by itself.
    """
    try:
        return _collect(task)
    except UserError:
        if task.block == WHOLE:
            raise
        return None


def _collect(task: FileTask) -> Tally:
    tally = Tally(of_files=task.split is not None)
    source = adapter(task.entry.adapter, task.entry.name)

    def readable(units: Iterable[Unit | BadUnit], leave_out: Callable[[LeftOut], None]) -> Iterator[Unit]:
        for unit in units:
            if isinstance(unit, BadUnit):
                tally.units += 1
                leave_out(LeftOut(unit, unit.outcome, unit.reason, unit.detail))
                continue
            if grave := buried(unit):
                tally.units += 1
                leave_out(grave)
                continue
            raw_units = source.expand(unit)
            tally.units += len(raw_units)
            yield from raw_units

    entry = task.entry
    raw = read_units(task.file, entry.encoding, task.caps, source.header, source.list_unit, task.block, entry.form)
    return account(task, tally, lambda leave_out: source.read(readable(raw, leave_out), entry.options))


def account(
    task: FileTask, tally: Tally, outcomes: Callable[[Callable[[LeftOut], None]], Iterable[Row | LeftOut]]
) -> Tally:
    """Spill what ``outcomes`` yields for a task and count it into ``tally``, which is returned.

    ``outcomes`` gets a function that takes units that no adapter sees; it counts the raw units itself.
    """
    with Spill(task.scratch, task.number, task.buckets) as spill:
        rows, left = _Rows(task, spill), _LeftOut(task, spill)

        def leave_out(one: LeftOut) -> None:
            tally.leave_out(one)
            left.add(one)

        for outcome in outcomes(leave_out):
            if isinstance(outcome, Row):
                tally.used += outcome.fresh
                tally.rows += 1
                if outcome.record.metadata:
                    tally.noted.update(NOTES.intersection(outcome.record.metadata))
                rows.add(outcome)
                tally.splits.add(outcome.record.own_split)
            else:
                leave_out(outcome)
        rows.flush()
        left.flush()
    return tally


class _Rows:
    def __init__(self, task: FileTask, spill: Spill) -> None:
        self._task, self._spill = task, spill
        self._start()

    def _start(self) -> None:
        self._builder = RecordBuilder()
        self._bases: list[str] = []
        self._digests: list[str] = []
        self._lines: list[list[int]] = []
        self._chars = 0

    def add(self, row: Row) -> None:
        entry, record = self._task.entry, row.record
        text = text_digest(record.key_text)
        base = f"{entry.name}:{text if record.key is None else record.key.replace(SUFFIX, '%7E')}"
        unit = row.units[0]
        where = f"{unit.file}, line {unit.line}"
        license_ = license_of(record.license, entry.license, entry.license_name, entry.name, where)
        self._builder.append(base, entry.name, license_, record.origin or entry.origin, record)
        self._bases.append(base)
        self._digests.append(text)
        self._lines.append([unit.line for unit in row.units])
        if record.own_split is None and entry.splits != IGNORE:
            record.own_split = self._task.split or (named(row.units[0].part) if entry.splits == OWN else None)
        for unit in row.units:
            self._chars += len(unit.raw)
        if len(self._bases) >= _FLUSH or self._chars >= _FLUSH_CHARS:
            self.flush()

    def flush(self) -> None:
        if self._bases:
            columns = [
                *self._builder.table().columns,
                pa.array(self._digests, pa.string()),
                pa.repeat(self._task.file.as_posix(), len(self._bases)),
                list_array(self._lines, lambda lines: pa.array(lines, pa.int64())),
            ]
            self._spill.write("records", self._bases, pa.table(columns, schema=SPILL))
            self._start()


class _LeftOut:
    def __init__(self, task: FileTask, spill: Spill) -> None:
        self._task, self._spill = task, spill
        self._rows: list[tuple[object, ...]] = []
        self._chars = 0

    def add(self, left: LeftOut) -> None:
        source, unit = self._task.entry.name, left.unit
        unit_id = f"{source}:!{digest(unit.raw)}"
        self._rows.append((unit_id, source, left.outcome, left.reason, left.detail, unit.file, unit.line, unit.raw))
        self._chars += len(unit.raw)
        if len(self._rows) >= _FLUSH or self._chars >= _FLUSH_CHARS:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            table = pa.table(list(zip(*self._rows, strict=True)), schema=LEFT_OUT)
            self._spill.write("left_out", [str(row[0]) for row in self._rows], table)
            self._rows, self._chars = [], 0
