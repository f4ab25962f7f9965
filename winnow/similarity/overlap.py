"""Overlap of rows with benchmark items: exact, and by n-grams as Tülu 3 measures it.

Lambert et al. 2024 (Tülu 3, section 3.2): on the user's side only, an item overlaps a training row by the share of
the item's tokens that stand in runs of n tokens shared with that one row. n-grams miss paraphrase and translation.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.records import views
from winnow.records.schema import OVERLAPS
from winnow.storage.buckets import each_batch, part
from winnow.storage.parquet import TableWriter
from winnow.storage.types import U64, Floats, Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, Tokens, hashed_tokens, ngrams

COLUMNS = ["row_id", "context", "messages"]


@dataclass(frozen=True)
class Items:
    """Benchmark items as sorted n-gram hashes, each with its item and place in it, and whole-text hashes."""

    names: list[tuple[str, str]]
    sizes: Ints
    grams: U64
    owner: Ints
    place: Ints
    n: int


def prepare(items: Mapping[str, list[tuple[str, str]]], n: int) -> Items:
    """Return the benchmarks (name -> (item, text) pairs) ready for matching.

    Items shorter than ``n`` tokens have one gram of all their tokens, which only an equally short prompt can match.
    """
    names = [(benchmark, item) for benchmark in sorted(items) for item, _ in items[benchmark]]
    texts = [text for benchmark in sorted(items) for _, text in items[benchmark]]
    tokens = hashed_tokens(normalised(pa.array(texts, pa.string())))
    grams = ngrams(tokens, n)
    owner = np.repeat(np.arange(len(names)), np.diff(grams.bounds))
    place = np.arange(len(owner)) - grams.bounds[owner] if len(owner) else owner
    order = np.lexsort((place, owner, grams.hashes))
    return Items(names, np.diff(tokens.bounds), grams.hashes[order], owner[order], place[order], n)


@dataclass(frozen=True)
class Task:
    """One bucket of clean records, the benchmarks, and where the overlaps go."""

    bucket: int
    records: Path
    overlaps: Path
    items: Items
    floor: float


def matches(items: Items, grams: Tokens) -> tuple[Ints, Ints, Floats]:
    """Return rows, items and the share of each item's tokens that its row covers, for all pairs that share a gram."""
    first = np.searchsorted(items.grams, grams.hashes, "left")
    counts = np.searchsorted(items.grams, grams.hashes, "right") - first
    hits = np.flatnonzero(counts)
    counts = counts[hits]
    row = np.repeat(np.searchsorted(grams.bounds, hits, "right") - 1, counts)
    ends = np.cumsum(counts)
    at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first[hits] - (ends - counts), counts)
    owner, place = items.owner[at], items.place[at]
    # a token is covered when any shared gram has it: expand grams to tokens, count distinct (row, item, token)
    longest = int(items.sizes.max(initial=0)) + items.n
    token = (place[:, None] + np.arange(items.n)).ravel()
    pair = np.repeat(row * len(items.names) + owner, items.n)
    inside = token < np.repeat(items.sizes[owner], items.n)
    covered = np.unique(pair[inside] * longest + token[inside]) // longest
    pairs, tokens = np.unique(covered, return_counts=True)
    item = pairs % max(len(items.names), 1)
    return pairs // max(len(items.names), 1), item, tokens / items.sizes[item]


def overlap_bucket(task: Task) -> tuple[int, Counter[str]]:
    """Write the overlaps of one bucket; return its rows and the number of overlapping rows by benchmark."""
    rows, by_benchmark = 0, Counter[str]()
    with TableWriter(part(task.overlaps, task.bucket), OVERLAPS) as out:
        for table in each_batch(task.records, task.bucket, COLUMNS):
            overlapping = overlaps(table, task.items, task.floor)
            out.write(overlapping)
            rows += len(table)
            pairs = set(zip(overlapping["row_id"].to_pylist(), overlapping["benchmark"].to_pylist(), strict=True))
            by_benchmark.update(benchmark for _, benchmark in pairs)
    return rows, by_benchmark


def overlaps(table: pa.Table, of: Items, floor: float) -> pa.Table:
    """Return the overlaps of at least ``floor`` of a table of records with benchmark items, sorted."""
    row_ids = table["row_id"].combine_chunks()
    prompts = normalised(views.prompts(table))
    rows, items, shares = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for start, some in slices(prompts, SLICE):
        row, item, share = matches(of, ngrams(hashed_tokens(some), of.n))
        rows.append(row + start)
        items.append(item)
        shares.append(share)
    row, item, share = np.concatenate(rows), np.concatenate(items), np.concatenate(shares)
    kept = share >= floor
    row, item, share = row[kept], item[kept], np.round(share[kept], 6)
    columns: dict[str, Any] = {
        "row_id": row_ids.take(pa.array(row)),
        "benchmark": pa.array([of.names[one][0] for one in item], pa.string()),
        "item": pa.array([of.names[one][1] for one in item], pa.string()),
        "measure": pa.array([f"{of.n}-gram"] * len(item), pa.string()),
        "overlap": pa.array(share),
    }
    return pa.table(columns, schema=OVERLAPS).sort_by([(name, "ascending") for name in ("row_id", "benchmark", "item")])
