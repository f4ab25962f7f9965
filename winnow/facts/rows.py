"""The facts of a batch of records, put together from their subjects, and written bucket by bucket."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.schema import COPIED, FACTS, SUBJECTS
from winnow.facts.subject import Settings
from winnow.facts.texts import COLUMNS, texts
from winnow.records.schema import RECORDS
from winnow.storage.buckets import each_large_batch, part
from winnow.storage.parquet import TableWriter
from winnow.text.language import UNKNOWN

COUNTED = ("language", "task", "domain", "difficulty", "form")
"""The columns whose values are counted by source for the metrics and plots."""


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and where its facts go."""

    bucket: int
    records: Path
    facts: Path
    settings: Settings


def facts(table: pa.Table, settings: Settings) -> pa.Table:
    """Return the facts of a table of records, row by row in its order, in the :data:`FACTS` schema."""
    columns = {name: table[name] for name in COPIED}
    batch = texts(table)
    for subject in SUBJECTS:
        columns |= subject.compute(batch, settings)
    return pa.table([columns[name] for name in FACTS.names], names=FACTS.names).cast(FACTS)


def load_lexicons(settings: Settings) -> None:
    """Read all lexicons now, so that workers that are forked later have them: half the cost of a small run."""
    facts(RECORDS.empty_table().select(COLUMNS), settings)


def annotate_bucket(task: Task) -> Counter[tuple[str, ...]]:
    """Write the facts of one bucket; return counts of (column, source, value), of flags and of the audit."""
    counts: Counter[tuple[str, ...]] = Counter()
    with TableWriter(part(task.facts, task.bucket), FACTS) as out:
        for table in each_large_batch(task.records, task.bucket, COLUMNS):
            batch = facts(table, task.settings)
            out.write(batch)
            _count(batch, counts)
    return counts


def _count(batch: pa.Table, counts: Counter[tuple[str, ...]]) -> None:
    for column in COUNTED:
        for row in batch.group_by(["source", column]).aggregate([([], "count_all")]).to_pylist():
            counts[column, row["source"], row[column]] += row["count_all"]
    flags = batch["flags"].combine_chunks()
    sources = batch["source"].combine_chunks().take(pc.list_parent_indices(flags))
    pairs = zip(sources.to_pylist(), pc.list_flatten(flags).to_pylist(), strict=True)
    counts.update(("flag", source, flag) for source, flag in pairs)
    counts[("flagged",)] += pc.sum(pc.greater(pc.list_value_length(flags), 0)).as_py() or 0
    audit = batch.filter(pc.is_valid(batch["audit_language"]))
    known = audit.filter(pc.not_equal(audit["response_language"], UNKNOWN))
    agree = pc.equal(known["audit_language"], known["response_language"])
    counts[("audited",)] += len(known)
    counts[("agreed",)] += pc.sum(agree.cast(pa.int64()), min_count=0).as_py()
    counts[("tokens",)] += pc.sum(batch["est_tokens"], min_count=0).as_py()
