"""Databricks Dolly: ``instruction``, ``context``, ``response``, ``category``."""

from typing import Any

from winnow.reading.adapter import Adapter, Options, optional_text, own_id, per_unit, rest, share, text
from winnow.records.record import Message, Record

_USED = frozenset({"id", "instruction", "context", "response"})


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one Dolly row; the annotators' ``category`` goes into the metadata."""
    instruction, response = text(value, "instruction"), text(value, "response")
    context = optional_text(value, "context")
    return Record(
        messages=[Message("user", instruction), Message("assistant", response)],
        key_text=(instruction, context or "", response),
        key=own_id(value),
        context=context,
        metadata=rest(value, _USED),
    )


ADAPTER = Adapter(
    summary="Databricks Dolly: instruction, context, response, category",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda v: {"instruction", "context", "response"} <= v.keys()),
)
