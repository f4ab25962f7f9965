"""What the ledger's replies say of each row: verdicts put together into facts, and the requests still without one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.judging.conclusion import both_orders, concluded
from winnow.judging.render import Asked, Renderer, TooLong
from winnow.judging.rubric import COMPARISON, Rubric
from winnow.judging.settings import Settings
from winnow.judging.verdict import NoVerdict, Verdict, verdict
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply
from winnow.records.schema import JUDGEMENTS, PENDING

_DECIMALS = 6


@dataclass
class Counts:
    """What was asked about some rows: requests by (rubric, outcome), verdicts by (rubric, criterion, value), rows whose
    replies were judged otherwise in the other order, tags by (name, of the rules, of the model).
    """

    rows: int = 0
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    swapped: Counter[str] = field(default_factory=Counter)
    tags: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Add the counts of another bucket."""
        self.rows += other.rows
        self.requests += other.requests
        self.values += other.values
        self.models += other.models
        self.swapped += other.swapped
        self.tags += other.tags


@dataclass
class _Lines:
    """Columns of :data:`JUDGEMENTS` and :data:`PENDING` as they grow."""

    facts: list[tuple[Any, ...]] = field(default_factory=list)
    pending: list[tuple[str, str, int, str]] = field(default_factory=list)


def judge_rows(
    rows: pa.Table, languages: Sequence[str], settings: Settings, ledger: Ledger
) -> tuple[pa.Table, pa.Table, Counts]:
    """Return the facts (:data:`JUDGEMENTS`), the requests without a reply (:data:`PENDING`) and counts of ``rows``.

    ``rows`` holds the columns of :data:`~winnow.judging.render.COLUMNS`, sorted by ``row_id``; ``languages`` is the
    language of each row.
    """
    renderer, lines, counts = Renderer(settings), _Lines(), Counts(rows=len(rows))
    rubrics = sorted(settings.rubrics, key=lambda rubric: rubric.name)
    work: list[tuple[str, Rubric, list[Asked]]] = []
    for row, language in zip(rows.to_pylist(), languages, strict=True):
        for rubric in rubrics:
            try:
                asked = list(renderer.requests(row, language, rubric))
            except TooLong:
                counts.requests[rubric.name, "too_long"] += 1
                _conclude(row["row_id"], rubric, [], 0, 1, lines, counts)
                continue
            if asked:
                work.append((row["row_id"], rubric, asked))
    keys = [one.request.key for _, _, asked in work for one in asked]
    replies = iter(_replies(ledger, keys))
    for row_id, rubric, asked in work:
        _judge(row_id, rubric, [(one, next(replies)) for one in asked], settings, lines, counts)
    facts = [list(column) for column in zip(*lines.facts, strict=True)] or [[] for _ in JUDGEMENTS]
    pending = [list(column) for column in zip(*lines.pending, strict=True)] or [[] for _ in PENDING]
    table = pa.table([pa.array(c, f.type) for c, f in zip(facts, JUDGEMENTS, strict=True)], schema=JUDGEMENTS)
    missing = pa.table([pa.array(c, f.type) for c, f in zip(pending, PENDING, strict=True)], schema=PENDING)
    order = [("row_id", "ascending"), ("rubric", "ascending"), ("criterion", "ascending")]
    return table.sort_by(order), missing, counts


def _replies(ledger: Ledger, keys: Sequence[str]) -> Iterator[Reply | None]:
    """Yield the reply to each key, None where the ledger has none."""
    positions: npt.NDArray[np.int64] = ledger.positions(keys)
    there = positions >= 0
    found = ledger.table.take(pa.array(positions[there])).to_pylist()
    replies = (Reply(**one) for one in found)
    for one in there.tolist():
        yield next(replies) if one else None


def _judge(
    row_id: str,
    rubric: Rubric,
    replies: Sequence[tuple[Asked, Reply | None]],
    settings: Settings,
    lines: _Lines,
    counts: Counts,
) -> None:
    verdicts: list[tuple[Asked, Verdict]] = []
    pending = unusable = 0
    for asked, reply in replies:
        if reply is None:
            pending += 1
            outcome = "pending"
            lines.pending.append((row_id, rubric.name, asked.sample, asked.request.key))
        else:
            counts.models[reply.model] += 1
            outcome = reply.status
            if outcome == "ok":
                try:
                    verdicts.append((asked, verdict(reply.reply, rubric, settings.form)))
                except NoVerdict as reason:
                    outcome = str(reason)
            unusable += outcome != "ok"
        counts.requests[rubric.name, outcome] += 1
    _conclude(row_id, rubric, verdicts, pending, unusable, lines, counts)


def _conclude(
    row_id: str,
    rubric: Rubric,
    verdicts: Sequence[tuple[Asked, Verdict]],
    pending: int,
    unusable: int,
    lines: _Lines,
    counts: Counts,
) -> None:
    """Append the facts of one rubric on one row."""
    found = concluded(rubric, verdicts)
    for criterion, (values, label, votes) in found.items():
        value = round(sum(values) / len(values), _DECIMALS) if values else None
        spread = round(max(votes or values) - min(votes or values), _DECIMALS) if values else None
        lines.facts.append((row_id, rubric.name, criterion, value, label, spread, len(values), pending, unusable))
        if label is not None or value is not None:
            counts.values[rubric.name, criterion, label if label is not None else f"{value:g}"] += 1
    if rubric.kind == COMPARISON:
        counts.swapped[rubric.name] += sum(first != second for first, second in both_orders(verdicts))
