"""Feedback for KTO as JSON Lines: ``prompt`` and ``completion`` as lists of messages, ``label`` true or false.

For TRL. LLaMA-Factory has a file of its own (``kto_llama_factory``): it wants the whole conversation under one key, and
a file with both stops TRL, which takes ``conversations`` for ``messages`` and refuses that key beside ``prompt``. Not
for Axolotl, whose KTO wants texts rendered for one model and would train on the Python notation of these lists.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.release.formats import chat
from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, write_rows

EXTENSION = "jsonl"
KINDS = frozenset({"feedback"})


def render(row: Conversation) -> Iterator[dict[str, Any]]:
    """Yield the row; tools are JSON text, which TRL reads whatever their parameters."""
    if row.label is None:
        raise CannotCarry("no_label")
    out = {
        "row_id": row.row_id,
        "prompt": chat.prompt(row),
        "completion": [chat.message(turn) for turn in row.turns[row.prompt_turns :]],
        "label": row.label,
    }
    if row.tools:
        try:
            json.loads(row.tools)
        except ValueError:
            raise CannotCarry("tools_not_json") from None
        out["tools"] = row.tools
    yield out


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, chat.SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, chat.SHOWS)
