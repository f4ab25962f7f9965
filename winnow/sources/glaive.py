"""Glaive function calling: ``system`` names the tools, ``chat`` is a transcript with ``<functioncall>``.

Version 1 has both in one text, ``sample``. The speakers are ``USER``, ``ASSISTANT`` and ``FUNCTION RESPONSE``. The
tools are the JSON objects at the end of the system prompt; its words stay the system prompt. A call's arguments are
JSON in single quotes, which no JSON has: they are what stands between them.
"""

import json
import re
from typing import Any

from winnow.reading import order, templates
from winnow.reading.adapter import Adapter, Options, Unusable, optional_text, own_id, per_unit, rest, share, text
from winnow.reading.chat import key_of
from winnow.reading.jsonvalue import RefusedJSON, decode
from winnow.records.record import Message, Record, ToolCall, canonical_json

_CALL = "<functioncall>"
_ARGUMENTS = re.compile(
    r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*(?:,\s*"arguments"\s*:\s*(?:\'(.*)\'|(\{.*\}))\s*)?\}\s*', re.DOTALL
)
_USER = re.compile(r"^[^\S\n]*USER:", re.MULTILINE)


def _tools(prompt: str) -> tuple[str, list[Any]]:
    """Return the words of the system prompt and the objects after them."""
    prompt = prompt.removeprefix("SYSTEM:").strip()
    start = prompt.find("\n{")
    if start < 0:
        return prompt, []
    listed, at = [], start + 1
    while at < len(prompt):
        try:
            tool, at = decode(prompt, at)
        except (RefusedJSON, json.JSONDecodeError) as error:
            raise Unusable("bad_tools", f"the tools of the system prompt are no JSON ({error})") from None
        listed.append(tool)
        while at < len(prompt) and prompt[at] in " \t\r\n,":
            at += 1
    return prompt[:start].rstrip(), listed


def _apart(sample: str) -> tuple[str, str]:
    """Return the prompt of a sample and its chat, which begins with the line break before the user's first word."""
    user = _USER.search(sample)
    if user is None:
        return "", sample
    before = sample[: user.start()]
    bare = before.rstrip()
    start = len(bare) + max(before[len(bare) :].find("\n"), 0) if bare else 0
    return sample[:start], sample[start:]


def _name(quoted: str) -> str:
    """Return the name that a JSON string is, which may hold line breaks; half a character is :class:`Unusable`."""
    try:
        name: str = json.loads(quoted, strict=False)
        name.encode()
    except ValueError as error:
        raise Unusable("bad_tool_call", f"the name of a call cannot be read ({error})") from None
    return name


def _called(turn: Message) -> Message:
    """Return a turn with the call that stands in its text."""
    said, mark, call = turn.content.partition(_CALL)
    if not mark or turn.role != "assistant":
        return turn
    read = _ARGUMENTS.fullmatch(call)
    if read is None:
        raise Unusable("bad_tool_call", f"what follows {_CALL} is not a name and arguments: {call.strip()[:60]!r}")
    name, quoted, plain = read.groups()
    arguments = quoted.replace("\\'", "'") if quoted is not None else plain or ""
    return Message("assistant", said.rstrip(), tool_calls=(ToolCall(None, _name(name), arguments),))


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one conversation."""
    chat, prompt = value.get("chat"), optional_text(value, "system") or ""
    used = frozenset({"id", "sample"} if chat is None else {"id", "system", "chat"})
    if chat is None:
        whole = text(value, "sample")
        prompt, chat = _apart(whole)
    chat = text({"chat": chat}, "chat")
    read = templates.transcript(chat)
    if read is None:
        raise Unusable("not_a_transcript", "the chat is no transcript of USER, ASSISTANT and FUNCTION RESPONSE")
    system, tools = _tools(prompt)
    conversation = order.settled([_called(turn) for turn in read.turns], options)
    return Record(
        messages=conversation.turns,
        key_text=(prompt, *map(key_of, conversation.source)),
        key=own_id(value),
        system=system or None,
        tools=canonical_json(tools) if tools else None,
        metadata=rest(value, used) | conversation.notes,
    )


def is_own(value: dict[str, Any]) -> bool:
    """Tell whether a row is of one of these layouts."""
    chat = value.get("chat") if isinstance(value.get("system"), str) else value.get("sample")
    return isinstance(chat, str) and _USER.search(chat) is not None and "ASSISTANT:" in chat


ADAPTER = Adapter(
    summary="Glaive function calling: system with tools, chat of USER, ASSISTANT and FUNCTION RESPONSE",
    read=per_unit(convert),
    sniff=lambda values: share(values, is_own),
    options=order.OPTIONS,
)
