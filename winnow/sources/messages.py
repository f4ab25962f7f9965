"""OpenAI chat: ``messages`` of ``role`` and ``content``, with tool calls and content in parts.

Content is text or a list of parts, which are joined by line breaks: OpenAI's ``{"type": "text", "text": …}``,
Anthropic's (``thinking``, ``tool_use``, ``tool_result``) or LLaMA-Factory's v1 layout, whose parts have ``value`` and
may be ``reasoning`` and ``tool_call`` too. Reasoning is kept apart only where a field or a part holds it; ``<think>``
inside a reply stays in the reply. A picture cannot be read. ``developer`` is a system turn, ``function`` a tool's.

Worse replies beside the conversation (ms-swift's ``rejected_response``, ``rejected_messages``) make a preference row.
"""

from collections.abc import Iterator
from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, expect, kind_of, per_unit, required, rest, share
from winnow.reading.chat import calls, calls_in, conversation_record, looks_like, told, whole
from winnow.records.record import ROLES, Message, Record, ToolCall

_USED = frozenset({"id", "messages", "tools"})
USED_OF_TURN = frozenset({"role", "content"})
_OTHER_ROLES = {"developer": "system", "function": "tool"}
_KNOWN = sorted({*ROLES, *_OTHER_ROLES})


def _content(content: Any, where: str, calling: bool) -> tuple[str, str | None, tuple[ToolCall, ...]]:
    """Return text, reasoning and tool calls of the content of a turn; only parts can hold the last two."""
    if isinstance(content, str):
        return content, None, ()
    if content is None and calling:
        return "", None, ()
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"the content of {where} is {kind_of(content)}, not text")
    texts: list[str] = []
    thoughts: list[str] = []
    called: list[ToolCall] = []
    for part in content:
        match expect(part, dict, f"a content part of {where}").get("type"):
            case "text" | "input_text" | "output_text":
                texts.append(_text(part, where))
            case "reasoning" | "thinking":
                thoughts.append(_text(part, where))
            case "tool_call":
                called += calls(part.get("value"), where)
            case "tool_use":
                use = {"id": part.get("id"), "name": part.get("name"), "arguments": part.get("input", {})}
                called += calls_in(use, where)
            case other:
                raise Unusable("not_text", f"{where} has a content part of type {other!r}; only text can be used")
    return "\n".join(texts), "\n".join(thoughts) or None, tuple(called)


def _text(part: dict[str, Any], where: str) -> str:
    held = [part[name] for name in ("text", "value", "thinking") if isinstance(part.get(name), str)]
    if len(held) != 1:
        raise Unusable("wrong_type", f"a text part of {where} holds {'two texts' if held else 'no text'}")
    return held[0]


def message(turn: Any, number: int) -> Message:
    """Read one turn; ``number`` counts from 1 and is part of the sentence about a turn that cannot be read."""
    where = f"message {number}"
    role = expect(turn, dict, where).get("role")
    role = _OTHER_ROLES.get(role, role) if isinstance(role, str) else role
    if not isinstance(role, str) or role not in ROLES:
        raise Unusable("unknown_role", f"{where} has the role {role!r}; known are {', '.join(_KNOWN)}")
    more = told(turn, role, where, USED_OF_TURN)
    content, thought, called = _content(turn.get("content"), where, bool(more.calls))
    called += more.calls
    if thought and more.reasoning:
        raise Unusable("wrong_type", f"{where} has its reasoning both in a part and in a field")
    if called and role != "assistant":
        raise Unusable("bad_tool_call", f"{where} calls a tool and is a turn of the {role}")
    return Message(role, content, more.reasoning or thought, called or None, more.call_id, more.train, more.name)


def _is_result(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "tool_result"


def _results(turn: Any) -> Iterator[Any]:
    """Yield a turn; Anthropic's results of tools, which are parts of a turn of the user, as turns of their own."""
    parts = turn.get("content") if isinstance(turn, dict) else None
    if not isinstance(parts, list) or not any(map(_is_result, parts)):
        yield turn
        return
    for part in filter(_is_result, parts):
        yield {"role": "tool", "content": part.get("content") or "", "tool_call_id": part.get("tool_use_id")}
    if left := [part for part in parts if not _is_result(part)]:
        yield {**turn, "content": left}


def turns(listed: list[Any]) -> list[Message]:
    """Read a list of turns, each numbered by its place for the sentence about one that cannot be read."""
    return [message(one, number) for number, turn in enumerate(listed, 1) for one in _results(turn)]


def conversation(value: dict[str, Any]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns; a conversation must hold a user's turn and end with the assistant's."""
    return whole(turns(required(value, "messages", list)))


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one chat conversation; a leading system message becomes the row's system prompt."""
    system, read = conversation(value)
    return conversation_record(value, system, read, rest(value, _USED), "messages", USED_OF_TURN, turns)


ADAPTER = Adapter(
    summary="OpenAI chat: messages of role and content, tool calls, content in parts (LLaMA-Factory v1 too)",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda value: looks_like(value, "messages", {"role"})),
)
