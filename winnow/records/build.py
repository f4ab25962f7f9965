"""Convert records from Python values to Arrow columns, without a dictionary per row."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.records.identity import content_hash
from winnow.records.record import Message, Record, Rejected, ToolCall, canonical_json
from winnow.records.schema import MESSAGE, RECORDS, REJECTED, TOOL_CALL


def list_array(lists: Sequence[Sequence[Any] | None], items: Callable[[list[Any]], pa.Array]) -> pa.ListArray:
    """Return lists as Arrow's: ``items`` makes one array of all that they hold; ``None`` becomes null.

    >>> list_array([["a", "b"], None, []], lambda flat: pa.array(flat, pa.string())).to_pylist()
    [['a', 'b'], None, []]
    """
    lengths = np.fromiter((len(one) if one else 0 for one in lists), np.int32, len(lists))
    offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)))
    missing = np.fromiter((one is None for one in lists), bool, len(lists))
    values = items([item for one in lists if one for item in one])
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing) if missing.any() else None)


def _struct(kind: pa.StructType, columns: Sequence[Any]) -> pa.StructArray:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(columns, kind, strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _calls(calls: list[ToolCall]) -> pa.StructArray:
    return _struct(TOOL_CALL, _columns(calls, len(TOOL_CALL)))


def _messages(turns: list[Message]) -> pa.StructArray:
    role, content, reasoning, calls, *rest = _columns(turns, len(MESSAGE))
    return _struct(MESSAGE, [role, content, reasoning, _nullable(calls, _calls), *rest])


def _rejected(candidates: list[Rejected]) -> pa.StructArray:
    messages, rank, score = _columns(candidates, len(REJECTED))
    return _struct(REJECTED, [list_array(messages, _messages), rank, score])


def _nullable(lists: Sequence[Sequence[Any] | None], items: Callable[[list[Any]], pa.Array]) -> pa.ListArray:
    return list_array([one or None for one in lists], items)


class RecordBuilder:
    """Collects records and gives them as one Arrow table in the :data:`~winnow.records.schema.RECORDS` schema.

    The caller passes ``row_id``, because numbering twins needs all rows of a source.
    """

    def __init__(self) -> None:
        self._heads: list[tuple[str, str, str, str, str]] = []
        self._records: list[Record] = []

    def __len__(self) -> int:
        return len(self._records)

    def append(self, row_id: str, source: str, license_: str, origin: str, record: Record) -> None:
        """Add one record under ``row_id``; its content hash is computed here."""
        content = content_hash(record.system, record.context, record.messages, record.rejected, record.tools)
        self._heads.append((row_id, content, source, license_, origin))
        self._records.append(record)

    def table(self) -> pa.Table:
        """Return the records collected so far, in the order of their addition."""
        rows = self._records
        row_id, content, source, license_, origin = _columns(self._heads, 5)
        columns: dict[str, Any] = {
            "row_id": row_id,
            "content_hash": content,
            "source": source,
            "license": license_,
            "kind": [r.kind for r in rows],
            "origin": origin,
            "parents": [r.parents for r in rows],
            "group": [r.group for r in rows],
            "system": [r.system for r in rows],
            "context": [r.context for r in rows],
            "messages": list_array([r.messages for r in rows], _messages),
            "prompt_turns": [len(r.messages) - 1 if r.prompt_turns is None else r.prompt_turns for r in rows],
            "rejected": _nullable([r.rejected for r in rows], _rejected),
            "margin": [r.margin for r in rows],
            "label": [r.label for r in rows],
            "tools": [r.tools for r in rows],
            "own_split": [r.own_split for r in rows],
            "metadata": [canonical_json(r.metadata) if r.metadata else "{}" for r in rows],
        }
        return pa.table(columns, schema=RECORDS)
