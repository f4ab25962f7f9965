"""ShareGPT: ``conversations`` of ``from`` and ``value``, with LLaMA-Factory's tool calls, ``system`` and ``tools``.

The speakers must take turns: human or tool, then gpt or function_call, the last word to the latter. The option
``turns`` says what becomes of two turns of one speaker, a reply that comes first and a last word of the human; any
other order is quarantined. A ``function_call`` holds the call as JSON text; its ``observation`` becomes a tool turn.
Calls that a gpt turn holds as text (``<tool_call>``) stay text.
"""

from typing import Any

from winnow.reading import order, turns
from winnow.reading.adapter import Adapter, Options, per_unit, share
from winnow.reading.conversation import looks_like, record_of
from winnow.records.record import Record

_COLUMN = "conversations"


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one conversation; a leading system turn overrides the field ``system``, as in LLaMA-Factory."""
    return record_of(value, options, strict=True)


def is_own(value: Any) -> bool:
    """Tell whether a row is of this layout: its conversation is a list of ``from`` and ``value``."""
    if not isinstance(value, dict) or looks_like(value) != _COLUMN:
        return False
    first = turns.listed(value[_COLUMN], _COLUMN)[0]
    return isinstance(first, dict) and {"from", "value"} <= first.keys()


ADAPTER = Adapter(
    summary="ShareGPT: conversations of from and value; function_call, observation, system, tools",
    read=per_unit(convert),
    sniff=lambda values: share(values, is_own),
    options=order.OPTIONS,
)
