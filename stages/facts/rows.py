"""The facts of ``annotate``: language, lengths, turns, and the key of the opening prompt."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.records import views
from stages.records.schema import FACTS
from stages.storage.buckets import each_batch, part
from stages.storage.parquet import TableWriter
from stages.text import language, lengths
from stages.text.normal import normalised, text_keys

COLUMNS = ["row_id", "source", "kind", "system", "context", "messages", "margin"]


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and where its facts go."""

    bucket: int
    records: Path
    facts: Path
    cjk_weight: float
    audit_share: float
    audit_seed: int


def facts(table: pa.Table, cjk_weight: float, audit_share: float, audit_seed: int) -> pa.Table:
    """Return the facts of a table of records, row by row in its order, in the :data:`FACTS` schema.

    Lengths are in Latin characters: a CJK character counts ``cjk_weight``. ``language`` is the response's, or the
    instruction's where the response has none to tell (a number, a formula).
    """
    instruction, response, whole = views.instruction(table), views.response(table), views.conversation(table)
    said, answered = language.identify_pairs(instruction, response)
    open_ = answered.codes == language.UNKNOWN
    code = np.where(open_, said.codes, answered.codes)
    confidence = np.where(open_, said.confidence, answered.confidence)
    columns = {
        "language": pa.array(code.tolist(), pa.string()),
        "instruction_language": pa.array(said.codes.tolist(), pa.string()),
        "response_language": pa.array(answered.codes.tolist(), pa.string()),
        "language_confidence": pa.array(np.round(confidence, 3)),
        "audit_language": _audit(table["row_id"], response, audit_share, audit_seed),
        "instruction_chars": pa.array(lengths.characters(instruction)),
        "response_chars": pa.array(lengths.characters(response)),
        "instruction_length": _length(instruction, cjk_weight),
        "response_length": _length(response, cjk_weight),
        "prompt_length": _length(views.user_turns(table), cjk_weight),
        "total_length": _length(whole, cjk_weight),
        "est_tokens": pa.array(lengths.estimated_tokens(whole, lengths.cjk_characters(whole))),
        "turns": pa.array(views.turn_counts(table)),
        "calls_tool": views.calls_tool(table),
        "prompt_key": text_keys(normalised(views.opening_prompt(table))),
    }
    arrays = [columns.get(name, table[name] if name in COLUMNS else None) for name in FACTS.names]
    return pa.table(arrays, names=FACTS.names).cast(FACTS)


def _length(texts: pa.Array, cjk_weight: float) -> pa.Array:
    return pa.array(lengths.latin_equivalent(lengths.characters(texts), lengths.cjk_characters(texts), cjk_weight))


def _audit(row_ids: pa.ChunkedArray, responses: pa.Array, share: float, seed: int) -> pa.Array:
    votes: list[str | None] = [None] * len(responses)
    at = np.flatnonzero(language.audited(row_ids, seed, share))
    for index, text in zip(at.tolist(), language.prepared(responses).take(pa.array(at)).to_pylist(), strict=True):
        votes[index] = language.langdetect_vote(text)
    return pa.array(votes, pa.string())


def annotate_bucket(task: Task) -> Counter[tuple[str, ...]]:
    """Write the facts of one bucket; return counts of ("source", source, language) and of the audit's agreement."""
    counts: Counter[tuple[str, ...]] = Counter()
    with TableWriter(part(task.facts, task.bucket), FACTS) as out:
        for table in each_batch(task.records, task.bucket, COLUMNS):
            found = facts(table, task.cjk_weight, task.audit_share, task.audit_seed)
            out.write(found)
            _count(found, counts)
    return counts


def _count(found: pa.Table, counts: Counter[tuple[str, ...]]) -> None:
    pairs = zip(found["source"].to_pylist(), found["language"].to_pylist(), strict=True)
    counts.update(("source", source, code) for source, code in pairs)
    audit = found.filter(pc.is_valid(found["audit_language"]))
    known = audit.filter(pc.not_equal(audit["response_language"], language.UNKNOWN))
    agree = pc.equal(known["audit_language"], known["response_language"])
    counts[("audited",)] += len(known)
    counts[("agreed",)] += pc.sum(agree.cast(pa.int64()), min_count=0).as_py()
    counts[("tokens",)] += pc.sum(found["est_tokens"], min_count=0).as_py()
