"""What stands in place of a raw unit that was taken down, in a text, inside a JSON value, and in a table.

A mark is one text (:mod:`winnow.reading.tombstone`). In a value that holds several units, such as a tree of messages,
the smallest objects that say the text are replaced and all others stay.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from winnow.patches.quotes import Quote
from winnow.reading.jsonvalue import strings
from winnow.reading.tombstone import REASON, mark
from winnow.reading.units import BadUnit, Unit
from winnow.records.record import canonical_json


def grave(delimiter: str, unit: Unit | BadUnit) -> str:
    """Return the text that stands for a unit of a table, cells parted by ``delimiter``, or of a JSON file ("")."""
    if delimiter:
        return mark(unit.raw) + delimiter * (len(unit.value) - 1 if isinstance(unit, Unit) else 0)
    return json.dumps({REASON: mark(unit.raw)})


def without(value: Any, quote: Quote) -> Any:
    """Return a JSON value in which each smallest object whose own texts hold a text is a tombstone.

    >>> tree = {"id": "1", "text": "Who?", "replies": [{"text": "555-0100", "replies": []}, {"text": "Nobody."}]}
    >>> json.dumps(without(tree, Quote("555-0100")))  # doctest: +ELLIPSIS
    '{"id": "1", "text": "Who?", "replies": [{"taken_down": "taken_down:..."}, {"text": "Nobody."}]}'
    """
    holding = frozenset(quote.among(sorted(set(strings(value)))))
    return _without(value, holding)


def _without(value: Any, holding: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_without(one, holding) for one in value]
    if not isinstance(value, dict):
        return value
    if not holding.isdisjoint(_own_texts(value)):
        return {REASON: mark(canonical_json(value))}
    return {name: _without(one, holding) for name, one in value.items()}


def _own_texts(value: Any) -> Iterable[str]:
    """Yield the texts of an object that stand in no object inside it, its keys included."""
    for name, one in value.items():
        yield name
        todo = [one]
        for part in todo:  # it grows while it is read
            if isinstance(part, str):
                yield part
            elif isinstance(part, list):
                todo += part


def buried_table(table: pa.Table, gone: Sequence[bool], marks: Sequence[str]) -> pa.Table | None:
    """Return a table with a tombstone in each row that goes: a mark in its first column of texts, all else empty.

    ``None`` where no column can hold a text.
    """
    kinds = [_plain(field.type) for field in table.schema]
    at = next((place for place, kind in enumerate(kinds) if _value(kind, "") is not None), None)
    if at is None:
        return None
    rows = pa.array([None if out else row for row, out in enumerate(gone)], pa.int64())
    columns = [column.take(rows) for column in table.columns]
    graves = pa.array([_value(kinds[at], one) for one in marks], kinds[at])
    number = iter(range(len(table), len(table) + len(marks)))
    order = pa.array([next(number) if out else row for row, out in enumerate(gone)], pa.int64())
    both = pa.chunked_array([*table.columns[at].cast(kinds[at]).chunks, graves], kinds[at])
    columns[at] = both.take(order)
    fields = [field.with_nullable(True) for field in table.schema]
    fields[at] = fields[at].with_type(kinds[at])
    return pa.table(columns, schema=pa.schema(fields, table.schema.metadata))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _value(kind: pa.DataType, text: str) -> Any:
    """Return a value of an Arrow type whose first text is ``text`` and that holds nothing else."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return text
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inside = _value(kind.value_type, text)
        return None if inside is None else [inside]
    if pa.types.is_struct(kind):
        for field in kind:
            if (inside := _value(field.type, text)) is not None:
                return {field.name: inside}
    return None
