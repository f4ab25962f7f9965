"""A row that is one whole conversation, in any chat layout: what the adapters ``messages`` and ``sharegpt`` do.

The conversation is a column of turns, the row itself (a JSON array a line), or TRL's ``prompt`` and ``completion``
without a label. Magpie repeats the conversation as ``instruction`` and ``response``: what is said twice must be said
alike.
"""

from collections.abc import Mapping
from typing import Any

from winnow.reading import marks, templates, turns
from winnow.reading.adapter import Options, Unusable, own_id
from winnow.reading.chat import beside, key_of, numbered, system_beside, tools
from winnow.reading.names import COLUMNS
from winnow.reading.order import settled
from winnow.reading.parts import plain
from winnow.reading.placing import is_release, labels_in, make_preference, names_of
from winnow.reading.training import kind_named
from winnow.records.record import Message, Record

_REPEATED = ("instruction", "response", "output")
_SPLITS = (("prompt", "completion"), ("prompt", "response"), ("input", "output"))


def record_of(value: Any, options: Options, *, strict: bool = False) -> Record:
    """Read one conversation; a leading system turn overrides the field ``system``, as in LLaMA-Factory.

    ``strict`` is that of :func:`~winnow.reading.order.settled`.
    """
    if isinstance(value, list):
        value = {COLUMNS[0]: value}
    value = _with_plain_system(value)
    names, listed = _turns_of(value)
    conversation = settled(turns.read(listed), options, strict)
    _check_repeated(value, conversation.source)
    _check_plain(conversation.turns)
    system, metadata = system_beside(value, conversation.system, frozenset({"id", "tools", *names}))
    used = turns.used_of(listed)
    if of_turns := beside((one for one in listed if isinstance(one, dict)), used):
        metadata[names[0]] = of_turns
    record = Record(
        messages=conversation.turns,
        key_text=(system or "", *map(key_of, conversation.source)),
        key=own_id(value),
        system=system,
        tools=tools(value),
        metadata=metadata | conversation.notes,
    )
    _read_worse(record, used)
    return record


def _with_plain_system(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose system prompt, where it is made of parts (Gemini, Anthropic), is text."""
    of_parts = {
        name: content
        for name, content in value.items()
        if isinstance(content, dict | list) and content and (kind := kind_named(name)) and kind.name == "system"
    }
    return {**value, **{name: plain(content, repr(name)) for name, content in of_parts.items()}} if of_parts else value


def _read_worse(record: Record, used: frozenset[str]) -> None:
    """Read the turns of worse replies that stand beside the conversation (ms-swift's ``rejected_messages``)."""
    for name in names_of({"worse"}, record.metadata):
        if isinstance(record.metadata[name], list) and all(isinstance(one, dict) for one in record.metadata[name]):
            worse = record.metadata.pop(name)
            reply, prompt_turns = _worse(record.messages, turns.read(worse), name)
            if of_turns := beside(worse, used):
                record.metadata[name] = of_turns
            make_preference(record, [reply], prompt_turns)


def _worse(whole: list[Message], other: list[Message], name: str) -> tuple[tuple[Message, ...], int]:
    """Return a worse reply and how many turns are before it; it stands alone, or in the whole conversation again."""
    other = numbered(other[1:] if other and other[0].role == "system" else other)
    shared = len(whole) - 1
    if other and other[0].role != "assistant":
        shared = 0
        while shared < min(len(whole), len(other)) - 1 and other[shared] in _spoken(whole[shared]):
            shared += 1
        other = other[shared:]
    if not other or {other[0].role, other[-1].role, whole[shared].role} != {"assistant"}:
        raise Unusable("no_shared_prompt", f"{name!r} is no other reply in the conversation")
    return tuple(other), shared


def _spoken(turn: Message) -> tuple[Message, Message]:
    """Return a turn with and without its loss mask, which its copy may lack."""
    return turn, turn._replace(train=None)


def _turns_of(value: Mapping[str, Any]) -> tuple[tuple[str, ...], list[Any]]:
    """Return the columns of the conversation and its turns."""
    if turns.column_of(value) is None and (split := split_of(value)):
        sides = [turns.listed(value[name], name) for name in split]
        return split, [one for side in sides for one in _as_turns(side)]
    name, listed = turns.conversation(value)
    return (name,), listed


def split_of(value: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the columns of a prompt that is a list of turns and of the reply to it, turns or a text; else None."""
    for asks, answers in _SPLITS:
        prompt, reply = (turns.quietly(value.get(name), name) for name in (asks, answers))
        if turns.is_list_of_turns(prompt) and reply and turns.is_list_of_turns(_as_turns(reply)):
            return asks, answers
    return None


def _as_turns(side: Any) -> list[Any]:
    """Return a prompt or a reply as a list of turns; a text is what the assistant says."""
    if isinstance(side, str):
        return [{"role": "assistant", "content": side}]
    return side if isinstance(side, list) else [side]


def _check_repeated(value: Mapping[str, Any], read: list[Message]) -> None:
    """Raise unless an instruction and a reply beside the conversation are turns of it."""
    if not isinstance(value.get(_REPEATED[0]), str) or not value[_REPEATED[0]].strip():
        return
    repeated = {value[name].strip() for name in _REPEATED if isinstance(value.get(name), str)}
    if not repeated <= {one.content.strip() for one in read}:
        raise Unusable("two_conversations", "'instruction' beside the conversation, or its reply, is no turn of it")


def _check_plain(read: list[Message]) -> None:
    """Raise where a turn of the user is a chat template itself: rendered, it would be one inside another."""
    for number, turn in enumerate(read, 1):
        if turn.role == "user" and marks.may_carry(turn.content):
            carried = templates.prompt(turn.content, f"turn {number}")
            if carried and carried.template.special:
                raise Unusable("chat_template", f"turn {number} carries the chat template {carried.template.name}")


def looks_like(value: Any) -> str | None:
    """Return the column of the conversation of a row that has neither a label nor a pair of replies; else None."""
    if turns.is_list_of_turns(value):
        return COLUMNS[0]
    if not isinstance(value, dict) or not _is_plain(value):
        return None
    return turns.column_of(value) or next(iter(split_of(value) or ()), None)


def _is_plain(value: Mapping[str, Any]) -> bool:
    return not labels_in(value) and not is_release(value) and not (value.get("chosen") and value.get("rejected"))
