"""ShareGPT: ``conversations`` of ``from`` and ``value``, with LLaMA-Factory's tool calls, ``system`` and ``tools``.

The speakers must take turns: human or tool, then gpt or function_call, the last word to the latter. LLaMA-Factory
passes over what breaks this with a warning, FastChat cuts it; here it is quarantined. A ``function_call`` holds the
call as JSON text; its ``observation`` becomes a tool turn. Calls that a gpt turn holds as text (``<tool_call>``) stay
text.
"""

from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, expect, per_unit, required, share
from winnow.reading.chat import calls, conversation_record, looks_like, system_beside, told, whole
from winnow.records.record import Message, Record

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "function_call": "assistant",
    "observation": "tool",
    "tool": "tool",
    "system": "system",
}
_USED = frozenset({"id", "conversations", "tools"})
USED_OF_TURN = frozenset({"from", "value"})


def turn(value: Any, number: int) -> Message:
    """Read one turn; ``number`` counts from 1 and is part of the sentence about a turn that cannot be read."""
    where = f"turn {number}"
    fields = expect(value, dict, where)
    for name in ("from", "value"):
        if name not in fields:
            raise Unusable("missing_field", f"{where} has no {name!r}")
    speaker = fields["from"]
    if not isinstance(speaker, str) or speaker not in ROLES:
        raise Unusable("unknown_role", f"{where} is from {speaker!r}; known are {', '.join(ROLES)}")
    content = expect(fields["value"], str, f"'value' of {where}")
    more = told(fields, ROLES[speaker], where, USED_OF_TURN)
    if speaker == "function_call" and more.calls:
        raise Unusable("contradiction", f"{where} has two fields for its calls")
    called = calls(content, where) if speaker == "function_call" else more.calls
    if called and ROLES[speaker] != "assistant":
        raise Unusable("bad_tool_call", f"{where} calls a tool and is from {speaker!r}")
    said = "" if speaker == "function_call" else content
    return Message(ROLES[speaker], said, more.reasoning, called or None, more.call_id, more.train, more.name)


def alternate(turns: list[Message]) -> None:
    """Raise :class:`Unusable` unless the speakers take turns; parallel calls may be answered in as many tool turns."""
    before, unanswered = "assistant", 0
    for number, one in enumerate(turns, 1):
        if one.role == "assistant":
            fits, unanswered = before in ("user", "tool"), len(one.tool_calls or ())
        elif one.role == "tool":
            fits = number > 1 and (before == "assistant" or (before == "tool" and unanswered > 0))
            unanswered -= 1
        else:
            fits = one.role == "user" and before == "assistant"
        if not fits:
            after = f"after one of the {before}" if number > 1 else "at the start"
            raise Unusable(
                "wrong_order", f"a turn of the {one.role} stands {after} (turn {number} of the conversation)"
            )
        before = one.role


def turns_in(listed: list[Any]) -> list[Message]:
    """Read a list of turns, a leading system turn included."""
    return [turn(one, number) for number, one in enumerate(listed, 1)]


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one conversation; a leading system turn overrides the field ``system``, as in LLaMA-Factory."""
    leading, turns = whole(turns_in(required(value, "conversations", list)))
    alternate(turns)
    system, metadata = system_beside(value, leading, _USED)
    return conversation_record(value, system, turns, metadata, "conversations", USED_OF_TURN, turns_in)


ADAPTER = Adapter(
    summary="ShareGPT: conversations of from and value; function_call, observation, system, tools",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda value: looks_like(value, "conversations", {"from", "value"})),
)
