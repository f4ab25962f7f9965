"""The few texts that a page shows, read bucket by bucket once it is known which."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.release.index import read_index
from winnow.report.turns import Text, full, short, unit_text
from winnow.storage.buckets import each_batch, positions, read_bucket

if TYPE_CHECKING:
    from winnow.report.choice import Choice


@dataclass(frozen=True)
class Row:
    """A row as the page shows it."""

    row_id: str
    source: str
    license: str
    kind: str
    language: str
    status: str
    stage: str
    split: str
    places: tuple[str, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Edit:
    """What one rule did to one text."""

    row_id: str
    field: str
    rule: str
    before: str
    after: str


@dataclass(frozen=True)
class Unit:
    """A raw unit that became no record."""

    unit_id: str
    source: str
    detail: str
    place: str
    text: Text


@dataclass(frozen=True)
class Task:
    """One bucket and what to read of it: rows in short, rows in full, positions of edits and of units."""

    bucket: int
    short: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    edits: tuple[int, ...] = ()
    units: tuple[int, ...] = ()


@dataclass
class Texts:
    """What was read: rows by id, edits and units by (bucket, position)."""

    short: dict[str, Row] = field(default_factory=dict)
    full: dict[str, Row] = field(default_factory=dict)
    edits: dict[tuple[int, int], Edit] = field(default_factory=dict)
    units: dict[tuple[int, int], Unit] = field(default_factory=dict)

    def add(self, other: "Texts") -> None:
        """Add what was read of another bucket."""
        for name in ("short", "full", "edits", "units"):
            getattr(self, name).update(getattr(other, name))


def fetch(task: Task) -> Texts:
    """Read what ``task`` names; only the rows named are ever Python objects."""
    texts = Texts()
    if wanted := sorted(task.short | task.full):
        for row in _rows(task.bucket, wanted):
            places = _places(row["places"])
            for ids, found, build in ((task.short, texts.short, short), (task.full, texts.full, full)):
                if row["row_id"] in ids:
                    found[row["row_id"]] = Row(
                        row["row_id"],
                        row["source"],
                        row["license"] or "",
                        row["kind"],
                        row["language"] or "und",
                        row["status"],
                        row["stage"] or "",
                        row["split"] or "",
                        places,
                        build(row),
                    )
    if task.edits:
        names = ["row_id", "field", "rule", "before", "after"]
        for n, row in _taken("data/clean/edits", task.bucket, names, task.edits):
            texts.edits[task.bucket, n] = Edit(*row.values())
    if task.units:
        names = ["unit_id", "source", "detail", "file", "line", "raw"]
        for n, row in _taken("data/normalize/left_out", task.bucket, names, task.units):
            text = unit_text(row["raw"] or "")
            place = f"{row['file']}:{row['line']}"
            texts.units[task.bucket, n] = Unit(row["unit_id"], row["source"], row["detail"] or "", place, text)
    return texts


def _taken(folder: str, bucket: int, names: list[str], wanted: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows at the positions ``wanted``, batch by batch: the text of a bucket is never in memory at once."""
    start = 0
    for batch in each_batch(folder, bucket, names):
        mine = sorted(n for n in wanted if start <= n < start + len(batch))
        rows = batch.select(names).take(pa.array([n - start for n in mine], pa.int64())).to_pylist()
        yield from zip(mine, rows, strict=True)
        start += len(batch)


def _rows(bucket: int, wanted: list[str]) -> list[dict[str, Any]]:
    """Return the records named, with what index, facts and places say about each."""
    ids = pa.array(wanted, pa.string())
    names = ["row_id", "source", "license", "kind", "system", "context", "messages", "rejected"]
    rows: list[dict[str, Any]] = []
    for batch in each_batch("data/clean/records", bucket, names):
        at = positions(ids, batch["row_id"])
        rows += batch.take(pa.array(at[at >= 0])).to_pylist()
    found = pa.array([row["row_id"] for row in rows], pa.string())
    index = read_index(Path("data/index.parquet"), bucket, ["row_id", "status", "stage", "split"])
    facts = read_bucket("data/annotate", bucket, ["row_id", "language", "instruction_language", "response_language"])
    for table in (index, facts):
        told = table.take(pa.array(positions(found, table["row_id"]))).to_pylist()
        for row, more in zip(rows, told, strict=True):
            row.update(more)
    places = read_bucket("data/normalize/places", bucket, ["row_id", "file", "line"])
    places = places.filter(pc.is_in(places["row_id"], value_set=found))
    by_row: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for place in places.to_pylist():
        by_row[place["row_id"]].append((place["file"], place["line"]))
    for row in rows:
        row["places"] = sorted(by_row[row["row_id"]])
    return rows


def _places(places: list[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(f"{file}:{line}" for file, line in places)


def tasks(buckets: int, owner: Callable[[str], int], choice: "Choice") -> list[Task]:
    """Return one task for each bucket of which something is wanted; ``owner(row_id)`` is the bucket of a row."""
    short, full = ([set[str]() for _ in range(buckets)] for _ in range(2))
    edits, units = ([list[int]() for _ in range(buckets)] for _ in range(2))
    for ids, named in ((choice.row_ids(), short), (choice.sample, full)):
        for row_id in ids:
            named[owner(row_id)].add(row_id)
    for wanted, placed in ((choice.edits, edits), (choice.units, units)):
        for places in wanted.values():
            for bucket, position in places:
                placed[bucket].append(position)
    return [
        Task(bucket, frozenset(a), frozenset(b), tuple(sorted(c)), tuple(sorted(d)))
        for bucket, (a, b, c, d) in enumerate(zip(short, full, edits, units, strict=True))
        if a or b or c or d
    ]
