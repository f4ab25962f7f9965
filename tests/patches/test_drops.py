"""A drop takes the row, its text under other ids, and what was made from it; nothing else."""

from collections.abc import Callable

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from winnow.gates.decisions import Drop
from winnow.patches.drops import COLUMNS, dropped_by_hand
from winnow.patches.patch import Patch

SCHEMA = pa.schema([(name, pa.list_(pa.string()) if name == "parents" else pa.string()) for name in COLUMNS])


def facts(*rows: tuple[str, str, list[str] | None]) -> Callable[[], list[pa.Table]]:
    """Return two buckets of (row_id, content_hash, parents)."""
    full = [dict(zip(COLUMNS, (i, i.split(":")[0], text, parents), strict=True)) for i, text, parents in rows]
    return lambda: [pa.Table.from_pylist(full[n::2], SCHEMA) for n in range(2)]


def drop(row_id: str, kind: str = "drop", content: str | None = None) -> Patch:
    return Patch(row_id, "Ann", "why not", drop=kind, content_hash=content)


def test_without_a_drop_no_table_is_read() -> None:
    assert dropped_by_hand(lambda: 1 / 0, [Patch("a:1", "Ann", "r", tags=("x",))], {}) == {}  # type: ignore[arg-type, return-value]


def test_the_row_its_copies_and_their_children_go() -> None:
    rows = facts(
        ("a:1", "T", None), ("b:7", "T", []), ("c:1", "X", ["b:7"]), ("c:2", "Y", ["z:1", "c:1"]), ("c:3", "Z", ["z:1"])
    )  # fmt: skip
    words = "Ann: why not"
    assert dropped_by_hand(rows, [drop("a:1", "takedown")], {}) == {
        "a:1": Drop("takedown", detail=words),
        "b:7": Drop("takedown", other="a:1", detail=words),
        "c:1": Drop("takedown", other="b:7", detail=words),
        "c:2": Drop("takedown", other="c:1", detail=words),
    }


def test_a_text_stays_out_though_its_row_is_gone_or_says_something_else_now() -> None:
    rows = facts(("a:1", "new", None), ("b:1", "old", None), ("b:2", "new", None), ("b:3", "other", None))
    assert dropped_by_hand(rows, [drop("a:1", content="old")], {}).keys() == {"a:1", "b:1", "b:2"}
    assert dropped_by_hand(rows, [drop("gone:1", content="old")], {}).keys() == {"b:1"}


def test_a_source_goes_as_a_whole_and_only_it() -> None:
    rows = facts(("a:1", "s", None), ("a:2", "t", None), ("aa:1", "u", None), ("b:1", "v", ["a:2"]))
    found = dropped_by_hand(rows, [drop("a:*", "takedown")], {})
    assert {row_id: one.other for row_id, one in found.items()} == {"a:1": None, "a:2": None, "b:1": "a:2"}


def test_rows_of_a_release_go_with_the_old_row_of_another_repository() -> None:
    rows = facts(("ours:a:1", "T", ["a:1"]), ("ours:a:2", "U", ["a:2"]), ("x:1", "V", ["ours:a:1"]))
    found = dropped_by_hand(rows, [drop("a:1", "takedown")], {})
    assert {row_id: (one.reason, one.other) for row_id, one in found.items()} == {
        "ours:a:1": ("takedown", "a:1"),
        "x:1": ("takedown", "ours:a:1"),
    }
    assert dropped_by_hand(rows, [drop("a:*")], {}).keys() == {"ours:a:1", "ours:a:2", "x:1"}


def test_a_takedown_wins_over_a_drop() -> None:
    rows = facts(("a:1", "T", None), ("b:1", "T", None))
    for patches in ([drop("a:1"), drop("a:*", "takedown")], [drop("a:1"), drop("b:1", "takedown")]):
        assert dropped_by_hand(rows, patches, {})["a:1"].reason == "takedown"


ROW_IDS = st.sampled_from([f"{source}:{n}" for source in "ab" for n in range(4)])
ROWS = st.dictionaries(ROW_IDS, st.tuples(st.sampled_from("TUV"), st.lists(ROW_IDS, max_size=2)))


@given(rows=ROWS, named=st.lists(ROW_IDS, unique=True, max_size=3))
def test_the_dropped_rows_are_a_closed_set(rows: dict[str, tuple[str, list[str]]], named: list[str]) -> None:
    table = facts(*((row_id, text, parents) for row_id, (text, parents) in rows.items()))
    found = dropped_by_hand(table, [drop(row_id) for row_id in named], {})
    texts = {rows[row_id][0] for row_id in named if row_id in rows}
    wanted = {row_id for row_id, (text, _) in rows.items() if text in texts}
    while more := {i for i, (_, parents) in rows.items() if wanted.union(named).intersection(parents)} - wanted:
        wanted |= more
    assert found.keys() == wanted
    backwards = facts(*((i, *rows[i]) for i in reversed(rows)))
    assert dropped_by_hand(backwards, [drop(row_id) for row_id in reversed(named)], {}) == found
