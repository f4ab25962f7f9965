"""Overlap of rows with items of test sets: the share of runs of n tokens, weighed by how few items hold them.

Tülu 3 (Lambert et al. 2024, section 3.2) counts tokens in shared runs on the user's side. Here every side is looked
at, a run that many items hold counts little, and short questions, options and solutions have rules of their own
(:mod:`winnow.similarity.items`, :mod:`winnow.similarity.held`). An index picks pairs of row and item for all rows at
once; the few pairs are then read one by one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.records.schema import OVERLAPS
from winnow.similarity.alike import Meaning
from winnow.similarity.held import Row, Segment, held
from winnow.similarity.items import Index
from winnow.similarity.runs import Runs
from winnow.storage.buckets import each_batch, part
from winnow.storage.parquet import TableWriter
from winnow.storage.types import Ints
from winnow.text.codepoints import slices
from winnow.text.scripts import folded_tokens
from winnow.text.tokens import SLICE

COLUMNS = ["row_id", "system", "context", "messages", "rejected"]


@dataclass(frozen=True)
class Task:
    """One bucket of clean records, the test sets, and where the overlaps go."""

    bucket: int
    records: Path
    overlaps: Path
    sets: Index
    floor: float
    meaning: Meaning | None = None


def overlap_bucket(task: Task) -> tuple[int, Counter[str]]:
    """Write the overlaps of one bucket; return its rows and the number of overlapping rows by test set."""
    rows, by_benchmark = 0, Counter[str]()
    with TableWriter(part(task.overlaps, task.bucket), OVERLAPS) as out:
        for table in each_batch(task.records, task.bucket, COLUMNS):
            overlapping = overlaps(table, task.sets, task.floor, task.meaning)
            out.write(overlapping)
            rows += len(table)
            pairs = set(zip(overlapping["row_id"].to_pylist(), overlapping["benchmark"].to_pylist(), strict=True))
            by_benchmark.update(benchmark for _, benchmark in pairs)
    return rows, by_benchmark


def overlaps(table: pa.Table, sets: Index, floor: float, meaning: Meaning | None = None) -> pa.Table:
    """Return the overlaps of at least ``floor`` of a table of records with items of test sets, sorted.

    With ``meaning``, prompts that are alike to an item in other words too.
    """
    rows, items = candidates(table, sets)
    lines = list[tuple[Any, ...]]()
    chosen = np.unique(rows)
    read = dict(zip(chosen.tolist(), _rows(table.take(pa.array(chosen)), sets.n), strict=True))
    names = table["row_id"].take(pa.array(rows)).to_pylist()
    for name, row, at in zip(names, rows.tolist(), items.tolist(), strict=True):
        item = sets.item(at)
        for one in held(item, read[row]):
            if (share := round(one.share, 6)) >= floor:
                lines.append((name, item.benchmark, item.name, one.side, one.measure, share, one.longest))
    if meaning:
        pairs = meaning.alike(table)
        for name, at, cosine in zip(
            table["row_id"].take(pa.array(pairs.rows)).to_pylist(), *map(list, pairs[1:]), strict=True
        ):
            lines.append((name, *sets.names[at], "prompt", meaning.method, cosine, None))
    columns: list[list[Any]] = [list(column) for column in zip(*lines, strict=True)] or [[] for _ in OVERLAPS]
    return pa.table(columns, schema=OVERLAPS).sort_by(
        [(name, "ascending") for name in ("row_id", "benchmark", "item", "side", "measure")]
    )


def candidates(table: pa.Table, sets: Index) -> tuple[Ints, Ints]:
    """Return the pairs of row and item of which the row holds enough runs of a question, its options or a solution."""
    found = [(lookup, list[Ints](), list[Ints]()) for lookup in sets.lookups]
    for texts, owner in _columns(table):
        for start, some in slices(texts, SLICE):
            tokens = folded_tokens(some)
            runs = Runs(tokens.hashes)
            for lookup, rows, keys in found:
                at, key = lookup.known.find(runs.of(lookup.length))
                text = np.searchsorted(tokens.bounds, at, "right") - 1
                inside = at + lookup.length <= tokens.bounds[text + 1]  # no run goes from one text into the next
                rows.append(owner[start + text[inside]])
                keys.append(key[inside])
    units, holders, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for lookup, rows, keys in found:
        size = len(lookup.keys)
        pairs = _distinct(np.concatenate([np.zeros(0, np.int64), *rows]) * size + np.concatenate([*keys, *_none(keys)]))
        row, key = pairs // size, pairs % size
        counts = lookup.bounds[key + 1] - lookup.bounds[key]
        ends = np.cumsum(counts)
        at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(lookup.bounds[key] - (ends - counts), counts)
        units.append(lookup.units[at])
        weights.append(lookup.weights[at])
        holders.append(np.repeat(row, counts))
    return _enough(sets, np.concatenate(holders), np.concatenate(units), np.concatenate(weights))


def _none(keys: list[Ints]) -> list[Ints]:
    return [] if keys else [np.zeros(0, np.int64)]


def _enough(sets: Index, rows: Ints, units: Ints, weights: np.ndarray[Any, Any]) -> tuple[Ints, Ints]:
    order = np.argsort(rows * max(len(sets.owner), 1) + units, kind="stable")
    rows, units = rows[order], units[order]
    first = np.flatnonzero(np.concatenate(([True], (rows[1:] != rows[:-1]) | (units[1:] != units[:-1]))))
    if not len(rows):
        return rows, units
    enough = np.add.reduceat(weights[order], first) >= sets.needed[units[first]]
    kept = first[enough]
    pairs = _distinct(rows[kept] * len(sets.names) + sets.owner[units[kept]])
    return pairs // len(sets.names), pairs % len(sets.names)


def _distinct(values: Ints) -> Ints:
    """Return the distinct values, sorted; many times faster on 64-bit integers than :func:`numpy.unique`."""
    values = np.sort(values)
    return values[np.concatenate(([True], values[1:] != values[:-1]))] if len(values) else values


def _columns(table: pa.Table) -> Iterator[tuple[pa.Array, Ints]]:
    """Yield the texts of a table of records, and the row of each text, column by column."""
    every = np.arange(len(table))
    for name in ("system", "context"):
        column = views.column(table, name)
        kept = column.is_valid()
        yield column.filter(kept), every[kept.to_numpy(zero_copy_only=False)]
    yield from _turns(views.turns(table), every)
    rejected = views.column(table, "rejected")
    if rejected.null_count < len(rejected):
        replies = pc.struct_field(pc.list_flatten(rejected), "messages")
        yield from _turns(replies, np.repeat(every, np.diff(views.bounds(rejected))))


def _turns(messages: pa.ListArray, rows: Ints) -> Iterator[tuple[pa.Array, Ints]]:
    owner = np.repeat(rows, np.diff(views.bounds(messages)))
    turns = pc.list_flatten(messages)
    for name in ("content", "reasoning"):
        texts = pc.struct_field(turns, name)
        if texts.null_count < len(texts):
            kept = texts.is_valid()
            yield texts.filter(kept), owner[kept.to_numpy(zero_copy_only=False)]


def _rows(table: pa.Table, n: int) -> list[Row]:
    """Return the rows of a table of records as segments of tokens."""
    sides = [list(_sides(row)) for row in table.to_pylist()]
    texts = [text for row in sides for _, text in row]
    tokens = folded_tokens(pa.array(texts, pa.string()))
    parts = iter(np.split(tokens.hashes, tokens.bounds[1:-1]) if texts else [])
    return [Row([Segment(side, next(parts)) for side, _ in row], n) for row in sides]


def _sides(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a record with their side: the prompt is the context and the last user turn."""
    messages = row["messages"]
    asks = max((at for at, turn in enumerate(messages[:-1]) if turn["role"] == "user"), default=-1)
    yield "system", row["system"] or ""
    yield "prompt", row["context"] or ""
    for at, turn in enumerate(messages):
        side = "reply" if at == len(messages) - 1 else "prompt" if at == asks else "earlier"
        yield side, turn["reasoning"] or ""
        yield side, turn["content"] or ""
    for reply in row["rejected"] or []:
        for turn in reply["messages"]:
            yield "reply", turn["reasoning"] or ""
            yield "reply", turn["content"] or ""
