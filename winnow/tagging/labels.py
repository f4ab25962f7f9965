"""The rows that a repository has labels of, and what they show: what the tagger is trained on.

Labels are what sources state in their metadata (``categories.yaml``), and what models said of rows (labels of a rubric
whose criterion is called as the tag). A sample of the other rows is labelled by the lexicons, where they are sure, at a
lower weight: no source states that a row is about cooking, and without such rows a model that knows exam questions
alone would call cooking chemistry.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.tags.features import (
    Evidence,
    Grams,
    Signs,
    difficulty_evidence,
    domain_evidence,
    task_evidence,
)
from winnow.facts.tags.model import SURE
from winnow.facts.tags.sources import PARTS, categories, stated
from winnow.facts.tags.views import Views
from winnow.facts.texts import COLUMNS, Texts, texts
from winnow.storage.buckets import each_batch
from winnow.storage.types import Bools, Floats, Ints, Labels
from winnow.text.tokens import Tokens, ngrams

TAGS = tuple(PARTS)
MOST = 1_500  # rows of one source with one label; more teach nothing new and outweigh the others
UNLABELLED = 2_000  # rows of one source that the lexicons label
_OPENING = 12  # tokens; rows whose instructions begin with the same ones are in one fold

Said = dict[str, dict[str, str]]
"""For each tag the label of rows by ``row_id``, as models or people gave them."""


class Rows(NamedTuple):
    """What the chosen rows show for one tag: label (``None``: unknown), whether a lexicon gave it, group, language,
    what the lexicon says with its confidence, n-grams and signs.
    """

    row_ids: Labels
    sources: Labels
    labels: Labels
    weak: Bools
    groups: Ints
    languages: Labels
    guesses: Labels
    certain: Floats
    grams: Grams
    signs: Signs
    names: tuple[str, ...]
    fallback: str


BY_ROW = Rows._fields[:8]  # the fields with one value a row


def _rank(row_id: str) -> bytes:
    return hashlib.blake2b(row_id.encode(), digest_size=8).digest()


def judged(tables: Iterator[pa.Table]) -> Said:
    """Return the labels in the facts of judges: those of criteria that are called as a tag."""
    said: Said = {tag: {} for tag in TAGS}
    for table in tables:
        for tag, labels in said.items():
            own = table.filter(pc.and_(pc.equal(table["criterion"], tag), pc.is_valid(table["label"])))
            labels.update(zip(own["row_id"].to_pylist(), own["label"].to_pylist(), strict=True))
    return said


def _of_batch(tag: str, row_ids: list[str], metadata: pa.Array, said: Said) -> Labels:
    """Return the label of each row: a judge's, or its source's, ``None`` where neither has one."""
    labels = stated(metadata, categories(tag))
    for at, row_id in enumerate(row_ids):
        labels[at] = said[tag].get(row_id, labels[at])
    return labels


def chosen(folder: Path, buckets: int, said: Said, among: Callable[[str], bool]) -> set[str]:
    """Return the ``row_id`` of the rows to learn from: of a source ``MOST`` with a label, ``UNLABELLED`` others.

    ``among`` says of a source whether it takes part. Which rows these are depends on their ids alone.
    """
    by_label: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    for bucket in range(buckets):
        for table in each_batch(folder, bucket, ["row_id", "source", "metadata"]):
            row_ids, sources = table["row_id"].to_pylist(), table["source"].to_pylist()
            metadata = table["metadata"].combine_chunks().fill_null("{}")
            labels = {tag: _of_batch(tag, row_ids, metadata, said) for tag in TAGS}
            for at, (row_id, source) in enumerate(zip(row_ids, sources, strict=True)):
                if not among(source):
                    continue
                own = [(source, tag, labels[tag][at]) for tag in TAGS if labels[tag][at] is not None]
                for key in own:
                    by_label[key].append(row_id)
                if not own:
                    others[source].append(row_id)
    picked = {row_id for rows in by_label.values() for row_id in sorted(rows, key=_rank)[:MOST]}
    return picked | {row_id for rows in others.values() for row_id in sorted(rows, key=_rank)[:UNLABELLED]}


def _groups(texts: Texts) -> Ints:
    """Return a number for each row that rows with the same opening words share."""
    tokens = texts.tokens("instruction")
    lengths = np.minimum(np.diff(tokens.bounds), _OPENING)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    at = np.arange(bounds[-1]) + np.repeat(tokens.bounds[:-1] - bounds[:-1], lengths)
    opening = ngrams(Tokens(tokens.hashes[at], bounds), _OPENING)
    groups = np.zeros(len(lengths), np.uint64)
    groups[lengths > 0] = opening.hashes
    return (groups >> np.uint64(1)).astype(np.int64)


def _evidence(tag: str, views: Views, tasks: Labels) -> Evidence:
    if tag == "task":
        return task_evidence(views)
    return domain_evidence(views, tasks) if tag == "domain" else difficulty_evidence(views, tasks)


def _of_table(table: pa.Table, said: Said) -> dict[str, Rows]:
    batch = texts(table)
    views, row_ids = Views(batch), table["row_id"].to_pylist()
    by_rules = task_evidence(views).lexicon
    by_source = _of_batch("task", row_ids, batch.metadata, said)
    tasks = np.where(by_source == None, by_rules.labels, by_source)  # noqa: E711 - element by element
    rows = {}
    for tag in TAGS:
        labels, evidence = _of_batch(tag, row_ids, batch.metadata, said), _evidence(tag, views, tasks)
        weak = labels == None  # noqa: E711 - element by element
        sure = evidence.lexicon.confidence >= SURE
        labels = np.where(weak & sure, evidence.lexicon.labels, labels)
        labels = np.where(weak & ~(evidence.sums > 0).any(axis=1), evidence.fallback, labels)
        grams = evidence.grams()
        joined = Grams(np.concatenate([one.rows for one in grams]), np.concatenate([one.buckets for one in grams]))
        rows[tag] = Rows(
            np.array(row_ids, object),
            np.array(batch.source.to_pylist(), object),
            labels,
            weak,
            _groups(batch),
            evidence.languages,
            *evidence.lexicon,
            joined,
            evidence.signs(),
            evidence.labels,
            evidence.fallback,
        )
    return rows


def _joined(parts: Sequence[Rows]) -> Rows:
    starts = np.cumsum([0, *(len(part.labels) for part in parts)])
    grams = [Grams(part.grams.rows + start, part.grams.buckets) for part, start in zip(parts, starts, strict=False)]
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in BY_ROW}
    return parts[0]._replace(
        **columns,
        grams=Grams(np.concatenate([one.rows for one in grams]), np.concatenate([one.buckets for one in grams])),
        signs=Signs(np.concatenate([part.signs.values for part in parts]), parts[0].signs.units),
    )


def learned_from(folder: Path, buckets: int, said: Said, among: Callable[[str], bool]) -> dict[str, Rows]:
    """Return for each tag the rows of the clean records in ``folder`` to learn from, in the order of their buckets."""
    picked = pa.array(sorted(chosen(folder, buckets, said, among)), pa.string())
    parts: dict[str, list[Rows]] = {tag: [] for tag in TAGS}
    for bucket in range(buckets):
        for table in each_batch(folder, bucket, COLUMNS):
            own = table.filter(pc.is_in(table["row_id"], picked))
            if len(own):
                for tag, rows in _of_table(own, said).items():
                    parts[tag].append(rows)
    return {tag: _joined(rows) for tag, rows in parts.items() if rows}
