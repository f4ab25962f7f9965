"""The few texts that a page shows, read bucket by bucket once it is known which."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.report.examples.choice import Choice
from winnow.report.examples.turns import Text, full, short, unit_text
from winnow.report.survey.candidates import Place
from winnow.report.tables import Tables
from winnow.storage.buckets import bucket_of, each_batch, positions, read_bucket
from winnow.storage.parquet import read_table

_JOINED = ("row_id", "language", "status", "stage", "split", "places")


@dataclass(frozen=True)
class Row:
    """A row as the page shows it: ``places`` are files and lines; stage or split is None, by status."""

    row_id: str
    language: str | None
    status: str
    stage: str | None
    split: str | None
    places: list[str]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Edit:
    """A text before and after one rule of cleaning."""

    row_id: str
    field: str
    rule: str
    before: str
    after: str


@dataclass(frozen=True)
class Unit:
    """A raw unit that became no record."""

    unit_id: str
    detail: str
    place: str
    text: Text


@dataclass
class TextTask:
    """One bucket and what to read of it: rows in short, rows in full, positions of edits and of units."""

    tables: Tables
    bucket: int
    short: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    edits: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)


@dataclass
class Texts:
    """Rows by id, edits and units by place."""

    short: dict[str, Row] = field(default_factory=dict)
    full: dict[str, Row] = field(default_factory=dict)
    edits: dict[Place, Edit] = field(default_factory=dict)
    units: dict[Place, Unit] = field(default_factory=dict)

    def add(self, other: "Texts") -> None:
        """Add the texts of another bucket."""
        for name in ("short", "full", "edits", "units"):
            getattr(self, name).update(getattr(other, name))


def text_tasks(tables: Tables, buckets: int, choice: Choice) -> list[TextTask]:
    """Return one task for each bucket of which something is shown."""
    tasks = [TextTask(tables, bucket) for bucket in range(buckets)]
    for row_id in choice.row_ids():
        tasks[bucket_of(row_id, buckets)].short.add(row_id)
    for row_id in dict.fromkeys([*choice.sample, *choice.written]):
        tasks[bucket_of(row_id, buckets)].full.add(row_id)
    for bucket, position in (place for places in choice.edits.values() for place in places):
        tasks[bucket].edits.append(position)
    for bucket, position in (place for places in choice.units.values() for place in places):
        tasks[bucket].units.append(position)
    return [task for task in tasks if task.short or task.full or task.edits or task.units]


def fetch(task: TextTask) -> Texts:
    """Read the texts of ``task``; only the rows that it names are ever Python objects."""
    texts, bucket = Texts(), task.bucket
    for row in _records(task) if task.short or task.full else ():
        for ids, rows, build in ((task.short, texts.short, short), (task.full, texts.full, full)):
            if row["row_id"] in ids:
                rows[row["row_id"]] = Row(texts=build(row), **{name: row[name] for name in _JOINED})
    if task.edits:
        for n, row in _taken(task.tables.edits, bucket, ["row_id", "field", "rule", "before", "after"], task.edits):
            texts.edits[Place(bucket, n)] = Edit(**row)
    if task.units:
        for n, row in _taken(task.tables.units, bucket, ["unit_id", "detail", "file", "line", "raw"], task.units):
            place, text = f"{row['file']}:{row['line']}", unit_text(row["raw"] or "")
            texts.units[Place(bucket, n)] = Unit(row["unit_id"], row["detail"] or "", place, text)
    return texts


def _taken(folder: Path, bucket: int, names: list[str], wanted: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows at the positions ``wanted``, batch by batch: the text of a bucket is never in memory at once."""
    start = 0
    for batch in each_batch(folder, bucket, names):
        mine = sorted(n for n in wanted if start <= n < start + len(batch))
        rows = batch.select(names).take(pa.array([n - start for n in mine], pa.int64())).to_pylist()
        yield from zip(mine, rows, strict=True)
        start += len(batch)


def _records(task: TextTask) -> list[dict[str, Any]]:
    """Return the records of ``task``, joined with index, facts and places."""
    tables, bucket = task.tables, task.bucket
    ids = pa.array(sorted(task.short | task.full), pa.string())
    rows: list[dict[str, Any]] = []
    for batch in each_batch(tables.records, bucket, ["row_id", "system", "context", "messages", "rejected"]):
        at = positions(ids, batch["row_id"])
        rows += batch.take(pa.array(at[at >= 0])).to_pylist()
    ids = pa.array([row["row_id"] for row in rows], pa.string())
    index = read_table(tables.index, ["row_id", "status", "stage", "split"], bucket)
    languages = ["language", "instruction_language", "response_language"]
    facts = read_bucket(tables.facts, bucket, ["row_id", *languages])
    for table in (index, facts):
        for row, joined in zip(rows, table.take(pa.array(positions(ids, table["row_id"]))).to_pylist(), strict=True):
            row.update(joined)
    places = read_bucket(tables.places, bucket, ["row_id", "file", "line"])
    by_row: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for place in places.filter(pc.is_in(places["row_id"], value_set=ids)).to_pylist():
        by_row[place["row_id"]].append((place["file"], place["line"]))
    for row in rows:
        row["places"] = [f"{file}:{line}" for file, line in sorted(by_row[row["row_id"]])]
    return rows
