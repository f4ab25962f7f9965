"""KTO: one reply and whether it was liked: ``label`` (LLaMA-Factory's documents: ``kto_tag``), true or false.

The register of :mod:`winnow.reading.training` knows more names of it, ``thumbs_up`` and ``disliked`` among them.

The reply ends a conversation (``messages`` or ``conversations``), is ``completion`` beside its ``prompt`` (TRL), or is
Alpaca's ``output``. Only true and false are labels: in numbers, 0 is "bad" here and "unlabelled" there.
"""

from collections.abc import Mapping
from typing import Any

from winnow.reading import chat
from winnow.reading.adapter import Adapter, Options, Unusable, expect, own_id, per_unit, required, share
from winnow.reading.placing import labels_in
from winnow.reading.training import kind_named
from winnow.records.record import Message, Record
from winnow.sources import alpaca, sharegpt
from winnow.sources.preference import check_reply, of_turns, prompt_of, turns


def _label(value: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the field with the label, and whether the reply was liked."""
    if names := labels_in(value):
        kind = kind_named(names[0])
        return names[0], value[names[0]] != (kind is not None and kind.name == "disliked")
    name = next((name for name in ("label", "kto_tag") if value.get(name) is not None), None)
    if name is None:
        raise Unusable("no_label", "there is no 'label': whether the reply was liked is not said")
    return name, expect(value[name], bool, repr(name))


def _conversation(value: dict[str, Any]) -> tuple[str | None, list[Message], int, set[str]]:
    """Return system prompt, turns, how many of them are the prompt, and the fields that they were read from."""
    if value.get("completion") is not None:
        if value.get("prompt") is None:
            raise Unusable("missing_field", "there is no 'prompt' to the 'completion'")
        system, prompt = prompt_of(turns(value["prompt"], "prompt", "user"))
        reply = turns(value["completion"], "completion", "assistant")
        check_reply(reply, "completion")
        return system, chat.numbered([*prompt, *reply]), len(prompt), {"prompt", "completion"}
    name = next((name for name in ("messages", "conversations") if value.get(name) is not None), None)
    if name is None:
        raise Unusable("missing_field", "there is neither 'messages' nor 'conversations' nor 'completion'")
    system, read = chat.whole(turns(required(value, name, list), name, "user"))
    if name == "conversations":
        sharegpt.alternate(read)
    return system, read, len(read) - 1, {name}


def _chat(value: dict[str, Any]) -> Record:
    system, read, prompt_turns, used = _conversation(value)
    system, metadata = chat.system_beside(value, system, frozenset({"id", "tools", *used}))
    return Record(
        messages=read,
        key_text=(system or "", *map(chat.key_of, read)),
        key=own_id(value),
        system=system,
        prompt_turns=prompt_turns,
        tools=chat.tools(value),
        metadata=metadata | of_turns(value, used),
    )


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one labelled reply."""
    name, label = _label(value)
    in_alpaca = isinstance(value.get("instruction"), str) and isinstance(value.get("output"), str)
    record = alpaca.convert(value, options) if in_alpaca else _chat(value)
    del record.metadata[name]
    record.kind, record.label = "feedback", label
    record.key_text = (*record.key_text, "liked" if label else "disliked")
    return record


def _looks_like(value: dict[str, Any]) -> bool:
    if not labels_in(value):
        return False
    in_turns = any(isinstance(value.get(name), list) and value[name] for name in ("messages", "conversations"))
    apart = all(isinstance(value.get(name), str | list) for name in ("prompt", "completion"))
    return (in_turns or apart) and not (value.get("chosen") and value.get("rejected"))


ADAPTER = Adapter(
    summary="KTO: a conversation (or prompt and completion) with a label true or false",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
