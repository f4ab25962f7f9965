"""The one reader of chat turns, whatever the column is called and whatever the keys of a turn are.

The tables of :mod:`winnow.reading.names` have the columns, the speakers and the keys; any goes with any other. A turn
may also hold a whole exchange (``input`` and ``output``), be a pair of texts, or be a text alone: then the user and the
assistant take turns. A layout is known by these values and never by the name of a file.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from winnow.reading.adapter import Unusable, expect, kind_of
from winnow.reading.cells import unpacked
from winnow.reading.chat import Told, calls, told
from winnow.reading.names import (
    CALLS,
    COLUMNS,
    CONTENT_KEYS,
    OF_TEXTS,
    ROLE_KEYS,
    exchange_keys,
    first_of,
    is_turn,
    role_of,
)
from winnow.reading.parts import Said, said
from winnow.records.record import Message

_PLACE = re.compile(r"turn_[0-9]{1,6}")
_MARK = re.compile(r"\s*<\|[A-Za-z ]{1,20}\|>:[ ]?")
_END = re.compile(r"<eo[hamtcr]>\Z")
_THOUGHT = re.compile(r"<think>\n?(.*?)\n?</think>\s*", re.DOTALL)


def is_list_of_turns(value: Any) -> bool:
    """Tell whether a value is a list whose first element is a turn: a conversation without a column."""
    return isinstance(value, list) and bool(value) and is_turn(value[0])


def _is_conversation(listed: Any, name: str) -> bool:
    if not isinstance(listed, list) or not listed:
        return False
    first = listed[0]
    if isinstance(first, dict):
        pair = name != "data" and "instruction" not in first and exchange_keys(first) is not None
        return is_turn(first) or (pair and first_of(first, ROLE_KEYS) is None)
    if isinstance(first, list):
        return len(first) == 2 and all(isinstance(one, str) for one in first)
    return isinstance(first, str) and name in OF_TEXTS and len(listed) > 1


def column_of(value: Mapping[str, Any]) -> str | None:
    """Return the column that holds a conversation, by what it holds; None where there is none."""
    for name in COLUMNS:
        if value.get(name) is not None and _is_conversation(quietly(value[name], name), name):
            return name
    return None


def quietly(held: Any, name: str) -> Any:
    """Return what :func:`listed` does, None for a cell that cannot be read."""
    try:
        return listed(held, name)
    except Unusable:
        return None


def conversation(value: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the column of a conversation and its turns as the source has them."""
    name = column_of(value) or next((name for name in COLUMNS if value.get(name) is not None), None)
    if name is None:
        raise Unusable("missing_field", f"there is no conversation: none of {', '.join(COLUMNS)}")
    return name, expect(listed(value[name], name), list, repr(name))


def listed(held: Any, name: str) -> Any:
    """Return the turns of a cell as a list: JSON text is decoded, columns of turns (HF ``Sequence``) are turned."""
    held = unpacked(held, name) if isinstance(held, str) else held
    if isinstance(held, dict) and held and all(_PLACE.fullmatch(key) for key in held):  # MOSS: turn_1, turn_2, …
        return [held[key] for key in sorted(held, key=lambda key: (len(key), key))]
    if isinstance(held, dict) and held and all(isinstance(column, list) for column in held.values()):
        if len({len(column) for column in held.values()}) != 1:
            raise Unusable("wrong_type", f"the columns of {name!r} are not of one length")
        held = [dict(zip(held, row, strict=True)) for row in zip(*held.values(), strict=True)]
    return held


def read(turns: Sequence[Any]) -> list[Message]:
    """Read every turn of a conversation, a leading system turn included."""
    if turns and all(isinstance(one, str) for one in turns):
        return [Message(("user", "assistant")[number % 2], text) for number, text in enumerate(turns)]
    return [message for number, one in enumerate(turns, 1) for message in turn(one, number)]


def turn(value: Any, number: int) -> list[Message]:
    """Read one turn, most often to one message; ``number`` counts from 1 and names a turn that cannot be read."""
    where = f"turn {number}"
    if isinstance(value, list):
        return _pair(value, where)
    fields = expect(value, dict, where)
    key = first_of(fields, ROLE_KEYS)
    if key is None:
        return _exchange(fields, where)
    speaker = fields[key]
    role = role_of(speaker)
    if role is None:
        raise Unusable("unknown_role", f"{where} is from {speaker!r}, no speaker that is known (docs/sources.md)")
    said_in = first_of(fields, CONTENT_KEYS)
    more = told(fields, role, where, frozenset({key, said_in or key}))
    if speaker in CALLS:
        if more.calls:
            raise Unusable("contradiction", f"{where} has two fields for its calls")
        thought, call = _thought(fields.get(said_in or ""))
        if thought and more.reasoning:
            raise Unusable("contradiction", f"{where} has its reasoning both in its text and in a field")
        called = calls(call, where)
        return [Message("assistant", "", more.reasoning or thought, called, more.call_id, more.train, more.name)]
    return _messages(fields, said_in, role, where, more)


def _thought(content: Any) -> tuple[str | None, Any]:
    """Return the reasoning that LLaMA-Factory writes before the JSON of a call, and that JSON."""
    found = _THOUGHT.match(content) if isinstance(content, str) else None
    return (found[1], content[found.end() :]) if found else (None, content)


def _messages(fields: dict[str, Any], said_in: str | None, role: str, where: str, more: Told) -> list[Message]:
    content = _content(fields, said_in, where, bool(more.calls))
    called = content.calls + more.calls
    if content.reasoning and more.reasoning:
        raise Unusable("wrong_type", f"{where} has its reasoning both in a part and in a field")
    if called and role != "assistant":
        raise Unusable("bad_tool_call", f"{where} calls a tool and is a turn of the {role}")
    answers = [Message("tool", text, tool_call_id=identity) for identity, text in content.answers]
    if answers and not (content.text or called or content.reasoning):
        if more != Told():
            raise Unusable("unread_field", f"{where} is made of answers of tools, and has reasoning, a mask or a name")
        return answers
    reasoning = more.reasoning or content.reasoning
    return [*answers, Message(role, content.text, reasoning, called or None, more.call_id, more.train, more.name)]


def _content(fields: dict[str, Any], said_in: str | None, where: str, calling: bool) -> Said:
    content = fields[said_in] if said_in else None
    if isinstance(content, str):
        return Said(content)
    if content is None and calling:
        return Said("")
    if said_in is None:
        raise Unusable("missing_field", f"{where} has no content: none of {', '.join(CONTENT_KEYS)}")
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"the content of {where} is {kind_of(content)}, not text")
    return said(content, where)


def _exchange(fields: dict[str, Any], where: str) -> list[Message]:
    """Read a turn that holds what the user says and the reply to it; a reply that is null is not there yet."""
    keys = exchange_keys(fields)
    if keys is None:
        raise Unusable("missing_field", f"{where} says not whose it is: there is none of {', '.join(ROLE_KEYS)}")
    asks, answers = keys
    if answers == "MOSS":
        fields = _moss(fields, where)
    said_by = [Message("user", expect(fields[asks], str, f"{asks!r} of {where}"))]
    if isinstance(fields.get("system"), str) and fields["system"]:
        said_by.insert(0, Message("system", fields["system"]))
    if fields[answers] is not None:
        reply = expect(fields[answers], str, f"{answers!r} of {where}")
        more = told(fields, "assistant", where, frozenset({asks, answers, "system"}))
        said_by.append(
            Message("assistant", reply, more.reasoning, more.calls or None, more.call_id, more.train, more.name)
        )
    return said_by


def _bare(text: str) -> str:
    """Return a text of MOSS without the mark that opens it and the one that closes it."""
    opening, whole = _MARK.match(text), text.rstrip()
    start = opening.end() if opening else 0
    closing = _END.search(whole, max(len(whole) - 5, start))
    return text[start:] if closing is None else whole[start : closing.start()].rstrip()


def _moss(fields: dict[str, Any], where: str) -> dict[str, Any]:
    """Return a turn of MOSS without its marks, and without its fields that say ``None``; others cannot be read."""
    bare = {name: _bare(text) if isinstance(text, str) else text for name, text in fields.items()}
    if more := [name for name in bare if name not in ("Human", "MOSS") and bare[name] not in ("None", "", None)]:
        raise Unusable("unread_field", f"{where} has {more[0]!r}, which is not read here")
    return {name: bare[name] for name in ("Human", "MOSS") if name in bare}


def _pair(value: list[Any], where: str) -> list[Message]:
    if len(value) != 2 or not all(isinstance(one, str) for one in value):
        raise Unusable("wrong_type", f"{where} is a list of something else than a pair of texts")
    return [Message("user", value[0]), Message("assistant", value[1])]


def used_of(turns: Sequence[Any]) -> frozenset[str]:
    """Return the keys of turns that :func:`read` uses, by the first of them."""
    first = turns[0] if turns and isinstance(turns[0], dict) else {}
    if (role := first_of(first, ROLE_KEYS)) is not None:
        return frozenset({role, first_of(first, CONTENT_KEYS) or role})
    return frozenset({*(exchange_keys(first) or ()), "system"})


def history(held: Any, name: str) -> list[Message]:
    """Read the exchanges before a prompt: pairs of texts, or turns of any layout; nothing is none of them.

    >>> [turn.role for turn in history([["Hi", "Hello"]], "history")]
    ['user', 'assistant']
    """
    if held is None or held in ("", []):
        return []
    before = listed(held, name)
    if not isinstance(before, list) or (before and isinstance(before[0], str)):
        raise Unusable("wrong_type", f"{name!r} holds something else than pairs of texts or turns")
    return read(before)
