"""A whole conversation in one text: ChatML, Llama, Gemma, ``### Human:``, Alpaca's template, ``Human:``/``Assistant:``.

:mod:`winnow.reading.marks` has the table of templates. The text must begin with a mark (some templates put the system
prompt before it) and its speakers must take turns; anything else is quarantined.
"""

from typing import Any

from winnow.reading import marks, order, templates
from winnow.reading.adapter import Adapter, Options, Unusable, own_id, per_unit, rest, share, text
from winnow.records.record import Record
from winnow.sources import glaive

COLUMNS = (
    *("text", "conversation", "conversations", "chat", "dialogue", "dialog", "messages", "formatted_text"),
    *("plain_text", "sample", "prompt", "input", "content"),
)
"""Columns that hold such a text."""
_REPLIES = (
    *("output", "outputs", "response", "responses", "completion", "completions", "answer", "answers", "target"),
    *("targets", "reply", "chosen", "rejected", "instruction", "question", "label"),
)
"""Columns beside which a text is not the whole of a row."""


def _column(value: dict[str, Any]) -> str | None:
    if any(value.get(name) is not None for name in _REPLIES):
        return None
    return next((name for name in COLUMNS if isinstance(value.get(name), str) and value[name]), None)


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one transcript; the template's name goes into the metadata."""
    name = next((name for name in COLUMNS if value.get(name) is not None), COLUMNS[0])
    whole = text(value, name)
    read = templates.transcript(whole)
    if read is None:
        templates.prompt(whole, name)  # raises for marks of a template that make no turns
        raise Unusable("not_a_transcript", f"{name!r} is no transcript that begins with a mark of a known template")
    conversation = order.settled(read.turns, options)
    return Record(
        messages=conversation.turns,
        key_text=(whole,),
        key=own_id(value),
        system=read.system,
        context=read.context,
        metadata=rest(value, frozenset({"id", name})) | {"turns_template": read.template.name, **conversation.notes},
    )


def _looks_like(value: dict[str, Any]) -> bool:
    name = _column(value)
    if name is None or glaive.is_own(value):
        return False
    read = templates.transcript(value[name])
    if read is None:
        return name == COLUMNS[0] and marks.may_carry(value[name]) and templates.carries(value[name])
    return name not in ("prompt", "input", "content") or not read.open


ADAPTER = Adapter(
    summary="a conversation in one text: ChatML, Llama, ### Human:, Alpaca's template, Human: and Assistant:, …",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    options=order.OPTIONS,
)
