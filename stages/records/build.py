"""Records as Python values to Arrow columns, without a dictionary per row."""

from typing import Any

import pyarrow as pa

from stages.records.identity import content_hash
from stages.records.record import Message, Record, Rejected, canonical_json
from stages.records.schema import MESSAGE, RECORDS, REJECTED, TOOL_CALL


class _MessageColumns:
    def __init__(self) -> None:
        self.rows: list[Message] = []

    def array(self) -> pa.StructArray:
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * 6
        role, content, reasoning, calls, call_id, train = columns
        text = pa.string()
        arrays = [
            pa.array(role, text),
            pa.array(content, text),
            pa.array(reasoning, text),
            _tool_calls(calls),
            pa.array(call_id, text),
            pa.array(train, pa.bool_()),
        ]
        return pa.StructArray.from_arrays(arrays, fields=list(MESSAGE))


def _tool_calls(calls: tuple[Any, ...]) -> pa.Array:
    if not any(calls):
        return pa.nulls(len(calls), pa.list_(TOOL_CALL))
    rows = [None if not row else [call._asdict() for call in row] for row in calls]
    return pa.array(rows, pa.list_(TOOL_CALL))


class RecordBuilder:
    """Collects records and gives them as one Arrow table in the :data:`~stages.records.schema.RECORDS` schema.

    ``row_id`` is given by the caller, because numbering twins needs all rows of a source.
    """

    def __init__(self) -> None:
        self._plain: list[tuple[Any, ...]] = []
        self._messages = _MessageColumns()
        self._offsets = [0]
        self._rejected: list[list[Rejected] | None] = []

    def __len__(self) -> int:
        return len(self._plain)

    def append(self, row_id: str, source: str, license_: str, origin: str, record: Record) -> None:
        """Add one record under ``row_id``; its content hash is computed here."""
        messages, rejected = record.messages, record.rejected or None
        turns = record.prompt_turns
        self._plain.append(
            (
                row_id,
                content_hash(record.system, record.context, messages, rejected, record.tools),
                source,
                license_,
                record.kind,
                origin,
                record.parents,
                record.group,
                record.system,
                record.context,
                len(messages) - 1 if turns is None else turns,
                record.margin,
                record.label,
                record.tools,
                canonical_json(record.metadata),
            )
        )
        self._messages.rows.extend(messages)
        self._offsets.append(len(self._messages.rows))
        self._rejected.append(rejected)

    def table(self) -> pa.Table:
        """Return the records collected so far, in the order of their addition."""
        names = [name for name in RECORDS.names if name not in ("messages", "rejected")]
        columns: dict[str, pa.Array] = (
            {
                name: pa.array(values, RECORDS.field(name).type)
                for name, values in zip(names, zip(*self._plain, strict=True), strict=True)
            }
            if self._plain
            else {name: pa.array([], RECORDS.field(name).type) for name in names}
        )
        offsets = pa.array(self._offsets, pa.int32())
        columns["messages"] = pa.ListArray.from_arrays(
            offsets, self._messages.array(), type=RECORDS.field("messages").type
        )
        columns["rejected"] = self._rejected_array()
        return pa.table([columns[name] for name in RECORDS.names], schema=RECORDS)

    def _rejected_array(self) -> pa.Array:
        kind = pa.list_(REJECTED)
        if not any(self._rejected):
            return pa.nulls(len(self._rejected), kind)
        rows = [
            None
            if candidates is None
            else [
                {
                    "messages": [
                        {
                            **turn._asdict(),
                            "tool_calls": [c._asdict() for c in turn.tool_calls] if turn.tool_calls else None,
                        }
                        for turn in candidate.messages
                    ],
                    "rank": candidate.rank,
                    "score": candidate.score,
                }
                for candidate in candidates
            ]
            for candidates in self._rejected
        ]
        return pa.array(rows, kind)
