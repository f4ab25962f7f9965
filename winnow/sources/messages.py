"""OpenAI chat: ``messages`` of ``role`` and ``content``, with tool calls and content in parts.

Content is text or a list of parts, which are joined by line breaks: OpenAI's ``{"type": "text", "text": …}`` or
LLaMA-Factory's v1 layout, whose parts have ``value`` and may be ``reasoning`` and ``tool_call`` too. Reasoning is kept
apart only where a field or a part holds it; ``<think>`` inside a reply stays in the reply. A picture cannot be read.
"""

from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, expect, kind_of, per_unit, required, rest, share
from winnow.reading.chat import calls, conversation_record, looks_like, openai_calls, text_only, trained, whole
from winnow.records.record import ROLES, Message, Record, ToolCall

_USED = frozenset({"id", "messages", "tools"})
_REASONING = ("reasoning", "reasoning_content")
_USED_OF_TURN = frozenset({"role", "content", "tool_calls", "tool_call_id", "weight", "loss_weight", *_REASONING})


def _content(turn: dict[str, Any], where: str) -> tuple[str, str | None, tuple[ToolCall, ...]]:
    """Return content, reasoning and tool calls of a turn's ``content``; only parts can hold the last two."""
    content = turn.get("content")
    if isinstance(content, str):
        return content, None, ()
    if content is None and turn.get("tool_calls"):
        return "", None, ()
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"the content of {where} is {kind_of(content)}, not text")
    texts: list[str] = []
    thoughts: list[str] = []
    called: list[ToolCall] = []
    for part in content:
        match expect(part, dict, f"a content part of {where}").get("type"):
            case "text":
                texts.append(_text(part, where))
            case "reasoning":
                thoughts.append(_text(part, where))
            case "tool_call":
                called += calls(part.get("value"), where)
            case other:
                raise Unusable("not_text", f"{where} has a content part of type {other!r}; only text can be used")
    return "\n".join(texts), "\n".join(thoughts) or None, tuple(called)


def _text(part: dict[str, Any], where: str) -> str:
    held = [part[name] for name in ("text", "value") if isinstance(part.get(name), str)]
    if len(held) != 1:
        raise Unusable("wrong_type", f"a text part of {where} holds {'two texts' if held else 'no text'}")
    return held[0]


def message(turn: Any, number: int) -> Message:
    """Read one turn; ``number`` counts from 1 and is part of the sentence about a turn that cannot be read."""
    where = f"message {number}"
    role = expect(turn, dict, where).get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise Unusable("unknown_role", f"{where} has the role {role!r}; known are {', '.join(sorted(ROLES))}")
    call_id = turn.get("tool_call_id")
    reasoning = next((turn[name] for name in _REASONING if turn.get(name)), None)
    for name, field in (("tool_call_id", call_id), ("reasoning", reasoning)):
        if field is not None:
            expect(field, str, f"{name} of {where}")
    content, thought, called = _content(turn, where)
    called += openai_calls(turn.get("tool_calls"), where)
    if thought and reasoning:
        raise Unusable("wrong_type", f"{where} has its reasoning both in a part and in a field")
    if called and role != "assistant":
        raise Unusable("bad_tool_call", f"{where} calls a tool and is a turn of the {role}")
    return Message(role, content, reasoning or thought, called or None, call_id, trained(turn, role, where))


def conversation(value: dict[str, Any]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns; a conversation must hold a user's turn and end with the assistant's."""
    return whole([message(turn, number) for number, turn in enumerate(required(value, "messages", list), 1)])


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one chat conversation; a leading system message becomes the row's system prompt."""
    text_only(value)
    system, turns = conversation(value)
    return conversation_record(value, system, turns, rest(value, _USED), "messages", _USED_OF_TURN)


ADAPTER = Adapter(
    summary="OpenAI chat: messages of role and content, tool calls, content in parts (LLaMA-Factory v1 too)",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda value: looks_like(value, "messages", {"role"})),
)
