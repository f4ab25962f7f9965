"""OpenAI's chat fine-tuning: ``{"messages", "tools"}`` and no other key, so also no ``row_id``.

For OpenAI, Azure and what follows them (Together, Fireworks). Traps: an unknown key is an error; tools and calls need
their ids and ``arguments`` as JSON text; ``weight`` is 0 or 1 and stands on assistant messages alone; there is no place
for reasoning nor for the name of a tool that no call says, so rows with either are left out; a file needs at least 10
rows (``winnow validate --for openai`` says so).
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.records.record import Message
from winnow.release.formats import chat
from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, write_rows

EXTENSION = "jsonl"
KINDS = frozenset({"sft"})


def message(turn: Message) -> dict[str, Any]:
    """Return one message with the keys that its role may have."""
    if turn.reasoning is not None:
        raise CannotCarry("reasoning")
    for call in turn.tool_calls or ():
        if call.id is None:
            raise CannotCarry("tool_call_without_id")
        try:
            json.loads(call.arguments)
        except ValueError:
            raise CannotCarry("arguments_not_json") from None
    if turn.role == "tool" and turn.tool_call_id is None:
        raise CannotCarry("tool_result_without_id")
    if turn.role == "assistant" and not turn.content and not turn.tool_calls:
        raise CannotCarry("empty_reply")
    if turn.role == "tool" and turn.name is not None:
        raise CannotCarry("name")
    out = chat.message(turn)
    if turn.role != "tool":
        out.pop("tool_call_id", None)
    return out


def with_weight(turn: Message) -> dict[str, Any]:
    """Return one message of a conversation to train on, with its loss weight where it has one."""
    out = message(turn)
    if turn.train is not None and turn.role == "assistant":
        out["weight"] = int(turn.train)
    return out


def system(row: Conversation) -> list[dict[str, Any]]:
    """Return the system prompt as a message, or nothing."""
    return [{"role": "system", "content": row.system}] if row.system else []


def tools(row: Conversation) -> dict[str, Any]:
    """Return the tools under their key, or nothing."""
    if not row.tools:
        return {}
    try:
        tools = json.loads(row.tools)
    except ValueError:
        tools = None
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise CannotCarry("tools_not_a_list")
    wrapped = [tool if "function" in tool else {"type": "function", "function": tool} for tool in tools]
    functions = [tool["function"] for tool in wrapped]
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in functions):
        raise CannotCarry("tools_not_functions")
    return {"tools": wrapped}


def render(row: Conversation) -> Iterator[dict[str, Any]]:
    """Yield the row."""
    if all(turn.train is False for turn in row.turns if turn.role == "assistant"):
        raise CannotCarry("untrained_reply")
    yield {"messages": [*system(row), *map(with_weight, chat.without_told_names(row.turns))], **tools(row)}


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    return write_rows(conversations(table), table["repeats"].to_pylist(), render, path, chat.SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, chat.SHOWS)
