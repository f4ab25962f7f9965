"""What the chat formats share: tools and their calls, loss weights, whole conversations.

Where no call of a conversation has an id, each gets one from its place, and so do the tool turns that answer them, if
there are as many as there are calls: several calls answered in one turn say nothing about which answer is whose.
Arguments that stand as an object are written as JSON text in the order of the source.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from winnow.reading.adapter import Unusable, kind_of, optional_text, own_id, rest
from winnow.reading.jsonvalue import RefusedJSON, decode, too_deep, unstorable
from winnow.records.record import Message, Record, ToolCall, canonical_json

_WEIGHTS = ("weight", "loss_weight")
_MEDIA = ("image", "images", "video", "videos", "audio", "audios")


def text_only(value: Mapping[str, Any]) -> None:
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


def tools(value: Mapping[str, Any]) -> str | None:
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


def _call(found: Any, identity: Any, where: str) -> ToolCall:
    """Read what a tool call says: its name, and arguments as text or as the object that they stand for."""
    if not isinstance(found, dict) or not isinstance(found.get("name"), str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has no function name")
    if identity is not None and not isinstance(identity, str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has an id that is {kind_of(identity)}, not text")
    arguments = found.get("arguments", "")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(identity, found["name"], arguments)


def calls(raw: Any, where: str) -> tuple[ToolCall, ...]:
    """Read tool calls written as JSON text: ``{"name": …, "arguments": …}``, or a list of them for parallel calls."""
    if not isinstance(raw, str):
        raise Unusable("bad_tool_call", f"the tool call of {where} is {kind_of(raw)}, not JSON text")
    found = parsed(raw, "bad_tool_call", f"the tool call of {where}")
    read = found if isinstance(found, list) else [found]
    if not read:
        raise Unusable("bad_tool_call", f"the tool call of {where} calls nothing")
    if not all(
        isinstance(one, dict) and one.keys() == {"name", "arguments"} and isinstance(one["name"], str) for one in read
    ):
        raise Unusable("bad_tool_call", f"a tool call of {where} is not made of name and arguments")
    return tuple(_call(one, None, where) for one in read)


def openai_calls(found: Any, where: str) -> tuple[ToolCall, ...]:
    """Read OpenAI's ``tool_calls``: a list of ``{"id": …, "type": "function", "function": {"name": …, …}}``."""
    if not found:
        return ()
    read = [one if isinstance(one, dict) else {} for one in (found if isinstance(found, list) else [None])]
    return tuple(_call(one.get("function"), one.get("id"), where) for one in read)


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


def system_beside(
    value: Mapping[str, Any], said_first: str | None, used: frozenset[str]
) -> tuple[str | None, dict[str, Any]]:
    """Return the system prompt and what a row says beside the ``used`` fields.

    A system turn overrides the field ``system``, as in LLaMA-Factory; a field that says something else is kept.
    """
    own, metadata = optional_text(value, "system"), rest(value, used | {"system"})
    if said_first and own and own != said_first:
        metadata["system"] = own
    return said_first or own, metadata


def conversation_record(
    value: Mapping[str, Any], system: str | None, turns: list[Message], metadata: dict[str, Any]
) -> Record:
    """Return the record of a whole conversation to imitate."""
    return Record(
        messages=turns,
        key_text=(system or "", *map(said, turns)),
        key=own_id(value),
        system=system,
        tools=tools(value),
        metadata=metadata,
    )


def is_judged(value: Mapping[str, Any]) -> bool:
    """Tell whether a conversation carries a judgement: a label, or a better and a worse reply."""
    labelled = isinstance(value.get("label"), bool) or isinstance(value.get("kto_tag"), bool)
    return labelled or bool(value.get("chosen") and value.get("rejected"))
