"""OpenAI chat: ``messages`` of ``role`` and ``content``, with tool calls and text in parts."""

from typing import Any

from stages.reading.adapter import Adapter, Options, Unusable, kind_of, own_id, per_unit, rest, share
from stages.records.record import ROLES, Message, Record, ToolCall, canonical_json

_USED = frozenset({"id", "messages", "tools"})
_REASONING = ("reasoning", "reasoning_content")
_USED_OF_TURN = frozenset({"role", "content", "tool_calls", "tool_call_id", "weight", *_REASONING})


def _content(turn: dict[str, Any], where: str) -> str:
    found = turn.get("content")
    if isinstance(found, str):
        return found
    if found is None and turn.get("tool_calls"):
        return ""
    if isinstance(found, list):
        return "\n".join(_part(part, where) for part in found)
    raise Unusable("wrong_type", f"the content of {where} is {kind_of(found)}, not text")


def _part(part: Any, where: str) -> str:
    if not isinstance(part, dict):
        raise Unusable("wrong_type", f"a content part of {where} is {kind_of(part)}, not an object")
    if part.get("type") != "text":
        raise Unusable("not_text", f"{where} has a content part of type {part.get('type')!r}; only text can be used")
    if not isinstance(part.get("text"), str):
        raise Unusable("wrong_type", f"a text part of {where} holds no text")
    return part["text"]


def _tool_calls(turn: dict[str, Any], where: str) -> tuple[ToolCall, ...] | None:
    calls = turn.get("tool_calls")
    if not calls:
        return None
    read = []
    for call in calls if isinstance(calls, list) else [{}]:
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
    call_id, weight = turn.get("tool_call_id"), turn.get("weight")
    reasoning = next((turn[name] for name in _REASONING if turn.get(name)), None)
    for name, found in (("tool_call_id", call_id), ("reasoning", reasoning)):
        if found is not None and not isinstance(found, str):
            raise Unusable("wrong_type", f"{name} of {where} is {kind_of(found)}, not text")
    return Message(
        role,
        _content(turn, where),
        reasoning,
        _tool_calls(turn, where),
        call_id,
        None if weight is None else bool(weight),
    )


def conversation(value: dict[str, Any]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns; a conversation must hold a user's turn and end with the assistant's."""
    if "messages" not in value:
        raise Unusable("missing_field", "there is no 'messages'")
    turns = value["messages"]
    if not isinstance(turns, list):
        raise Unusable("wrong_type", f"'messages' is {kind_of(turns)}, not a list")
    read = [message(turn, number) for number, turn in enumerate(turns, 1)]
    system = None
    if read and read[0].role == "system":
        system = read.pop(0).content or None
    if not any(turn.role == "user" for turn in read):
        raise Unusable("no_user_turn", "the conversation has no turn of the user")
    if read[-1].role != "assistant":
        raise Unusable("no_final_reply", f"the conversation ends with a turn of the {read[-1].role}")
    return system, read


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one chat conversation; a leading system message becomes the row's system prompt."""
    system, turns = conversation(value)
    tools, metadata = value.get("tools"), rest(value, _USED)
    of_turns = [rest(turn, _USED_OF_TURN) for turn in value["messages"]]
    if any(of_turns):
        metadata["messages"] = of_turns
    return Record(
        messages=turns,
        key_text=(system or "", *(f"{turn.role}\n{turn.content}\n{turn.tool_calls or ''}" for turn in turns)),
        key=own_id(value),
        system=system,
        tools=None if not tools else tools if isinstance(tools, str) else canonical_json(tools),
        metadata=metadata,
    )


def _looks_like(value: dict[str, Any]) -> bool:
    turns = value.get("messages")
    return isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict) and "role" in turns[0]


ADAPTER = Adapter(
    summary="OpenAI chat: messages of role and content, tool calls, text parts",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
