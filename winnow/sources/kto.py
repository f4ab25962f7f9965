"""KTO: one reply and whether it was liked: ``label`` (LLaMA-Factory's documents: ``kto_tag``), true or false.

The register of :mod:`winnow.reading.training` knows more names of it, ``thumbs_up`` and ``disliked`` among them.

The reply ends a conversation (``messages`` or ``conversations``), is ``completion`` beside its ``prompt`` (TRL), or is
Alpaca's ``output``. Only true and false are labels, as words too (a cell of CSV): in numbers, 0 is "bad" here and
"unlabelled" there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from winnow.reading import chat, order, templates
from winnow.reading import turns as layouts
from winnow.reading.adapter import Adapter, Options, Unusable, expect, optional_text, own_id, per_unit, share
from winnow.reading.placing import is_release, labels_in
from winnow.reading.sides import after_history, check_reply, of_turns, prompt_of, turns
from winnow.reading.training import kind_named
from winnow.reading.values import truth
from winnow.records.record import Message, Record
from winnow.sources import alpaca

_REPLIES = ("completion", "response")


def _label(value: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the field with the label, and whether the reply was liked."""
    if names := labels_in(value):
        kind = kind_named(names[0])
        return names[0], truth(value[names[0]]) != (kind is not None and kind.name == "disliked")
    name = next((name for name in ("label", "kto_tag") if value.get(name) is not None), None)
    if name is None:
        raise Unusable("no_label", "there is no 'label': whether the reply was liked is not said")
    return name, expect(value[name], bool, repr(name))


class _Read(NamedTuple):
    """System prompt, turns as the source has them and as they are used, how many are the prompt, fields, notes."""

    system: str | None
    source: list[Message]
    turns: list[Message]
    prompt_turns: int
    used: set[str]
    notes: Mapping[str, Any]


def _apart(value: dict[str, Any], name: str, options: Options) -> _Read:
    """Read a ``prompt`` and the reply to it in the field ``name``."""
    asked, answer = value.get("prompt"), value[name]
    if asked is None:
        raise Unusable("missing_field", f"there is no 'prompt' to the {name!r}")
    carried = templates.prompt(asked, "prompt") if isinstance(asked, str) else None
    if carried and isinstance(answer, str):
        answer = templates.reply(answer, carried, name)
    before = turns(asked, "prompt", "user")
    system, source = prompt_of(before if carried else after_history(value, before))
    prompt, notes = order.prompt_in_order(source, options)
    reply = turns(answer, name, "assistant")
    check_reply(reply, name)
    used = chat.numbered([*prompt, *reply])
    said = [*source, *used[len(prompt) :]]
    if carried:
        notes["turns_template"] = carried.template.name
        said = [Message("user", asked), Message("assistant", str(value[name]))]
    return _Read(system, said, used, len(prompt), {"prompt", name, *(() if carried else ("history",))}, notes)


def _conversation(value: dict[str, Any], options: Options) -> _Read:
    if name := next((name for name in _REPLIES if value.get(name) is not None), None):
        return _apart(value, name, options)
    name, listed = layouts.conversation(value)
    system, source, used, notes = order.settled(turns(listed, name, "user"), options, strict=name == "conversations")
    return _Read(system, source, used, len(used) - 1, {name}, notes)


def _chat(value: dict[str, Any], options: Options) -> Record:
    read = _conversation(value, options)
    system, metadata = chat.system_beside(value, read.system, frozenset({"id", "tools", *read.used}))
    head = optional_text(value, "system") if "turns_template" in read.notes else system
    return Record(
        messages=read.turns,
        key_text=(head or "", *map(chat.key_of, read.source)),
        key=own_id(value),
        system=system,
        prompt_turns=read.prompt_turns,
        tools=chat.tools(value),
        metadata=metadata | dict(read.notes) | of_turns(value, read.used),
    )


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one labelled reply."""
    name, label = _label(value)
    in_alpaca = isinstance(value.get("instruction"), str) and isinstance(value.get("output"), str)
    record = alpaca.convert(value, options) if in_alpaca else _chat(value, options)
    del record.metadata[name]
    record.kind, record.label = "feedback", label
    record.key_text = (*record.key_text, "liked" if label else "disliked")
    return record


def _looks_like(value: dict[str, Any]) -> bool:
    if not labels_in(value) or is_release(value):
        return False
    apart = value.get("prompt") and any(isinstance(value.get(name), str | list) for name in _REPLIES)
    return bool(apart or layouts.column_of(value)) and not (value.get("chosen") and value.get("rejected"))


ADAPTER = Adapter(
    summary="KTO: a conversation (or prompt and completion) with a label true or false",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    options=order.OPTIONS,
)
