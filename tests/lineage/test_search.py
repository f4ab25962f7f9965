"""Rows that hold a text: every text of a row is looked into, wherever it stands."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.lineage.search import holds
from winnow.records import views
from winnow.records.schema import RECORDS

TEXT = st.text(alphabet="aAbBéÉ中\n.", max_size=6)
TURNS = st.lists(TEXT, min_size=1, max_size=3)
ROW = st.fixed_dictionaries(
    {
        "system": st.none() | TEXT,
        "context": st.none() | TEXT,
        "messages": TURNS,
        "rejected": st.none() | st.lists(TURNS, max_size=2),
    }
)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    def turns(texts: list[str]) -> list[dict[str, str]]:
        return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]

    made = []
    for number, row in enumerate(rows):
        replies = row["rejected"] and [{"messages": turns(reply)} for reply in row["rejected"]]
        made.append({**row, "row_id": f"s:{number}", "messages": turns(row["messages"]), "rejected": replies})
    return pa.Table.from_pylist(made, RECORDS)


@given(st.lists(ROW, max_size=4), st.text(alphabet="abÉ中\n.", min_size=1, max_size=3))
def test_texts_as_they_lie_and_texts_joined_give_the_same_rows(rows: list[dict[str, Any]], text: str) -> None:
    made = table(rows)
    joined = pc.match_substring(views.compared(made), text, ignore_case=True).fill_null(False).to_pylist()
    assert holds(made, text).tolist() == joined


@pytest.mark.parametrize("place", ["system", "context", "messages", "rejected"])
def test_every_place_is_looked_into(place: str) -> None:
    row = {"system": None, "context": None, "messages": ["a", "b"], "rejected": None}
    needle: dict[str, Any] = {"messages": ["a", "say Öl"], "rejected": [["a"], ["x", "say Öl"]]}
    found = holds(table([row, {**row, place: needle.get(place, "say Öl")}, row]), "öL")
    assert found.tolist() == [False, True, False]
