"""Views of records, checked against plain Python, on slices too."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.records import views
from winnow.records.schema import MESSAGE

_NAMES = ["role", "content", "reasoning", "tool_calls", "tool_call_id", "train"]
CALL = [{"id": None, "name": "look_up", "arguments": "{}"}]


def turn(role: str, content: str, calls: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return dict(zip(_NAMES, (role, content, None, calls, None, None), strict=True))


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {
            "system": pa.array([row.get("system") for row in rows], pa.string()),
            "context": pa.array([row.get("context") for row in rows], pa.string()),
            "messages": pa.array([row["messages"] for row in rows], pa.list_(MESSAGE)),
        }
    )


TEXT = st.text("ab 中\n", max_size=4)
EXCHANGES = st.lists(st.tuples(TEXT, st.none() | TEXT, TEXT), min_size=1, max_size=3)


def row(system: str | None, context: str | None, exchanges: list[tuple[str, str | None, str]]) -> dict[str, Any]:
    messages = []
    for asked, looked_up, answered in exchanges:
        messages.append(turn("user", asked))
        if looked_up is not None:
            messages += [turn("assistant", "", CALL), turn("tool", looked_up)]
        messages.append(turn("assistant", answered))
    return {"system": system, "context": context, "messages": messages}


ROWS = st.lists(st.builds(row, st.none() | TEXT, st.none() | TEXT, EXCHANGES), min_size=1, max_size=5)


def joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part is not None)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, start=st.integers(0, 4))
def test_views_are_what_plain_python_says(rows: list[dict[str, Any]], start: int) -> None:
    rows = rows[start:] or rows
    found = table([*rows, rows[0], *rows])[len(rows) + 1 :]  # a slice, as buckets are
    users = [[m["content"] for m in one["messages"] if m["role"] == "user"] for one in rows]
    contents = [[m["content"] for m in one["messages"]] for one in rows]
    assert views.instruction(found).to_pylist() == [asked[-1] for asked in users]
    assert views.response(found).to_pylist() == [said[-1] for said in contents]
    assert views.said(found).to_pylist() == ["\n".join(one) for one in contents]
    assert views.context(found).to_pylist() == [one["context"] or "" for one in rows]
    assert views.user_turns(found).to_pylist() == ["\n".join(asked) for asked in users]
    assert views.turn_counts(found).tolist() == list(map(len, contents))
    pairs = list(zip(rows, users, contents, strict=True))
    assert views.opening_prompt(found).to_pylist() == [joined(one["context"], asked[0]) for one, asked, _ in pairs]
    assert views.prompts(found).to_pylist() == [joined(one["context"], *asked) for one, asked, _ in pairs]
    assert views.conversation(found).to_pylist() == [joined(o["system"], o["context"], *said) for o, _, said in pairs]


@pytest.mark.parametrize(
    ("last", "calls"),
    [(turn("assistant", "", CALL), True), (turn("assistant", "", []), False), (turn("assistant", "done"), False)],
)
def test_only_the_last_turn_counts_as_a_call(last: dict[str, Any], calls: bool) -> None:
    messages = [turn("user", "q"), turn("assistant", "", CALL), turn("tool", "r"), last]
    assert views.calls_tool(table([{"messages": messages}])).to_pylist() == [calls]


def test_an_empty_table_has_empty_views() -> None:
    empty = table([row(None, None, [("a", None, "b")])])[:0]
    for view in (views.instruction, views.response, views.prompts, views.conversation, views.opening_prompt):
        assert len(view(empty)) == 0


def test_chunks_change_nothing() -> None:
    parts = [table([row("s", None, [("a", None, "b")])]), table([row(None, "c", [("d", "e", "f"), ("g", None, "h")])])]
    whole = pa.concat_tables(parts)
    assert views.instruction(whole).to_pylist() == ["a", "g"]
    assert views.conversation(whole).to_pylist() == ["s\na\nb", "c\nd\n\ne\nf\ng\nh"]
