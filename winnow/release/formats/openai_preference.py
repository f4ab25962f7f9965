"""OpenAI's preference fine-tuning (DPO): ``input`` with ``messages``, ``preferred_output``, ``non_preferred_output``.

For OpenAI, Azure and Fireworks; one line for each worse reply of a row. Traps: no other key; the outputs hold assistant
and tool messages alone, at least one of them the assistant's; OpenAI knows exactly one turn of output, so replies of
several turns are left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.records.record import Message
from winnow.release.formats import chat
from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, pairs, write_rows
from winnow.release.formats.openai import message, system, tools

EXTENSION = "jsonl"
KINDS = frozenset({"preference"})


def output(turns: Sequence[Message]) -> list[dict[str, Any]]:
    """Return a reply of one turn."""
    if len(turns) != 1:
        raise CannotCarry("reply_of_several_turns")
    return [message(turns[0])]


def render(row: Conversation) -> Iterator[dict[str, Any] | CannotCarry]:
    """Return one line for each worse reply."""
    chat.prompt(row)
    asked = {"messages": [*system(row), *map(message, chat.without_told_names(row.prompt))], **tools(row)}
    shared = {"input": asked, "preferred_output": output(row.turns[row.prompt_turns :])}
    return pairs(row, lambda worse: {**shared, "non_preferred_output": output(worse)})


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, chat.SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, chat.SHOWS)
