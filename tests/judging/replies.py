"""A ledger of replies that a test writes itself, by the key of the request that they answer."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.judging import render
from winnow.judging.render import Asked
from winnow.judging.settings import Settings
from winnow.judging.stage import JUDGE, TAGS
from winnow.ledger import segment
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply, to_line
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected
from winnow.replies.numbers import Counts
from winnow.replies.replay import replay_rows


def settings(**group: Any) -> Settings:
    """Return the settings of a group of ``params.yaml``."""
    return Settings.of("judge", group)


def reply(key: str, text: str, status: str = "ok", model: str = "m") -> Reply:
    """Return a reply of ten tokens."""
    return Reply(key, status, model, "stop", text, 100, 10)


def ledger(folder: Path, replies: Iterable[Reply]) -> Ledger:
    """Write replies as a segment below ``folder`` and read them back."""
    folder.mkdir(parents=True, exist_ok=True)
    segment.write(folder / "ledger", [to_line(one).encode() for one in replies], folder / "scratch")
    return Ledger.read(folder / "ledger")


def requests(rows: pa.Table, settings: Settings, language: str = "en") -> list[tuple[Mapping[str, Any], Asked]]:
    """Return every request that the settings make of rows."""
    return [
        (row, one)
        for row in with_language(rows, language)
        for rubric in settings.rubrics
        for one in render.requests(settings, row, rubric.name)
    ]


def with_language(rows: pa.Table, language: str = "en") -> list[dict[str, Any]]:
    """Return rows as the stage sees them: with what ``annotate`` says, the tags of rules included."""
    return [{**row, "language": language, **dict.fromkeys(TAGS, "other")} for row in rows.to_pylist()]


def replayed(rows: pa.Table, settings: Settings, replies: Ledger) -> tuple[pa.Table, pa.Table, Counts]:
    """Return facts, pending requests and counts of rows in English."""
    return replay_rows(JUDGE, settings, with_language(rows), replies)


def answered(rows: pa.Table, settings: Settings, say: Callable[[Mapping[str, Any], Asked], str]) -> list[Reply]:
    """Return a reply to every request, as ``say`` answers it."""
    return [reply(asked.request.key, say(row, asked)) for row, asked in requests(rows, settings)]


def row(prompt: str, response: str, rejected: str | None = None, **fields: Any) -> Record:
    """Return a record of one question and one reply, or of a better and a worse one."""
    worse = None if rejected is None else [Rejected((Message("assistant", rejected),))]
    kind = "sft" if worse is None else "preference"
    turns = [Message("user", prompt), Message("assistant", response)]
    return Record(turns, (prompt,), kind=kind, prompt_turns=1, rejected=worse, **fields)


def table(records: Iterable[Record]) -> pa.Table:
    """Return records as a table, with the ids ``s:000``, ``s:001``…"""
    builder = RecordBuilder()
    for number, record in enumerate(records):
        builder.append(f"s:{number:03d}", "s", "MIT", "human", record)
    return builder.table()
