"""The work of a stage that asks a model: facts of the replies in the ledger, and the requests still without one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from winnow.harness.processes import map_buckets
from winnow.harness.run import Run
from winnow.ledger.ledger import Ledger, ledger_of
from winnow.ledger.line import Reply
from winnow.records.schema import PENDING as REQUESTS
from winnow.replies.folders import Folders
from winnow.replies.numbers import Counts, canary_numbers, headline, plots
from winnow.replies.rows import Topics, each_chunk, questions
from winnow.replies.stage import OK, PENDING, TOO_LONG, Answer, Asking, Q, Row, S, Unusable
from winnow.storage.buckets import part
from winnow.storage.parquet import TableWriter


def replay(asking: Asking[S, Q], group: Mapping[str, Any], buckets: int, run: Run) -> None:
    """Do the work of the script ``stages/<name>.py``: write facts, pending requests, metrics and plots.

    ``group`` holds the settings as Click gives them, with ``seed``. Opens no connection.
    """
    settings = asking.settings.of(asking.name, group, run.input)
    folders = Folders.of(asking.name, run.input, run.folder)
    canaries = canary_numbers(asking, settings, ledger_of(folders.ledger)) if settings.asks else {}
    counts: Counts = Counter()
    for some in map_buckets(partial(replay_bucket, asking, settings, folders), range(buckets)):
        counts.update(some)
    run.metrics({**headline(counts, canaries), **asking.metrics(settings, counts)})
    for name, (header, rows) in plots(asking, counts).items():
        run.plot(name, header, rows)


def replay_bucket(asking: Asking[S, Q], settings: S, folders: Folders, bucket: int) -> Counts:
    """Write the facts and the pending requests of one bucket; return what was counted."""
    counts: Counts = Counter()
    nothing = _table([], asking.schema), _table([], pending_schema(asking))
    with (
        TableWriter(part(folders.facts, bucket), nothing[0].schema) as facts,
        TableWriter(part(folders.pending, bucket), nothing[1].schema) as pending,
    ):
        for batch in each_chunk(asking, settings, folders, bucket) if settings.asks else [()]:
            parts = [nothing]
            for rows in batch:
                *tables, some = replay_rows(asking, settings, rows, ledger_of(folders.ledger))
                parts.append((tables[0], tables[1]))
                counts.update(some)
            facts.write(pa.concat_tables([one for one, _ in parts]))
            pending.write(pa.concat_tables([one for _, one in parts]))
    return counts


def pending_schema(asking: Asking[S, Q]) -> pa.Schema:
    """Return the schema of the table of requests without a reply."""
    return REQUESTS.set(1, REQUESTS.field(1).with_name(asking.topic))


def replay_rows(
    asking: Asking[S, Q], settings: S, rows: Sequence[Row], ledger: Ledger
) -> tuple[pa.Table, pa.Table, Counts]:
    """Return the facts, the requests without a reply (:func:`pending_schema`) and the counts of some rows."""
    counts: Counts = Counter({("rows",): len(rows)})
    facts, pending = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    asked: list[tuple[Row, Topics[Q]]] = [(row, questions(asking, settings, row)) for row in rows]
    replies = _replies(ledger, [one.request.key for _, topics in asked for _, some in topics for one in some])
    for row, topics in asked:
        for topic, some in topics:
            answers = [answer(asking, settings, one, next(replies)) for one in some]
            pending += [
                (row["row_id"], topic, one.question.sample, one.question.request.key)
                for one in answers
                if one.outcome == PENDING
            ]
            counts.update(("requests", topic, one.outcome) for one in answers)
            counts.update(("models", one.model) for one in answers if one.outcome != PENDING)
            counts["requests", topic, TOO_LONG] += not answers
            made = list(asking.facts(settings, topic, answers))
            counts.update(asking.tally(settings, row, topic, answers, made))
            facts += [(row["row_id"], *one) for one in made]
    return _table(facts, asking.schema), _table(pending, pending_schema(asking)), +counts


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _replies(ledger: Ledger, keys: Sequence[str]) -> Iterator[Reply | None]:
    """Yield the reply to each key, None where the ledger has none."""
    positions = ledger.positions(keys)
    there = positions >= 0
    replies = (Reply(**one) for one in ledger.table.take(pa.array(positions[there])).to_pylist())
    for one in there.tolist():
        yield next(replies) if one else None


def answer(asking: Asking[S, Q], settings: S, question: Q, reply: Reply | None) -> Answer[Q]:
    """Return what a reply says to a question, or why it does not: its status, or the reason of the stage."""
    if reply is None:
        return Answer(question, PENDING, None, "")
    if reply.status != OK:
        return Answer(question, reply.status, None, reply.model)
    try:
        return Answer(question, OK, asking.read(settings, question, reply.reply), reply.model)
    except Unusable as reason:
        return Answer(question, str(reason), None, reply.model)
