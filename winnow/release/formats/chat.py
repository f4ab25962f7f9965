"""Turns as ``role`` and ``content``: what TRL, Axolotl and OpenAI call a message."""

from collections.abc import Sequence
from typing import Any

from winnow.records.record import Message
from winnow.release.formats.jsonlines import CannotCarry, Conversation

SHOWS = (
    *('"tool_calls":', '"tool_calls":[{"id":', '"tool_call_id":', '"reasoning_content":'),
    *('"weight":', '"tools":'),
    *(f'"role":"{role}","name":' for role in ("assistant", "system", "tool", "user")),
)
"""The optional keys of messages and their rows; see :mod:`winnow.release.formats.jsonlines`."""


def message(turn: Message) -> dict[str, Any]:
    """Return one turn without its loss weight."""
    out: dict[str, Any] = {"role": turn.role, **({} if turn.name is None else {"name": turn.name})}
    out["content"] = turn.content
    if turn.reasoning is not None:
        out["reasoning_content"] = turn.reasoning
    if turn.tool_calls:
        out["tool_calls"] = [
            {
                **({} if call.id is None else {"id": call.id}),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.tool_calls
        ]
    if turn.tool_call_id is not None:
        out["tool_call_id"] = turn.tool_call_id
    return out


def without_told_names(turns: Sequence[Message]) -> list[Message]:
    """Return turns without the names of tools that a call before them says, for formats without a place for those."""
    called: set[str | None] = set()
    out = []
    for one in turns:
        called.update(call.name for call in one.tool_calls or ())
        out.append(one._replace(name=None) if one.role == "tool" and one.name in called else one)
    return out


def messages(row: Conversation, turns: Sequence[Message]) -> list[dict[str, Any]]:
    """Return turns of a row with its system prompt before them."""
    system = [{"role": "system", "content": row.system}] if row.system else []
    return [*system, *map(message, turns)]


def prompt(row: Conversation) -> list[dict[str, Any]]:
    """Return the messages before the reply; they must end with something to reply to."""
    if not row.prompt or row.prompt[-1].role not in ("user", "tool"):
        raise CannotCarry("turn_order")
    return messages(row, row.prompt)


def reply(turns: Sequence[Message]) -> Message:
    """Return a reply that is one turn of text."""
    if len(turns) != 1:
        raise CannotCarry("reply_of_several_turns")
    if turns[0].tool_calls:
        raise CannotCarry("tool_calls")
    if not turns[0].content:
        raise CannotCarry("empty_reply")
    return turns[0]
