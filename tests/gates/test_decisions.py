"""Decisions, the conservation law, and contamination."""

from pathlib import Path

import pyarrow as pa
import pytest

from winnow.gates.contamination import contaminated, rows_by_benchmark, too_much
from winnow.gates.decisions import Drop, Funnel, alive, decide, write_decisions
from winnow.harness.errors import UserError
from winnow.records.schema import DECISIONS, OVERLAPS

IDS = pa.array(["a:1", "a:2", "b:1"])


def test_decide_keeps_what_it_does_not_drop() -> None:
    drop = Drop("near_duplicate", 0.9, 0.8, "a:1", "linked by x")
    table = decide(IDS, {1: drop}, {0: Drop("long_response", 9, 8), 1: Drop("never", 1)})
    assert table.schema == DECISIONS
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("a:1", "keep", "long_response", 9.0, 8.0, None, None),
        ("a:2", "drop", "near_duplicate", 0.9, 0.8, "a:1", "linked by x"),
        ("b:1", "keep", None, None, None, None, None),
    ]
    assert len(decide(IDS[:0], {})) == 0


def test_a_funnel_counts_drops_and_not_notes(tmp_path: Path) -> None:
    tables = [decide(IDS[:2], {1: Drop("echo")}, {0: Drop("note")}), decide(IDS[2:], {0: Drop("echo")})]
    funnel = write_decisions(tmp_path / "filter", [IDS[:2], IDS[2:]], lambda bucket, _: tables[bucket])
    assert funnel.metrics() == {"rows_in": 3, "rows_out": 1, "dropped": {"echo": 2}}
    assert funnel.plot() == [["a", "echo", 1], ["b", "echo", 1]]
    assert [ids.to_pylist() for ids in alive(tmp_path / "filter", 2)] == [["a:1"], []]


def test_a_lost_row_stops_the_gate(tmp_path: Path) -> None:
    """What it wrote is never published: tests/harness/test_run.py."""
    with pytest.raises(UserError, match="stage filter: 3 rows entered, 2 were decided on"):
        write_decisions(tmp_path / "filter", [IDS], lambda _, row_ids: decide(row_ids[:2], {}))


def test_a_row_that_is_neither_kept_nor_dropped_is_an_error() -> None:
    with pytest.raises(UserError, match="rows are lost"):
        Funnel(rows_in=3, rows_out=2).check("filter", 3)
    Funnel(rows_in=3, rows_out=3).check("filter", 3)


def test_contamination_names_the_item_that_a_row_holds_most_of() -> None:
    rows = [
        ("a:1", "math", "7", "prompt", "8-gram", 0.6, 20),
        ("a:1", "code", "2", "prompt", "8-gram", 0.9, 20),
        ("a:1", "arc", "1", "reply", "8-gram", 0.9, 20),
        ("a:1", "long", "1", "prompt", "tfidf", 0.95, None),
        ("a:2", "math", "7", "prompt", "8-gram", 0.5, 20),
        ("gone:1", "math", "7", "prompt", "8-gram", 1.0, 20),
    ]
    overlaps = pa.table(list(map(list, zip(*rows, strict=True))), schema=OVERLAPS)
    above = too_much(IDS, overlaps, 0.5, 0.0)
    assert contaminated(IDS, above) == {0: Drop("benchmark_overlap", 0.9, 0.5, "arc:1", "8-gram in reply")}
    assert rows_by_benchmark(above) == {"math": 1, "code": 1, "arc": 1}
    assert set(contaminated(IDS, too_much(IDS, overlaps, 0.49, 0.0))) == {0, 1}
    assert contaminated(IDS, too_much(IDS, overlaps.slice(0, 0), 0.5, 0.0)) == {}
    said_otherwise = contaminated(IDS, too_much(IDS, overlaps, 0.99, 0.9))
    assert said_otherwise == {0: Drop("benchmark_paraphrase", 0.95, 0.9, "long:1", "tfidf in prompt")}
