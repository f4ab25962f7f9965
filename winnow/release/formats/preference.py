"""Pairs for DPO as JSON Lines: ``prompt`` a list of messages, ``chosen`` and ``rejected`` lists of one message.

For TRL (DPO, reward) and Axolotl (``type: chat_template.default``, ``field_messages: prompt``); one line for each worse
reply of a row. Traps: TRL takes no other key set and wants the prompt to end with a user or a tool; Axolotl drops calls
of tools without a word and cannot find an empty reply, so rows with either are left out. Axolotl ignores
``reasoning_content``, which TRL hands to the chat template.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.release.formats import chat
from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, pairs, write_rows

EXTENSION = "jsonl"
KINDS = frozenset({"preference"})


def render(row: Conversation) -> Iterator[dict[str, Any] | CannotCarry]:
    """Return one line for each worse reply."""
    if row.tools or any(turn.tool_calls for turn in row.prompt):
        raise CannotCarry("tool_calls")
    prompt = chat.prompt(row)
    chosen = [chat.message(chat.reply(row.turns[row.prompt_turns :]))]
    shared = {"row_id": row.row_id, "prompt": prompt, "chosen": chosen}
    return pairs(row, lambda worse: {**shared, "rejected": [chat.message(chat.reply(worse))]})


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, chat.SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, chat.SHOWS)
