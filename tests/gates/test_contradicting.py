"""Rows that say the opposite of each other, from records to decisions."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.similarity.rows import links_of
from winnow.gates.contradicting import RELATIONS, contradictions
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected
from winnow.records.schema import NEIGHBOURS

Outcome = tuple[str, float | None, float | None, str | None]


def judged(reply: str, label: bool) -> Record:
    return Record([Message("user", "Is it wet?"), Message("assistant", reply)], (reply,), kind="feedback", label=label)


def preferred(chosen: str, rejected: str) -> Record:
    turns = [Message("user", "Which?"), Message("assistant", chosen)]
    return Record(turns, (chosen,), kind="preference", rejected=[Rejected((Message("assistant", rejected),))])


def dropped(folder: Path, rows: list[Record], dead: tuple[int, ...] = ()) -> dict[str, Outcome]:
    builder = RecordBuilder()
    for number, one in enumerate(rows):
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", one)
    links = links_of(folder, [builder.table()], 0.7, RELATIONS)
    columns = [list(column) for column in zip(*links, strict=True)] or [[]] * 4
    alive = np.ones(len(rows), bool)
    alive[list(dead)] = False
    ids = pa.array([f"s:{number}" for number in range(len(rows))], pa.string())
    table = pa.table(columns, schema=NEIGHBOURS)
    drops = contradictions(ids, table, [one.kind for one in rows], alive)
    return {ids[row].as_py(): (drop.reason, drop.value, drop.limit, drop.other) for row, drop in drops.items()}


def test_at_a_tie_both_leave(tmp_path: Path) -> None:
    assert dropped(tmp_path, [judged("Yes, it is.", True), judged("yes, it is", False)]) == {
        "s:0": ("kto_contradiction", 1, 1, "s:1"),
        "s:1": ("kto_contradiction", 1, 1, "s:0"),
    }


def test_the_minority_leaves(tmp_path: Path) -> None:
    rows = [judged("Yes.", True), judged("Yes.", False), judged("Yes.", True), judged("No.", False)]
    assert dropped(tmp_path, rows) == {"s:1": ("kto_contradiction", 1, 2, "s:0")}


def test_rows_that_are_out_do_not_count(tmp_path: Path) -> None:
    rows = [judged("Yes.", True), judged("Yes.", False), judged("Yes.", True)]
    assert set(dropped(tmp_path / "one", rows, dead=(2,))) == {"s:0", "s:1"}
    assert dropped(tmp_path / "other", rows, dead=(1,)) == {}


def test_a_pair_that_is_preferred_both_ways(tmp_path: Path) -> None:
    rows = [preferred("this", "that"), preferred("that", "this"), preferred("this", "another")]
    assert set(dropped(tmp_path, rows)) == {"s:0", "s:1"}
    assert dropped(tmp_path / "majority", [rows[0], rows[1], rows[0]])["s:1"][:3] == ("swapped_pair", 1, 2)


@pytest.mark.parametrize("rows", [[], [judged("Yes.", True)], [judged("Yes.", True), judged("Yes.", True)]])
def test_rows_that_agree_stay(rows: list[Record], tmp_path: Path) -> None:
    assert dropped(tmp_path, rows) == {}
