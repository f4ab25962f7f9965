"""Stanford Alpaca: ``instruction``, ``input``, ``output``; with LLaMA-Factory's ``system`` and ``history``.

``response`` is read where ``output`` is missing (GPTeacher), and ``query`` where ``instruction`` is (ms-swift). An
``output`` that is a list of replies, best first, is LLaMA-Factory's ranking layout and becomes a preference row. An
instruction that is a transcript which asks for the next reply (BELLE), or carries a chat template, is read as turns.
"""

from typing import Any

from winnow.reading import prompts
from winnow.reading.adapter import Adapter, Options, optional_text, own_id, per_unit, rest, share, text, texts
from winnow.reading.turns import column_of, history
from winnow.records.record import Message, Record, Rejected

_USED = frozenset({"id", "input", "system", "history"})


def _names(value: dict[str, Any]) -> tuple[str, str]:
    """Return the columns of instruction and reply."""
    asks = "instruction" if "instruction" in value or "query" not in value else "query"
    return asks, "output" if "output" in value or "response" not in value else "response"


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one Alpaca row; ``input`` is kept apart as the row's context."""
    asks, answers = _names(value)
    instruction, context = text(value, asks), optional_text(value, "input")
    system, before = optional_text(value, "system"), history(value.get("history"), "history")
    replies = texts(value, answers)
    asked = prompts.read(instruction, asks, replies, answers)
    prompt = [*before, *asked.turns]
    metadata = rest(value, _USED | {asks, answers})
    key_text = (instruction, context or "", *replies, system or "", *(turn.content for turn in before))
    if asked.notes:
        system, context = asked.beside(system, context)
        metadata |= asked.notes
    worse = [Rejected((Message("assistant", one),), rank) for rank, one in enumerate(asked.replies[1:], 1)] or None
    return Record(
        messages=[*prompt, Message("assistant", asked.replies[0])],
        key_text=key_text,
        key=own_id(value),
        kind="preference" if worse else "sft",
        system=system,
        context=context,
        prompt_turns=len(prompt),
        rejected=worse,
        metadata=metadata,
    )


def _looks_like(value: dict[str, Any]) -> bool:
    if not ("output" in value or "response" in value) or "context" in value:
        return False
    asks, answers = _names(value)
    asked = asks in value and (asks == "instruction" or (answers == "response" and "chosen" not in value))
    return asked and column_of(value) is None


ADAPTER = Adapter(
    summary="Stanford Alpaca and its kin: instruction (or query), input, output (or response), system, history",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
