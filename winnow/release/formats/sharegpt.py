"""ShareGPT as JSON Lines: ``conversations`` of ``from`` and ``value``, ``tools`` as JSON text.

For LLaMA-Factory (``sharegpt``) and Axolotl (``chat_template`` with ``field_messages: conversations``; its type
``sharegpt`` is deprecated; rows without tools only). Trap: after the system prompt LLaMA-Factory wants human or
observation and gpt or function_call in strict turns, an even number of them, and skips other rows with no more than a
warning: those are left out here and counted. A function_call is JSON text with ``name`` and ``arguments``, a list of
them if parallel, and has no place for text beside the call.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.release.formats.jsonlines import Conversation, conversations, join_lines, write_rows
from winnow.release.formats.llama_factory import SHOWS, all_trained, conversation, tools

EXTENSION = "jsonl"
KINDS = frozenset({"sft"})
LLAMA_FACTORY = {"formatting": "sharegpt", "columns": {"messages": "conversations"}}


def render(row: Conversation) -> Iterator[dict[str, Any]]:
    """Yield the row."""
    all_trained(row)
    yield {"row_id": row.row_id, "conversations": conversation(row, row.turns), **tools(row)}


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, SHOWS)
