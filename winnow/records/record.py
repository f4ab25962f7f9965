"""The record as Python values: what an adapter returns."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ROLES = frozenset({"system", "user", "assistant", "tool"})
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class ToolCall(NamedTuple):
    """A call of a tool by the assistant; ``arguments`` is JSON text as the source had it."""

    id: str | None
    name: str
    arguments: str


class Message(NamedTuple):
    """One turn of a conversation; ``name`` is that of its speaker or tool."""

    role: str
    content: str
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    tool_call_id: str | None = None
    train: bool | None = None
    name: str | None = None


class Rejected(NamedTuple):
    """A worse reply to the same prompt."""

    messages: tuple[Message, ...]
    rank: int | None = None
    score: float | None = None


@dataclass(slots=True)
class Record:
    """One conversation as an adapter read it.

    ``key`` is the source's own id of the row, or ``None``; then the digest of ``key_text`` (the text fields that the
    adapter declares) identifies it. ``prompt_turns`` counts the leading messages that all candidate replies share.
    ``license`` and ``origin`` are the row's own where the source says them of each row.
    """

    messages: list[Message]
    key_text: tuple[str, ...]
    key: str | None = None
    kind: str = "sft"
    system: str | None = None
    context: str | None = None
    prompt_turns: int | None = None
    rejected: list[Rejected] | None = None
    margin: float | None = None
    label: bool | None = None
    tools: str | None = None
    group: str | None = None
    parents: list[str] = field(default_factory=list)
    own_split: str | None = None
    license: str | None = None
    origin: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def canonical_json(value: Any) -> str:
    """Return ``value`` as JSON with sorted keys and no spaces: equal values, equal text.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return _ENCODER.encode(value)
