"""Stanford Alpaca: ``instruction``, ``input``, ``output``; with LLaMA-Factory's ``system`` and ``history``.

``response`` is read where ``output`` is missing (GPTeacher). An ``output`` that is a list of replies, best first, is
LLaMA-Factory's ranking layout and becomes a preference row.
"""

from typing import Any

from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    expect,
    optional_text,
    own_id,
    per_unit,
    rest,
    share,
    text,
    texts,
)
from winnow.records.record import Message, Record, Rejected

_USED = frozenset({"id", "instruction", "input", "system", "history"})


def pairs(listed: list[Any], name: str) -> list[Message]:
    """Return the turns of pairs of question and answer that stand in the field ``name``."""
    turns: list[Message] = []
    for one in listed:
        if not (isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)):
            raise Unusable("wrong_type", f"{name!r} holds something else than pairs of texts")
        turns += [Message("user", one[0]), Message("assistant", one[1])]
    return turns


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one Alpaca row; ``input`` is kept apart as the row's context."""
    reply = "output" if "output" in value or "response" not in value else "response"
    instruction, context = text(value, "instruction"), optional_text(value, "input")
    system, history = (
        optional_text(value, "system"),
        pairs(expect(value.get("history") or [], list, "'history'"), "history"),
    )
    prompt = [*history, Message("user", instruction)]
    replies = texts(value, reply)
    rejected = [Rejected((Message("assistant", one),), rank) for rank, one in enumerate(replies[1:], 1)] or None
    return Record(
        messages=[*prompt, Message("assistant", replies[0])],
        key_text=(instruction, context or "", *replies, system or "", *(turn.content for turn in history)),
        key=own_id(value),
        kind="preference" if rejected else "sft",
        system=system,
        context=context,
        prompt_turns=len(prompt),
        rejected=rejected,
        metadata=rest(value, _USED | {reply}),
    )


def _looks_like(value: dict[str, Any]) -> bool:
    return "instruction" in value and ("output" in value or "response" in value) and "context" not in value


ADAPTER = Adapter(
    summary="Stanford Alpaca and its kin: instruction, input, output (system, history)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
