"""Chat: a column of turns, whatever the column is called and whatever the keys of its turns are.

``messages`` of ``role`` and ``content`` (OpenAI) is the best known. The tables of names are in
:mod:`winnow.reading.names`, what content in parts may hold in :mod:`winnow.reading.parts`. Reasoning is kept apart only
where a field or a part holds it; ``<think>`` inside a reply stays in the reply. A picture cannot be read.
"""

from typing import Any

from winnow.reading import order, turns
from winnow.reading.adapter import Adapter, Options, per_unit, share
from winnow.reading.conversation import looks_like, record_of
from winnow.records.record import Record
from winnow.sources import sharegpt


def convert(value: Any, options: Options) -> Record:
    """Read one chat conversation; a leading system message becomes the row's system prompt."""
    return record_of(value, options)


ADAPTER = Adapter(
    summary="chat: messages of role and content (OpenAI), or any other column and keys of turns",
    read=per_unit(convert),
    sniff=lambda values: share(values, lambda value: looks_like(value) is not None and not sharegpt.is_own(value)),
    options=order.OPTIONS,
    list_unit=turns.is_list_of_turns,
)
