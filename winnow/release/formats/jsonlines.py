"""What the JSON Lines formats share: conversations from columns, lines to fragments, fragments to one file.

HF ``datasets`` fixes the types of a JSON Lines file by its first 10 MB and then refuses the whole file at a key, or an
item of an empty list, that it first meets later. So a file begins with lines that show every optional key it holds:
each format names its own by their JSON text, which cannot stand in a value, where quotes are escaped.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.records.record import Message, ToolCall
from winnow.release.template import rendered_contents


class Conversation(NamedTuple):
    """One released row as a format sees it: the context joined to its instruction, the system prompt apart."""

    row_id: str
    system: str
    context: str
    turns: list[Message]
    prompt_turns: int
    rejected: list[list[Message]]
    label: bool | None
    tools: str

    @property
    def prompt(self) -> list[Message]:
        """The turns before the reply."""
        return self.turns[: self.prompt_turns]


class CannotCarry(Exception):
    """Raised or yielded for a row or pair that a format has no place for; it is counted under ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Render = Callable[[Conversation], Iterable[dict[str, Any] | CannotCarry]]
OPTIONAL = ("reasoning", "tool_calls", "tool_call_id", "train", "name")
"""The fields of a message that few turns have, in the order of the record."""


def _calls(calls: list[dict[str, str]] | None) -> tuple[ToolCall, ...] | None:
    return tuple(ToolCall(**call) for call in calls) if calls else None


def conversations(table: pa.Table, *, join_context: bool = True) -> Iterator[Conversation]:
    """Yield the rows of a release table; without ``join_context`` the instruction stays as it is."""
    flat = pc.list_flatten(views.turns(table))
    contents = rendered_contents(table) if join_context else pc.struct_field(flat, "content")
    columns = {name: pc.struct_field(flat, name) for name in OPTIONAL}
    values = {name: column.to_pylist() for name, column in columns.items() if column.null_count < len(column)}
    if "tool_calls" in values:
        values["tool_calls"] = [_calls(calls) for calls in values["tool_calls"]]
    nothing = [None] * len(flat)
    turns = list(
        map(
            Message,
            pc.struct_field(flat, "role").to_pylist(),
            contents.to_pylist(),
            *(values.get(name, nothing) for name in OPTIONAL),
        )
    )
    edges = views.bounds(views.turns(table)).tolist()
    names = ("row_id", "system", "context", "prompt_turns", "rejected", "label", "tools")
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    for n, (row_id, system, context, prompt_turns, rejected, label, tools) in enumerate(rows):
        of_row = turns[edges[n] : edges[n + 1]]
        if prompt_turns is None:
            prompt_turns = len(of_row) - 1
        worse = [[_message(turn) for turn in one["messages"]] for one in rejected or ()]
        yield Conversation(row_id, system or "", context or "", of_row, prompt_turns, worse, label, tools or "")


def _message(turn: dict[str, Any]) -> Message:
    return Message(**{**turn, "tool_calls": _calls(turn["tool_calls"])})


def pairs(row: Conversation, pair: Callable[[list[Message]], dict[str, Any]]) -> Iterator[dict[str, Any] | CannotCarry]:
    """Yield what ``pair`` makes of each worse reply; a row without one has no place in a format of pairs."""
    if not row.rejected:
        raise CannotCarry("no_worse_reply")
    for worse in row.rejected:
        try:
            yield pair(worse)
        except CannotCarry as cannot:
            yield cannot


def line(row: dict[str, Any]) -> str:
    """Return one row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_rows(
    rows: Iterable[Conversation],
    repeats: Sequence[int],
    render: Render,
    path: Path,
    shows: Sequence[str],
    left_out: Counter[str] | None,
) -> int:
    """Write what ``render`` makes of each row, ``repeats`` times; return the number of lines.

    ``left_out`` counts by reason the lines missing: one for a row, or for a pair of it, that cannot be carried.
    """
    lines: list[str] = []
    missed: Counter[str] = Counter()
    for row, times in zip(rows, repeats, strict=True):
        try:
            made = list(render(row))
        except CannotCarry as cannot:
            made = [cannot]
        for one in made:
            if isinstance(one, CannotCarry):
                missed[one.reason] += times
            else:
                lines.extend([line(one)] * times)
    if left_out is not None:
        left_out.update(missed)
    write_lines(lines, path, shows)
    return len(lines)


def write_lines(lines: list[str], path: Path, shows: Sequence[str] = ()) -> None:
    """Write a fragment; the first line that has one of ``shows`` goes to the front."""
    first = {next((n for n, text in enumerate(lines) if show in text), -1) for show in shows} - {-1}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines[n] for n in sorted(first))
        file.writelines(text for n, text in enumerate(lines) if n not in first)


def join_lines(fragments: Sequence[Path], path: Path, shows: Sequence[str] = ()) -> None:
    """Join the fragments, in their order, into one file that begins with a line for each of ``shows`` it holds."""
    missing = [show.encode() for show in shows]
    front: list[bytes] = []
    taken: dict[Path, set[int]] = {}
    for one in fragments:
        if not missing:
            break
        with one.open("rb") as file:
            for n, text in enumerate(islice(file, len(shows))):
                left = [show for show in missing if show not in text]
                if len(left) < len(missing):
                    front.append(text)
                    taken.setdefault(one, set()).add(n)
                    missing = left
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.writelines(front)
        for one in fragments:
            with one.open("rb") as file:
                for n, text in enumerate(islice(file, len(shows))):
                    if n not in taken.get(one, ()):
                        out.write(text)
                shutil.copyfileobj(file, out)
