"""Pairs for DPO as LLaMA-Factory has them: ``conversations``, and ``chosen`` and ``rejected`` as one turn each.

One line for each worse reply of a row. Traps: the replies are objects, not lists; the conversation before them has an
odd number of turns and ends with human or observation; the entry in ``dataset_info.json`` says ``ranking``, and both
ranking data outside DPO and plain data inside it stop the run.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.records.record import Message
from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, pairs, write_rows
from winnow.release.formats.llama_factory import SHOWS, conversation, tools, turn, unnamed

EXTENSION = "jsonl"
KINDS = frozenset({"preference"})
LLAMA_FACTORY = {
    "formatting": "sharegpt",
    "ranking": True,
    "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
}


def reply(turns: Sequence[Message]) -> dict[str, str]:
    """Return a reply, which must be one turn that says or calls something."""
    if len(turns) != 1:
        raise CannotCarry("reply_of_several_turns")
    if turns[0].role != "assistant":
        raise CannotCarry("turn_order")
    if not turns[0].content and not turns[0].tool_calls:
        raise CannotCarry("empty_reply")
    unnamed(turns)
    return turn(turns[0])


def render(row: Conversation) -> Iterator[dict[str, Any] | CannotCarry]:
    """Return one line for each worse reply."""
    if row.prompt_turns % 2 == 0:
        raise CannotCarry("turn_order")
    shared = {
        "row_id": row.row_id,
        "conversations": conversation(row, row.prompt),
        "chosen": reply(row.turns[row.prompt_turns :]),
        **tools(row),
    }
    return pairs(row, lambda worse: {**shared, "rejected": reply(worse)})


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, SHOWS)
