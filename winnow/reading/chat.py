"""Helpers that the chat formats share: tools and their calls, loss weights, whole conversations.

Where no call of a conversation has an id, each gets one from its place, and so do the tool turns that answer them, if
there are as many as there are calls: several calls answered in one turn do not show which answer is whose.
Arguments that are an object are written as JSON text in the order of the source.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from winnow.reading.adapter import Unusable, kind_of, optional_text, rest
from winnow.reading.jsonvalue import RefusedJSON, decode, too_deep, unstorable
from winnow.records.record import Message, ToolCall, canonical_json

_WEIGHTS = ("weight", "loss_weight")
_MEDIA = ("image", "images", "video", "videos", "audio", "audios")


def text_only(value: Mapping[str, Any]) -> None:
    """Refuse a row that has a picture, a film or a sound beside its text."""
    if medium := next((name for name in _MEDIA if value.get(name)), None):
        raise Unusable("not_text", f"there is {medium!r} beside the conversation; only text can be used")


def parsed(raw: str, reason: str, what: str) -> Any:
    """Return the JSON value that a text field holds; what is no strict JSON is :class:`Unusable` for ``reason``."""
    try:
        value, end = decode(raw, len(raw) - len(raw.lstrip()))
    except (RefusedJSON, json.JSONDecodeError) as error:
        raise Unusable(reason, f"{what} is no JSON ({error})") from None
    if raw[end:].strip():
        raise Unusable(reason, f"{what} is no JSON (more text after the value)")
    if problem := too_deep(raw, value) or unstorable(raw, value):
        raise Unusable(reason, f"{what} cannot be used: {problem[1]}")
    return value


def tools(value: Mapping[str, Any]) -> str | None:
    """Return the row's tool definitions as JSON text, as the source had them; an empty list is none."""
    raw = value.get("tools")
    if raw is None or raw == "":
        return None
    definitions = parsed(raw, "bad_tools", "'tools'") if isinstance(raw, str) else raw
    if not isinstance(definitions, list | dict):
        raise Unusable("bad_tools", f"'tools' is {kind_of(definitions)}, not a list of definitions")
    if not definitions:
        return None
    return raw if isinstance(raw, str) else canonical_json(raw)


def _call(function: Any, identity: Any, where: str) -> ToolCall:
    """Read the name and the arguments (text, or an object) of a tool call."""
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has no function name")
    if identity is not None and not isinstance(identity, str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has an id that is {kind_of(identity)}, not text")
    arguments = function.get("arguments", "")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(identity, function["name"], arguments)


def calls(raw: Any, where: str) -> tuple[ToolCall, ...]:
    """Read tool calls written as JSON text: ``{"name": …, "arguments": …}``, or a list of them for parallel calls."""
    if not isinstance(raw, str):
        raise Unusable("bad_tool_call", f"the tool call of {where} is {kind_of(raw)}, not JSON text")
    value = parsed(raw, "bad_tool_call", f"the tool call of {where}")
    functions = value if isinstance(value, list) else [value]
    if not functions:
        raise Unusable("bad_tool_call", f"the tool call of {where} calls nothing")
    if not all(
        isinstance(one, dict) and one.keys() == {"name", "arguments"} and isinstance(one["name"], str)
        for one in functions
    ):
        raise Unusable("bad_tool_call", f"a tool call of {where} is not made of name and arguments")
    return tuple(_call(one, None, where) for one in functions)


def openai_calls(raw: Any, where: str) -> tuple[ToolCall, ...]:
    """Read OpenAI's ``tool_calls``: a list of ``{"id": …, "type": "function", "function": {"name": …, …}}``."""
    if not raw:
        return ()
    listed = [one if isinstance(one, dict) else {} for one in (raw if isinstance(raw, list) else [None])]
    return tuple(_call(one.get("function"), one.get("id"), where) for one in listed)


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
    """Return by its weight whether a turn is trained on; None without a weight, and for a weight 0 but of a reply."""
    weight = next((turn[name] for name in _WEIGHTS if turn.get(name) is not None), None)
    if weight is None:
        return None
    if not isinstance(weight, bool | int | float):
        raise Unusable("wrong_type", f"the weight of {where} is {kind_of(weight)}, not a number")
    return bool(weight) if role == "assistant" or weight else None


def beside(turns: Iterable[dict[str, Any]], used: frozenset[str]) -> list[dict[str, Any]]:
    """Return the fields of turns beside the ``used`` ones, and weights other than 0 and 1; empty if none has any."""
    of_turns = []
    for turn in turns:
        extra = rest(turn, used)
        extra |= {name: turn[name] for name in _WEIGHTS if turn.get(name) not in (None, 0, 1)}
        of_turns.append(extra)
    return of_turns if any(of_turns) else []


def key_of(turn: Message) -> str:
    """Return a turn as a text that identifies it among others."""
    return f"{turn.role}\n{turn.content}\n{turn.tool_calls or ''}"


def split_system(read: list[Message], what: str) -> tuple[str | None, list[Message]]:
    """Return the prompt of a leading system turn, if any, and the other turns, of which one must be the user's."""
    system = None
    if read and read[0].role == "system":
        system, read = read[0].content or None, read[1:]
    if not any(turn.role == "user" for turn in read):
        raise Unusable("no_user_turn", f"the {what} has no turn of the user")
    return system, read


def system_beside(
    value: Mapping[str, Any], leading: str | None, used: frozenset[str]
) -> tuple[str | None, dict[str, Any]]:
    """Return the system prompt of a row and its fields beside the ``used`` ones.

    The ``leading`` system turn overrides the field ``system``, as in LLaMA-Factory; a field with another text is
    kept in the metadata.
    """
    own, metadata = optional_text(value, "system"), rest(value, used | {"system"})
    if leading and own and own != leading:
        metadata["system"] = own
    return leading or own, metadata
