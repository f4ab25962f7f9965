"""Feedback for KTO as LLaMA-Factory has it: ``conversations`` with the reply in them, ``label`` true or false.

Traps: the label must be true or false, not a number, or the row is dropped; an empty reply is taken for an undesired
one; a file with one label only draws a warning and teaches nothing. Before the reply the turns alternate strictly.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, write_rows
from winnow.release.formats.llama_factory import SHOWS, conversation, tools
from winnow.release.formats.preference_llama_factory import reply

EXTENSION = "jsonl"
KINDS = frozenset({"feedback"})
LLAMA_FACTORY = {
    "formatting": "sharegpt",
    "columns": {"messages": "conversations", "kto_tag": "label"},
}


def render(row: Conversation) -> Iterator[dict[str, Any]]:
    """Yield the row."""
    if row.label is None:
        raise CannotCarry("no_label")
    reply(row.turns[row.prompt_turns :])
    turns = conversation(row, row.turns)
    yield {"row_id": row.row_id, "conversations": turns, "label": row.label, **tools(row)}


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, SHOWS)
