"""Salesforce xLAM: a ``query``, the ``tools`` that may be called and the calls that ``answers`` it, all JSON text.

The reply calls tools and says nothing. Its answers are not in the data, so that the row ends with the calls.
"""

from typing import Any

from winnow.reading.adapter import Adapter, Options, own_id, per_unit, rest, share, text
from winnow.reading.chat import calls, key_of, numbered, tools
from winnow.records.record import Message, Record, canonical_json

_USED = frozenset({"id", "query", "answers", "tools"})


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one query with the calls that answer it."""
    query = text(value, "query")
    answers = value.get("answers")
    raw = canonical_json(answers) if isinstance(answers, list | dict) else answers
    turns = numbered([Message("user", query), Message("assistant", "", tool_calls=calls(raw, "'answers'"))])
    return Record(
        messages=turns,
        key_text=tuple(map(key_of, turns)),
        key=own_id(value),
        tools=tools(value),
        metadata=rest(value, _USED),
    )


ADAPTER = Adapter(
    summary="Salesforce xLAM: query, tools and the calls that answer it",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda value: _USED - {"id"} <= value.keys()),
)
