"""The facts of a batch of records, put together from their subjects, and written bucket by bucket."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.asked import asked
from winnow.facts.flags.flags import flags
from winnow.facts.measures import measures
from winnow.facts.rating import rating
from winnow.facts.schema import FACTS
from winnow.facts.statistics import statistics
from winnow.facts.tags.tags import tags
from winnow.facts.texts import COLUMNS, Texts, texts
from winnow.records.draw import sample
from winnow.records.schema import RECORDS
from winnow.storage.buckets import each_batch, part
from winnow.storage.parquet import TableWriter
from winnow.text import language


@dataclass(frozen=True)
class Settings:
    """What the facts depend on beside the text."""

    cjk_weight: float
    audit_share: float
    seed: int
    trust_source: bool = True
    tokenizer_path: str = ""


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and where its facts go."""

    bucket: int
    records: Path
    facts: Path
    settings: Settings


SUBJECTS: tuple[Callable[[Texts, Settings], dict[str, pa.Array]], ...] = (
    lambda found, settings: measures(found, settings.cjk_weight, settings.tokenizer_path),
    lambda found, settings: asked(found),
    lambda found, settings: rating(found),
    lambda found, settings: statistics(found),
    lambda found, settings: flags(found),
    lambda found, settings: tags(found, settings.trust_source),
)
"""The subjects of facts: each gives some columns of :data:`~winnow.facts.schema.FACTS`."""


def facts(table: pa.Table, settings: Settings) -> pa.Table:
    """Return the facts of a table of records, row by row in its order, in the :data:`FACTS` schema."""
    found = texts(table)
    columns = {name: table[name] for name in ("row_id", "source", "kind", "content_hash", "parents", "margin")}
    columns["audit_language"] = _audit(table["row_id"], found.response, settings)
    for subject in SUBJECTS:
        columns |= subject(found, settings)
    return pa.table([columns[name] for name in FACTS.names], names=FACTS.names).cast(FACTS)


def load_lexicons(settings: Settings) -> None:
    """Read all lexicons now, so that workers that are forked later have them: half the cost of a small run."""
    facts(RECORDS.empty_table().select(COLUMNS), settings)


def _audit(row_ids: pa.ChunkedArray, responses: pa.Array, settings: Settings) -> pa.Array:
    votes: list[str | None] = [None] * len(responses)
    at = np.flatnonzero(sample(settings.seed, row_ids, "audit", settings.audit_share))
    for index, text in zip(at.tolist(), language.prepared(responses).take(pa.array(at)).to_pylist(), strict=True):
        votes[index] = language.langdetect_vote(text)
    return pa.array(votes, pa.string())


COUNTED = ("language", "task", "domain", "difficulty", "form")
"""The columns whose values are counted by source for the metrics and plots."""


def annotate_bucket(task: Task) -> Counter[tuple[str, ...]]:
    """Write the facts of one bucket; return counts of (column, source, value), of flags and of the audit."""
    counts: Counter[tuple[str, ...]] = Counter()
    with TableWriter(part(task.facts, task.bucket), FACTS) as out:
        for table in each_batch(task.records, task.bucket, COLUMNS):
            found = facts(table, task.settings)
            out.write(found)
            _count(found, counts)
    return counts


def _count(found: pa.Table, counts: Counter[tuple[str, ...]]) -> None:
    for column in COUNTED:
        for row in found.group_by(["source", column]).aggregate([([], "count_all")]).to_pylist():
            counts[column, row["source"], row[column]] += row["count_all"]
    flagged = found["flags"].combine_chunks()
    sources = found["source"].combine_chunks().take(pc.list_parent_indices(flagged))
    pairs = zip(sources.to_pylist(), pc.list_flatten(flagged).to_pylist(), strict=True)
    counts.update(("flag", source, flag) for source, flag in pairs)
    counts[("flagged",)] += pc.sum(pc.greater(pc.list_value_length(flagged), 0)).as_py() or 0
    audit = found.filter(pc.is_valid(found["audit_language"]))
    known = audit.filter(pc.not_equal(audit["response_language"], language.UNKNOWN))
    agree = pc.equal(known["audit_language"], known["response_language"])
    counts[("audited",)] += len(known)
    counts[("agreed",)] += pc.sum(agree.cast(pa.int64()), min_count=0).as_py()
    counts[("tokens",)] += pc.sum(found["est_tokens"], min_count=0).as_py()
