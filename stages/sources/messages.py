"""OpenAI chat: ``messages`` of ``role`` and ``content``, with tool calls and content in parts.

Content is text or a list of parts, which are joined by line breaks: OpenAI's ``{"type": "text", "text": …}`` or
LLaMA-Factory's v1 layout, whose parts say ``value`` and may be ``reasoning`` and ``tool_call`` too. Reasoning is kept
apart only where a field or a part says so; ``<think>`` inside a reply stays in the reply. A picture cannot be read.

Where no call of a conversation has an id, each gets one from its place, and so do the tool turns that answer them, if
there are as many as there are calls: several calls answered in one turn say nothing about which answer is whose.
"""

import json
from collections.abc import Iterable
from typing import Any

from stages.reading.adapter import Adapter, Options, Unusable, kind_of, own_id, per_unit, rest, share
from stages.reading.jsonvalue import RefusedJSON, decode, too_deep, unstorable
from stages.records.record import ROLES, Message, Record, ToolCall, canonical_json

_USED = frozenset({"id", "messages", "tools"})
_REASONING = ("reasoning", "reasoning_content")
_WEIGHTS = ("weight", "loss_weight")
_USED_OF_TURN = frozenset({"role", "content", "tool_calls", "tool_call_id", *_WEIGHTS, *_REASONING})
_MEDIA = ("image", "images", "video", "videos", "audio", "audios")


def text_only(value: dict[str, Any]) -> None:
    """Refuse a row whose text talks of a picture, a film or a sound that stands beside it."""
    if found := next((name for name in _MEDIA if value.get(name)), None):
        raise Unusable("not_text", f"there is {found!r} beside the conversation; only text can be used")


def parsed(raw: str, reason: str, what: str) -> Any:
    """Return the JSON value that a text field holds; what is no strict JSON is :class:`Unusable` for ``reason``."""
    try:
        found, end = decode(raw, len(raw) - len(raw.lstrip()))
    except (RefusedJSON, json.JSONDecodeError) as error:
        raise Unusable(reason, f"{what} is no JSON ({error})") from None
    if raw[end:].strip():
        raise Unusable(reason, f"{what} is no JSON (more text after the value)")
    if problem := too_deep(raw, found) or unstorable(raw, found):
        raise Unusable(reason, f"{what} cannot be used: {problem[1]}")
    return found


def tools(value: dict[str, Any]) -> str | None:
    """Return the row's tool definitions as JSON text, as the source had them; an empty list is none."""
    found = value.get("tools")
    if found is None or found == "":
        return None
    read = parsed(found, "bad_tools", "'tools'") if isinstance(found, str) else found
    if not isinstance(read, list | dict):
        raise Unusable("bad_tools", f"'tools' is {kind_of(read)}, not a list of definitions")
    if not read:
        return None
    return found if isinstance(found, str) else canonical_json(found)


def calls(raw: Any, where: str) -> tuple[ToolCall, ...]:
    """Read tool calls written as JSON text: ``{"name": …, "arguments": …}``, or a list of them for parallel calls."""
    if not isinstance(raw, str):
        raise Unusable("bad_tool_call", f"the tool call of {where} is {kind_of(raw)}, not JSON text")
    found = parsed(raw, "bad_tool_call", f"the tool call of {where}")
    read = []
    for call in found if isinstance(found, list) else [found]:
        if not isinstance(call, dict) or not isinstance(call.get("name"), str) or call.keys() != {"name", "arguments"}:
            raise Unusable("bad_tool_call", f"a tool call of {where} is not made of name and arguments")
        arguments = call["arguments"]
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        read.append(ToolCall(None, call["name"], arguments))
    if not read:
        raise Unusable("bad_tool_call", f"the tool call of {where} calls nothing")
    return tuple(read)


def numbered(turns: list[Message]) -> list[Message]:
    """Return the turns with ids for their tool calls made from their place, unless the source has some."""
    if any(turn.tool_call_id is not None or any(c.id is not None for c in turn.tool_calls or ()) for turn in turns):
        return turns
    out, count = list(turns), 0
    for place, turn in enumerate(turns):
        if not turn.tool_calls:
            continue
        named = tuple(call._replace(id=f"call_{count + n}") for n, call in enumerate(turn.tool_calls, 1))
        count += len(named)
        out[place] = turn._replace(tool_calls=named)
        end = place + 1
        while end < len(turns) and turns[end].role == "tool":
            end += 1
        if end - place - 1 == len(named):
            for answer, call in enumerate(named, place + 1):
                out[answer] = turns[answer]._replace(tool_call_id=call.id)
    return out


def trained(turn: dict[str, Any], role: str, where: str) -> bool | None:
    """Return whether a turn is trained on, where its weight says so; that other turns are not goes without saying."""
    weight = next((turn[name] for name in _WEIGHTS if turn.get(name) is not None), None)
    if weight is None:
        return None
    if not isinstance(weight, bool | int | float):
        raise Unusable("wrong_type", f"the weight of {where} is {kind_of(weight)}, not a number")
    return bool(weight) if role == "assistant" or weight else None


def beside(turns: Iterable[dict[str, Any]], used: frozenset[str]) -> list[dict[str, Any]]:
    """Return what turns say beside the ``used`` fields, a weight that is neither 0 nor 1 included; empty if nothing."""
    of_turns = []
    for turn in turns:
        extra = rest(turn, used)
        extra |= {name: turn[name] for name in _WEIGHTS if turn.get(name) not in (None, 0, 1)}
        of_turns.append(extra)
    return of_turns if any(of_turns) else []


def said(turn: Message) -> str:
    """Return a turn as a text that identifies it among others."""
    return f"{turn.role}\n{turn.content}\n{turn.tool_calls or ''}"


def _content(turn: dict[str, Any], where: str) -> tuple[str, str | None, tuple[ToolCall, ...]]:
    """Return content, reasoning and tool calls of a turn's ``content``; only parts can hold the last two."""
    found = turn.get("content")
    if isinstance(found, str):
        return found, None, ()
    if found is None and turn.get("tool_calls"):
        return "", None, ()
    if not isinstance(found, list):
        raise Unusable("wrong_type", f"the content of {where} is {kind_of(found)}, not text")
    texts: list[str] = []
    thoughts: list[str] = []
    called: list[ToolCall] = []
    for part in found:
        if not isinstance(part, dict):
            raise Unusable("wrong_type", f"a content part of {where} is {kind_of(part)}, not an object")
        match part.get("type"):
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
    found = [part[name] for name in ("text", "value") if isinstance(part.get(name), str)]
    if len(found) != 1:
        raise Unusable("wrong_type", f"a text part of {where} holds {'two texts' if found else 'no text'}")
    return found[0]


def _tool_calls(turn: dict[str, Any], where: str) -> tuple[ToolCall, ...]:
    found = turn.get("tool_calls")
    if not found:
        return ()
    read = []
    for call in found if isinstance(found, list) else [{}]:
        call = call if isinstance(call, dict) else {}
        function = call.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise Unusable("bad_tool_call", f"a tool call of {where} has no function name")
        arguments = function.get("arguments", "")
        identity = call.get("id")
        if identity is not None and not isinstance(identity, str):
            raise Unusable("bad_tool_call", f"a tool call of {where} has an id that is {kind_of(identity)}, not text")
        if not isinstance(arguments, str):
            arguments = canonical_json(arguments)
        read.append(ToolCall(identity, function["name"], arguments))
    return tuple(read)


def message(turn: Any, number: int) -> Message:
    """Read one turn; ``number`` counts from 1 and stands in the reason of a turn that cannot be read."""
    where = f"message {number}"
    if not isinstance(turn, dict):
        raise Unusable("wrong_type", f"{where} is {kind_of(turn)}, not an object")
    role = turn.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise Unusable("unknown_role", f"{where} has the role {role!r}; known are {', '.join(sorted(ROLES))}")
    call_id = turn.get("tool_call_id")
    reasoning = next((turn[name] for name in _REASONING if turn.get(name)), None)
    for name, found in (("tool_call_id", call_id), ("reasoning", reasoning)):
        if found is not None and not isinstance(found, str):
            raise Unusable("wrong_type", f"{name} of {where} is {kind_of(found)}, not text")
    content, thought, called = _content(turn, where)
    called += _tool_calls(turn, where)
    if thought and reasoning:
        raise Unusable("wrong_type", f"{where} has its reasoning both in a part and in a field")
    if called and role != "assistant":
        raise Unusable("bad_tool_call", f"{where} calls a tool and is a turn of the {role}")
    return Message(role, content, reasoning or thought, called or None, call_id, trained(turn, role, where))


def conversation(value: dict[str, Any]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns; a conversation must hold a user's turn and end with the assistant's."""
    if "messages" not in value:
        raise Unusable("missing_field", "there is no 'messages'")
    turns = value["messages"]
    if not isinstance(turns, list):
        raise Unusable("wrong_type", f"'messages' is {kind_of(turns)}, not a list")
    return whole([message(turn, number) for number, turn in enumerate(turns, 1)])


def whole(read: list[Message]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns of a conversation that must have a user's turn and end with the assistant's."""
    system = None
    if read and read[0].role == "system":
        system, read = read[0].content or None, read[1:]
    if not any(turn.role == "user" for turn in read):
        raise Unusable("no_user_turn", "the conversation has no turn of the user")
    if read[-1].role != "assistant":
        raise Unusable("no_final_reply", f"the conversation ends with a turn of the {read[-1].role}")
    return system, numbered(read)


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one chat conversation; a leading system message becomes the row's system prompt."""
    text_only(value)
    system, turns = conversation(value)
    metadata = rest(value, _USED)
    if of_turns := beside(value["messages"], _USED_OF_TURN):
        metadata["messages"] = of_turns
    return Record(
        messages=turns,
        key_text=(system or "", *map(said, turns)),
        key=own_id(value),
        system=system,
        tools=tools(value),
        metadata=metadata,
    )


def _looks_like(value: dict[str, Any]) -> bool:
    turns = value.get("messages")
    if not (isinstance(turns, list) and turns and isinstance(turns[0], dict) and "role" in turns[0]):
        return False
    judged = isinstance(value.get("label"), bool) or isinstance(value.get("kto_tag"), bool)
    return not judged and not (value.get("chosen") and value.get("rejected"))


ADAPTER = Adapter(
    summary="OpenAI chat: messages of role and content, tool calls, content in parts (LLaMA-Factory v1 too)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
