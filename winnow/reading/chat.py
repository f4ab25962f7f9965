"""Helpers that the chat formats share: tools and their calls, loss weights, whole conversations.

Where no call of a conversation has an id, each gets one from its place, and so do the tool turns that answer them, if
there are as many as there are calls: several calls answered in one turn do not show which answer is whose.
Arguments that are an object are written as JSON text in the order of the source.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from winnow.reading.adapter import Unusable, expect, kind_of, optional_text, own_id, rest
from winnow.reading.definitions import definitions, parsed
from winnow.reading.placing import OfTurns, labels_in, make_preference, names_of
from winnow.reading.training import kind_named, of_turn
from winnow.records.record import Message, Record, ToolCall

T = TypeVar("T")

_READ = frozenset({"mask", "inverted_mask", "weight", "reasoning", "calls", "call_id", "name"})
"""The kinds of fields that are read from any turn."""


class Told(NamedTuple):
    """What a turn tells beside its role and content."""

    reasoning: str | None = None
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None
    train: bool | None = None
    name: str | None = None


_NOTHING = Told()


def tools(value: Mapping[str, Any]) -> str | None:
    """Return the row's tool definitions as JSON text, as the source had them; an empty list is none."""
    return definitions(value.get("tools"), "tools")


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


def calls_in(raw: Any, where: str) -> tuple[ToolCall, ...]:
    """Read a field of tool calls: a list of OpenAI's ``{"id": …, "function": {"name": …, "arguments": …}}``, or of
    name and arguments alone, or one of those (``function_call``), or their JSON text.
    """
    if not raw:
        return ()
    if isinstance(raw, str):
        raw = parsed(raw, "bad_tool_call", f"the tool call of {where}")
    listed = [one if isinstance(one, dict) else {} for one in (raw if isinstance(raw, list) else [raw])]
    return tuple(_call(one if "arguments" in one else one.get("function"), one.get("id"), where) for one in listed)


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


def told(turn: Mapping[str, Any], role: str, where: str, used: frozenset[str]) -> Told:
    """Return what the fields of a turn beside the ``used`` ones tell, by whatever names they go."""
    if turn.keys() <= used:
        return _NOTHING
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, content in turn.items():
        if name not in used and (kind := of_turn(name, content)) and kind.name in _READ:
            found.setdefault(kind.name, []).append((name, content))
    if not found:
        return _NOTHING
    return Told(
        _one_text(found.get("reasoning", []), where),
        _one([calls_in(content, where) for _, content in found.get("calls", [])], "calls", where) or (),
        _one_text(found.get("call_id", []), where),
        _trained(found, role, where),
        _one_text(found.get("name", []), where),
    )


def _one(values: Sequence[T], what: str, where: str) -> T | None:
    """Return the one value of fields that say the same."""
    if any(value != values[0] for value in values):
        raise Unusable("contradiction", f"{where} has two fields for its {what}, and they differ")
    return values[0] if values else None


def _one_text(found: Sequence[tuple[str, Any]], where: str) -> str | None:
    values = [expect(content, str, f"{name} of {where}") for name, content in found]
    return _one(values, " or ".join(name for name, _ in found), where)


def _trained(found: Mapping[str, list[tuple[str, Any]]], role: str, where: str) -> bool | None:
    """Return by its masks whether a turn is trained on; None without one, and for a mask but of a reply."""
    says = []
    for kind in ("weight", "mask", "inverted_mask"):
        for name, content in found.get(kind, ()):
            if not isinstance(content, bool | int | float):
                raise Unusable("wrong_type", f"the {name} of {where} is {kind_of(content)}, not a number")
            if content not in (0, 1):
                raise Unusable("unread_field", f"the {name} of {where} is {content}; only 0 and 1 can be read")
            says.append(bool(content) != (kind == "inverted_mask"))
    train = _one(says, "loss mask", where)
    return train if train is None or role == "assistant" or train else None


def beside(turns: Iterable[dict[str, Any]], used: frozenset[str]) -> OfTurns:
    """Return the fields of turns beside the ``used`` ones and those that :func:`told` reads; empty if none has any."""
    of_turns = OfTurns(_left(turn, used) for turn in turns)
    return of_turns if any(of_turns) else OfTurns()


def _left(turn: dict[str, Any], used: frozenset[str]) -> dict[str, Any]:
    if turn.keys() <= used:
        return {}
    return {name: content for name, content in rest(turn, used).items() if not _is_read(name, content)}


def _is_read(name: str, content: Any) -> bool:
    kind = kind_named(name)
    if kind is None or kind.name not in _READ or kind.turn is None:
        return False
    return content is None or content in ("", []) or kind.turn(content)


def key_of(turn: Message) -> str:
    """Return a turn as a text that identifies it among others."""
    return f"{turn.role}\n{turn.content}\n{turn.tool_calls or ''}"


def split_system(read: list[Message], what: str) -> tuple[str | None, list[Message]]:
    """Return the prompt of a leading system turn, if any, and the other turns, of which one must be the user's."""
    system = None
    if read and read[0].role == "system":
        if read[0] != Message("system", read[0].content):
            raise Unusable(
                "unread_field",
                "the system prompt of the conversation has more than its text: a loss mask, "
                "a name, reasoning or a call",
            )
        system, read = read[0].content or None, read[1:]
    if not any(turn.role == "user" for turn in read):
        raise Unusable("no_user_turn", f"the {what} has no turn of the user")
    return system, read


def whole(read: list[Message]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns of a conversation that must have a user's turn and end with the assistant's."""
    system, read = split_system(read, "conversation")
    if read[-1].role != "assistant":
        raise Unusable("no_final_reply", f"the conversation ends with a turn of the {read[-1].role}")
    return system, numbered(read)


def system_beside(
    value: Mapping[str, Any], leading: str | None, used: frozenset[str]
) -> tuple[str | None, dict[str, Any]]:
    """Return the system prompt of a row, of its ``leading`` turn or its field ``system``, and its fields beside the
    ``used`` ones; a field that contradicts the turn is among them.
    """
    own, metadata = optional_text(value, "system"), rest(value, used | {"system"})
    if leading and own and own != leading:
        metadata["system"] = own
    return leading or own, metadata


def conversation_record(
    value: Mapping[str, Any],
    system: str | None,
    turns: list[Message],
    metadata: dict[str, Any],
    field: str,
    used: frozenset[str],
    read: Callable[[list[Any]], list[Message]],
) -> Record:
    """Return the record of a whole conversation; what its turns in ``field`` hold beside ``used`` is kept.

    ``read`` reads the turns of worse replies that stand beside it (ms-swift's ``rejected_messages``).
    """
    if of_turns := beside(value[field], used):
        metadata[field] = of_turns
    record = Record(
        messages=turns,
        key_text=(system or "", *map(key_of, turns)),
        key=own_id(value),
        system=system,
        tools=tools(value),
        metadata=metadata,
    )
    for name in names_of({"worse"}, metadata):
        if isinstance(metadata[name], list) and all(isinstance(one, dict) for one in metadata[name]):
            worse = metadata.pop(name)
            reply, prompt_turns = _worse(turns, read(worse), name)
            if of_turns := beside(worse, used):
                metadata[name] = of_turns
            make_preference(record, [reply], prompt_turns)
    return record


def _worse(turns: list[Message], other: list[Message], name: str) -> tuple[tuple[Message, ...], int]:
    """Return a worse reply and how many turns are before it; it stands alone, or in the whole conversation again."""
    other = numbered(other[1:] if other[0].role == "system" else other)
    shared = len(turns) - 1
    if other[:1] and other[0].role != "assistant":
        shared = 0
        while shared < min(len(turns), len(other)) - 1 and other[shared] in _spoken(turns[shared]):
            shared += 1
        other = other[shared:]
    if not other or {other[0].role, other[-1].role, turns[shared].role} != {"assistant"}:
        raise Unusable("no_shared_prompt", f"{name!r} is no other reply in the conversation")
    return tuple(other), shared


def _spoken(turn: Message) -> tuple[Message, Message]:
    """Return a turn with and without its loss mask, which its copy may lack."""
    return turn, turn._replace(train=None)


def looks_like(value: Mapping[str, Any], field: str, keys: set[str]) -> bool:
    """Tell whether ``field`` holds turns with these ``keys``, and the row has neither a label nor a pair of replies."""
    turns = value.get(field)
    if not (isinstance(turns, list) and turns and isinstance(turns[0], dict) and keys <= turns[0].keys()):
        return False
    return not labels_in(value) and not (value.get("chosen") and value.get("rejected"))
