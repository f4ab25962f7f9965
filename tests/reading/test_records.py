"""Records as Python values to Parquet and back, and the hash of what they say."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import OBJECTS, TEXT
from winnow.records.build import RecordBuilder
from winnow.records.identity import content_hash
from winnow.records.record import Message, Record, Rejected, ToolCall
from winnow.records.schema import RECORDS
from winnow.storage.parquet import read_table, write_table

MAYBE = st.none() | TEXT
INT32 = st.integers(-(2**31), 2**31 - 1)
FLOAT = st.floats(allow_nan=False)
CALLS = st.none() | st.lists(st.builds(ToolCall, MAYBE, TEXT, TEXT), min_size=1, max_size=2).map(tuple)
MESSAGES = st.builds(Message, TEXT, TEXT, MAYBE, CALLS, MAYBE, st.none() | st.booleans())
REJECTED = st.builds(
    Rejected, st.lists(MESSAGES, min_size=1, max_size=2).map(tuple), st.none() | INT32, st.none() | FLOAT
)
RECORD = st.builds(
    Record,
    messages=st.lists(MESSAGES, min_size=1, max_size=3),
    key_text=st.just(()),
    kind=TEXT,
    system=MAYBE,
    context=MAYBE,
    prompt_turns=st.none() | INT32,
    rejected=st.none() | st.lists(REJECTED, max_size=2),
    margin=st.none() | FLOAT,
    label=st.none() | st.booleans(),
    tools=MAYBE,
    group=MAYBE,
    parents=st.lists(TEXT, max_size=2),
    metadata=OBJECTS,
)


def plain(value: Any) -> Any:
    """Return tuples with names as dictionaries and sequences as lists, the way Arrow gives them back."""
    if hasattr(value, "_asdict"):
        return {name: plain(field) for name, field in value._asdict().items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


@settings(max_examples=120, deadline=None)
@given(records=st.lists(RECORD, max_size=4))
def test_what_goes_in_comes_out_of_parquet(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    builder = RecordBuilder()
    for number, record in enumerate(records):
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", record)
    path = tmp_path_factory.mktemp("records") / "part-000.parquet"
    write_table(path, builder.table(), RECORDS)
    rows = read_table(path).to_pylist()
    assert len(rows) == len(builder) == len(records)
    for number, (row, record) in enumerate(zip(rows, records, strict=True)):
        assert json.loads(row.pop("metadata")) == record.metadata
        assert row == {
            "row_id": f"s:{number}",
            "content_hash": content_hash(record.system, record.context, record.messages, record.rejected, record.tools),
            "source": "s",
            "license": "CC0-1.0",
            "kind": record.kind,
            "origin": "human",
            "parents": record.parents,
            "group": record.group,
            "system": record.system,
            "context": record.context,
            "messages": plain(record.messages),
            "prompt_turns": len(record.messages) - 1 if record.prompt_turns is None else record.prompt_turns,
            "rejected": plain(record.rejected) or None,
            "margin": record.margin,
            "label": record.label,
            "tools": record.tools,
            "own_split": record.own_split,
        }


@settings(max_examples=120, deadline=None)
@given(record=RECORD)
def test_hash_is_the_same_of_tuples_and_of_arrow(record: Record) -> None:
    builder = RecordBuilder()
    builder.append("s:0", "s", "CC0-1.0", "human", record)
    (row,) = builder.table().to_pylist()
    again = content_hash(row["system"], row["context"], row["messages"], row["rejected"], row["tools"])
    assert again == row["content_hash"]


@settings(max_examples=100, deadline=None)
@given(record=RECORD)
def test_field_added_later_changes_no_hash(record: Record) -> None:
    """A new field of the message that is null, as it is in every old row, must not make all rows look edited."""

    def wider(message: Message) -> dict[str, Any]:
        return {**plain(message), "added_later": None}

    rejected = [{**plain(one), "messages": [wider(turn) for turn in one.messages]} for one in record.rejected or []]
    new = content_hash(record.system, record.context, [wider(m) for m in record.messages], rejected, record.tools)
    assert new == content_hash(record.system, record.context, record.messages, record.rejected, record.tools)


def test_each_part_of_what_a_row_says_changes_the_hash() -> None:
    base: dict[str, Any] = {
        "system": None,
        "context": None,
        "messages": [Message("user", "a"), Message("assistant", "b")],
        "rejected": None,
        "tools": None,
    }
    others: list[dict[str, Any]] = [
        {"system": ""},
        {"context": "a"},
        {"messages": [Message("user", "ab"), Message("assistant", "")]},
        {"messages": [Message("user", "a"), Message("assistant", "b", reasoning="c")]},
        {"messages": [Message("user", "a"), Message("assistant", "b", tool_call_id="c")]},
        {"messages": [Message("user", "a"), Message("assistant", "b", train=False)]},
        {"messages": [Message("user", "a"), Message("assistant", "b", tool_calls=(ToolCall(None, "f", ""),))]},
        {"rejected": [Rejected((Message("assistant", "c"),))]},
        {"rejected": [Rejected((Message("assistant", "c"),), 1)]},
        {"rejected": [Rejected((Message("assistant", "c"),), None, 1.0)]},
        {"tools": "[]"},
    ]
    hashes = [content_hash(**{**base, **other}) for other in [{}, *others]]
    assert len({*hashes}) == len(hashes)
