"""The few texts that a page shows, read bucket by bucket once it is known which."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stages.page.signs import cut, language_of, language_tag, plain
from stages.release.index import read_index
from stages.storage.buckets import positions, read_bucket

SHORT = 300  # characters of a text in an example
_PARSED = 1_000_000  # longer raw units are shown as they are
FULL = 20_000  # characters of a turn in a row shown in full


class Text(NamedTuple):
    """A text as shown, its language tag, and how many characters it has in all."""

    role: str
    shown: str
    lang: str
    chars: int


@dataclass(frozen=True)
class Row:
    """A row as the page shows it."""

    row_id: str
    source: str
    license: str
    kind: str
    language: str
    status: str
    stage: str
    split: str
    places: tuple[str, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Edit:
    """What one rule did to one text."""

    row_id: str
    field: str
    rule: str
    before: str
    after: str


@dataclass(frozen=True)
class Unit:
    """A raw unit that became no record."""

    unit_id: str
    source: str
    detail: str
    place: str
    text: Text


@dataclass(frozen=True)
class Task:
    """One bucket and what to read of it: rows in short, rows in full, positions of edits and of units."""

    bucket: int
    short: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    edits: tuple[int, ...] = ()
    units: tuple[int, ...] = ()


@dataclass
class Texts:
    """What was read: rows by id, edits and units by (bucket, position)."""

    short: dict[str, Row] = field(default_factory=dict)
    full: dict[str, Row] = field(default_factory=dict)
    edits: dict[tuple[int, int], Edit] = field(default_factory=dict)
    units: dict[tuple[int, int], Unit] = field(default_factory=dict)

    def add(self, other: "Texts") -> None:
        """Add what was read of another bucket."""
        for name in ("short", "full", "edits", "units"):
            getattr(self, name).update(getattr(other, name))


def fetch(task: Task) -> Texts:
    """Read what ``task`` names; only the rows named are ever Python objects."""
    texts = Texts()
    if wanted := sorted(task.short | task.full):
        for row in _rows(task.bucket, wanted):
            places = _places(row["places"])
            for ids, found, build in ((task.short, texts.short, _short), (task.full, texts.full, _full)):
                if row["row_id"] in ids:
                    found[row["row_id"]] = Row(
                        row["row_id"],
                        row["source"],
                        row["license"] or "",
                        row["kind"],
                        row["language"] or "und",
                        row["status"],
                        row["stage"] or "",
                        row["split"] or "",
                        places,
                        build(row),
                    )
    if task.edits:
        names = ["row_id", "field", "rule", "before", "after"]
        for n, row in _taken("data/clean/edits", task.bucket, names, task.edits):
            texts.edits[task.bucket, n] = Edit(*row.values())
    if task.units:
        names = ["unit_id", "source", "detail", "file", "line", "raw"]
        for n, row in _taken("data/normalize/left_out", task.bucket, names, task.units):
            role, shown = abridged(row["raw"] or "")
            text = _text(role, shown, SHORT, language_of(shown[:SHORT]))._replace(chars=len(row["raw"] or ""))
            place = f"{row['file']}:{row['line']}"
            texts.units[task.bucket, n] = Unit(row["unit_id"], row["source"], row["detail"] or "", place, text)
    return texts


def abridged(raw: str) -> tuple[str, str]:
    """Return what to call the beginning of a raw unit, and the unit: an object that is long starts with its texts.

    >>> abridged('{"id": 7}')
    ('raw text', '{"id": 7}')
    >>> abridged('{"id": 7, "scores": [' + "1," * 300 + '1], "text": "Hi"}')
    ('raw text, abridged', '{"text": "Hi", "id": 7, "scores": […]}')
    """
    if len(raw) <= SHORT or len(raw) > _PARSED:
        return "raw text", raw
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return "raw text", raw
    if not isinstance(value, dict):
        return "raw text", raw
    texts = {key: one for key, one in value.items() if isinstance(one, str)}
    short = {**dict(sorted(texts.items(), key=lambda item: (-len(item[1]), item[0]))), **value}
    parts = (f"{json.dumps(key, ensure_ascii=False)}: {_brief(one)}" for key, one in short.items() if one is not None)
    return "raw text, abridged", "{" + ", ".join(parts) + "}"


def _brief(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return "{…}" if isinstance(value, dict) else "[…]"
    return json.dumps(cut(value, SHORT // 2) if isinstance(value, str) else value, ensure_ascii=False)


def _taken(folder: str, bucket: int, names: list[str], at: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    rows = read_bucket(folder, bucket, names).select(names).take(pa.array(sorted(at))).to_pylist()
    return list(zip(sorted(at), rows, strict=True))


def _rows(bucket: int, wanted: list[str]) -> list[dict[str, Any]]:
    """Return the records named, with what index, facts and places say about each."""
    ids = pa.array(wanted, pa.string())
    names = ["row_id", "source", "license", "kind", "system", "context", "messages", "rejected"]
    records = read_bucket("data/clean/records", bucket, names)
    at = positions(ids, records["row_id"])
    rows = records.take(pa.array(at[at >= 0])).to_pylist()
    found = pa.array([row["row_id"] for row in rows], pa.string())
    index = read_index(bucket, ["row_id", "status", "stage", "split"])
    facts = read_bucket("data/annotate", bucket, ["row_id", "language", "instruction_language", "response_language"])
    for table in (index, facts):
        told = table.take(pa.array(positions(found, table["row_id"]))).to_pylist()
        for row, more in zip(rows, told, strict=True):
            row.update(more)
    places = read_bucket("data/normalize/places", bucket, ["row_id", "file", "line"])
    places = places.filter(pc.is_in(places["row_id"], value_set=found))
    by_row: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for place in places.to_pylist():
        by_row[place["row_id"]].append((place["file"], place["line"]))
    for row in rows:
        row["places"] = sorted(by_row[row["row_id"]])
    return rows


def _places(places: list[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(f"{file}:{line}" for file, line in places)


def _text(role: str, text: str, longest: int, lang: str | None) -> Text:
    return Text(role, plain(cut(text, longest)), language_tag(lang), len(text))


def _said(message: dict[str, Any]) -> str:
    """Return what a turn says: its text, and the tools it calls."""
    calls = [f"→ {call['name']}({call['arguments']})" for call in message["tool_calls"] or []]
    return "\n".join(part for part in (message["content"] or "", *calls) if part)


def _background(row: dict[str, Any], longest: int) -> list[Text]:
    lang = row["instruction_language"]
    return [_text(name, row[name], longest, lang) for name in ("system", "context") if row[name]]


def _short(row: dict[str, Any]) -> tuple[Text, ...]:
    """Return background, instruction and response, each cut."""
    messages = row["messages"]
    users = [n for n, message in enumerate(messages[:-1]) if message["role"] == "user"]
    asked = _said(messages[users[-1]]) if users else ""
    earlier = f"instruction, turn {len(messages) - 1} of {len(messages)}" if len(messages) > 2 else "instruction"
    return (
        *_background(row, SHORT // 2),
        _text(earlier, asked, SHORT, row["instruction_language"]),
        _text("response", _said(messages[-1]) if messages else "", SHORT, row["response_language"]),
    )


def _full(row: dict[str, Any]) -> tuple[Text, ...]:
    """Return every turn, and the best of the rejected replies."""
    turns = [
        _text(
            message["role"],
            _said(message),
            FULL,
            row["response_language" if message["role"] == "assistant" else "instruction_language"],
        )
        for message in row["messages"]
    ]
    worse = [
        _text("rejected", _said(candidate["messages"][-1]), FULL, row["response_language"])
        for candidate in (row["rejected"] or [])[:1]
        if candidate["messages"]
    ]
    return (*_background(row, FULL), *turns, *worse)


def tasks(
    buckets: int,
    owner: Callable[[str], int],
    short: set[str],
    full: set[str],
    edits: list[tuple[int, int]],
    units: list[tuple[int, int]],
) -> list[Task]:
    """Return one task for each bucket of which something is wanted; ``owner(row_id)`` is the bucket of a row."""
    named: list[tuple[set[str], set[str], list[int], list[int]]] = [(set(), set(), [], []) for _ in range(buckets)]
    for which, ids in enumerate((short, full)):
        for row_id in ids:
            named[owner(row_id)][which].add(row_id)  # type: ignore[union-attr]
    for which, places in ((2, edits), (3, units)):
        for bucket, position in places:
            named[bucket][which].append(position)  # type: ignore[union-attr]
    return [
        Task(bucket, frozenset(a), frozenset(b), tuple(sorted(c)), tuple(sorted(d)))
        for bucket, (a, b, c, d) in enumerate(named)
        if a or b or c or d
    ]
