"""Generated rows with planted edits, in English and Chinese, and tables of records made of them."""

import random
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.records.schema import RECORDS
from winnow.similarity.neighbours import find_neighbours
from winnow.similarity.ranked import Semantic
from winnow.similarity.sketches import Task
from winnow.storage.buckets import part
from winnow.storage.parquet import write_table


class Link(NamedTuple):
    """One row of the table of neighbours."""

    row_id: str
    other_row_id: str
    relation: str
    similarity: float


_LATIN = ["".join(pair) for pair in combinations("abcdefghijklmnopqrst", 2)]
_HAN = [chr(0x4E00 + 7 * n) for n in range(600)]


def with_edits(count: int, seed: int = 0) -> list[str]:
    """Return ``count`` texts, half Latin, half Han; most are edited copies of another one."""
    draw = random.Random(seed)
    texts = []
    for number in range(count // 5):
        words, glue = (_LATIN, " ") if number % 2 else (_HAN, "")
        base = draw.choices(words, k=draw.randrange(20, 90))
        texts.append(glue.join(base))
        for edits in (1, 2, 4, 8):
            copy = list(base)
            for _ in range(edits):
                copy[draw.randrange(len(copy))] = draw.choice(words)
            texts.append(glue.join(copy))
    return texts


def jaccard(a: AbstractSet[Any], b: AbstractSet[Any]) -> float:
    """Return |A and B| / |A or B|, 0 for two empty sets."""
    return len(a & b) / len(a | b) if a | b else 0.0


def records(rows: Sequence[tuple[str, ...]]) -> pa.Table:
    """Return records of (row id, kind, response, context or nothing), all with the same question without a token."""
    builder = RecordBuilder()
    for row_id, kind, text, *context in rows:
        messages = [Message("user", "?"), Message("assistant", text)]
        builder.append(row_id, "s", "CC0-1.0", "human", Record(messages, (text,), kind=kind, context="".join(context)))
    return builder.table()


def neighbours_of(
    folder: Path,
    buckets: Sequence[Sequence[tuple[str, ...]]],
    floor: float = 0.7,
    relations: tuple[str, ...] = ("exact", "near"),
) -> list[Link]:
    """Return the links of ``relations`` between the rows of ``buckets``."""
    return links_of(folder, [records(rows) for rows in buckets], floor, relations)


def links_of(
    folder: Path, tables: list[pa.Table], floor: float, relations: tuple[str, ...], semantic: Semantic | None = None
) -> list[Link]:
    """Return the links of ``relations`` between the rows of tables of records, one table a bucket."""
    (folder / "scratch").mkdir(parents=True)
    tasks = [Task(n, folder / "records", folder / "scratch") for n in range(len(tables))]
    for task, table in zip(tasks, tables, strict=True):
        write_table(part(task.records, task.bucket), table, RECORDS)
    table, _, counts = find_neighbours(tasks, floor, semantic)
    assert counts["rows"] == sum(map(len, tables))
    links = Counter(table["relation"].to_pylist())
    assert links["near"] == counts["near_links"]
    assert all(links[one] == counts.get(one, 0) for one in ("exact", "prompt", "response", "semantic"))
    return [Link(**row) for row in table.to_pylist() if row["relation"] in relations]
