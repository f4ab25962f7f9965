"""The stage's work on one bucket: which rows are judged, and their facts written."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.judging.judged import Counts, judge_rows
from winnow.judging.render import COLUMNS
from winnow.judging.settings import ALIVE, Settings
from winnow.ledger.ledger import Ledger
from winnow.records.draw import sample
from winnow.records.schema import JUDGEMENTS, PENDING
from winnow.storage.buckets import each_batch, part, positions, read_bucket
from winnow.storage.parquet import TableWriter

LEDGER = Path("data/ledger/judge")
RECORDS, FACTS = "data/clean/records", "data/annotate"
FILTER, DECISIONS = "data/filter", "data/decontaminate"
_ROWS = 512  # rows whose requests are held at a time; their texts are some kilobytes each
TAGS = ("task", "domain", "difficulty", "form")
"""Facts that rules state and that a rubric may ask a model for under the same name."""


@dataclass(frozen=True)
class Task:
    """One bucket, and the folders that its tables go to."""

    bucket: int
    facts: Path
    pending: Path
    settings: Settings


@cache
def ledger_of(folder: Path) -> Ledger:
    """Return the ledger in ``folder``, read once a process; forked workers share what their parent read."""
    return Ledger.read(folder)


def wanted(row_ids: pa.ChunkedArray, bucket: int, settings: Settings) -> pa.Array:
    """Return a mask of the rows of a bucket that are judged."""
    mask = sample(settings.seed, row_ids, "judge", settings.share)
    if settings.rows == ALIVE:
        decided = read_bucket(DECISIONS, bucket, ["row_id", "verdict"])
        alive = decided["row_id"].filter(pc.equal(decided["verdict"], "keep")).combine_chunks()
        mask &= pc.is_in(row_ids, value_set=alive).to_numpy()
    else:  # what was taken down is not sent to anybody
        decided = read_bucket(FILTER, bucket, ["row_id", "reason"])
        gone = decided["row_id"].filter(pc.equal(decided["reason"], "takedown").fill_null(False)).combine_chunks()
        mask &= ~pc.is_in(row_ids, value_set=gone).to_numpy()
    return pa.array(mask)


def judge_bucket(task: Task) -> Counts:
    """Write the facts and the pending requests of one bucket; return what was counted."""
    counts = Counts()
    with (
        TableWriter(part(task.facts, task.bucket), JUDGEMENTS) as facts,
        TableWriter(part(task.pending, task.bucket), PENDING) as pending,
    ):
        if not task.settings.rubrics:
            facts.write(JUDGEMENTS.empty_table())
            pending.write(PENDING.empty_table())
            return counts
        ledger = ledger_of(LEDGER)
        known = read_bucket(FACTS, task.bucket, ["row_id", "language", *TAGS])
        for table in each_batch(RECORDS, task.bucket, COLUMNS):
            table = table.filter(wanted(table["row_id"], task.bucket, task.settings))
            languages = known["language"].take(pa.array(positions(table["row_id"], known["row_id"]))).to_pylist()
            parts = []
            for start in range(0, max(len(table), 1), _ROWS):
                some = table.slice(start, _ROWS), languages[start : start + _ROWS]
                parts.append(judge_rows(*some, task.settings, ledger))
                counts.add(parts[-1][2])
            found = pa.concat_tables([one for one, _, _ in parts])
            facts.write(found)
            pending.write(pa.concat_tables([one for _, one, _ in parts]))
            counts.tags += agreement(found, known)
    return counts


def agreement(found: pa.Table, known: pa.Table) -> Counter[tuple[str, str, str]]:
    """Return how often a tag of rules and a model's label of the same name meet, by (tag, of the rules, of the model).

    >>> known = pa.table({"row_id": ["s:1"], **{tag: ["x"] for tag in TAGS}})
    >>> found = pa.table({"row_id": ["s:1"], "criterion": ["task"], "label": ["code"]})
    >>> agreement(found, known)
    Counter({('task', 'x', 'code'): 1})
    """
    pairs: Counter[tuple[str, str, str]] = Counter()
    for tag in TAGS:
        told = found.filter(pc.and_(pc.equal(found["criterion"], tag), pc.is_valid(found["label"])))
        if len(told):
            rules = known[tag].take(pa.array(positions(told["row_id"], known["row_id"])))
            pairs.update((tag, *pair) for pair in zip(rules.to_pylist(), told["label"].to_pylist(), strict=True))
    return pairs
