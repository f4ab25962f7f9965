"""Helpers that the chat formats share: tools and their calls, loss weights, whole conversations.

Where no call of a conversation has an id, each gets one from its place, and so do the tool turns that answer them, if
there are as many as there are calls: several calls answered in one turn do not show which answer is whose.
Arguments that are an object are written as JSON text in the order of the source.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from winnow.reading.adapter import Unusable, expect, kind_of, optional_text, rest
from winnow.reading.definitions import definitions, parsed
from winnow.reading.inside import ARGUMENTS, inside
from winnow.reading.placing import OfTurns
from winnow.reading.training import kind_named, of_turn
from winnow.reading.values import written_number
from winnow.records.record import Message, ToolCall

T = TypeVar("T")

_READ = frozenset({"mask", "inverted_mask", "weight", "reasoning", "calls", "call_id", "name"})
"""The kinds of fields that are read from any turn."""


_THOUGHT = ("text", "thinking", "summary")  # where one of several thoughts holds its text


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
    arguments = next((function[name] for name in ARGUMENTS if function.get(name) is not None), "")
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
    return tuple(
        _call(one if any(key in one for key in ARGUMENTS) else one.get("function"), one.get("id"), where)
        for one in listed
    )


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
        _one_text([(name, _thoughts(name, content, where)) for name, content in found.get("reasoning", [])], where),
        _one([calls_in(content, where) for _, content in found.get("calls", [])], "calls", where) or (),
        _one_text(found.get("call_id", []), where),
        _trained(found, role, where),
        _one_text(found.get("name", []), where),
    )


def _thoughts(name: str, content: Any, where: str) -> Any:
    """Return reasoning that stands as a list of blocks (OpenRouter, LiteLLM) as one text, all else as it is."""
    if not isinstance(content, list):
        return content
    blocks = [one if isinstance(one, dict) else {} for one in content]
    texts = [next((one[key] for key in _THOUGHT if isinstance(one.get(key), str)), None) for one in blocks]
    if None in texts:
        raise Unusable("unread_field", f"{name!r} of {where} holds a block that is no text, which is not read here")
    return "\n".join(filter(None, texts))


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
        for name, raw in found.get(kind, ()):
            content = _switched(raw)
            if not isinstance(content, bool | int | float):
                raise Unusable("wrong_type", f"the {name} of {where} is {kind_of(content)}, not a number")
            if content not in (0, 1):
                raise Unusable("unread_field", f"{name!r} of {where} is {content}; only 0 and 1 can be read")
            says.append(bool(content) != (kind == "inverted_mask"))
    train = _one(says, "loss mask", where)
    return train if train is None or role == "assistant" or train else None


def _switched(content: Any) -> Any:
    """Return a mask or weight that stands as text as what it says.

    >>> _switched("False"), _switched("no"), _switched("0.0"), _switched("half")
    (False, False, 0.0, 'half')
    """
    if not isinstance(content, str):
        return content
    says = {"true": True, "yes": True, "false": False, "no": False}.get(content.strip().lower())
    number = written_number(content) if says is None else None
    return says if says is not None else content if number is None else number


def beside(turns: Iterable[dict[str, Any]], used: frozenset[str]) -> OfTurns:
    """Return the fields of turns beside the ``used`` ones and those that :func:`told` reads; empty if none has any."""
    of_turns = OfTurns(_left(turn, used) for turn in turns)
    return of_turns if any(of_turns) else OfTurns()


def _left(turn: dict[str, Any], used: frozenset[str]) -> dict[str, Any]:
    inner = inside(turn)
    if turn.keys() <= used:
        return inner
    return {name: content for name, content in rest(turn, used).items() if not _is_read(name, content)} | inner


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
            raise Unusable("unread_field", f"the system turn of the {what} has a mask, a name, reasoning or a call too")
        system, read = read[0].content or None, read[1:]
    if not any(turn.role == "user" for turn in read):
        raise Unusable("no_user_turn", f"the {what} has no turn of the user")
    return system, read


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
