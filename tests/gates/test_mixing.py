"""The mix: caps, shares, totals, repeats, and what is said about what cannot be met."""

import hashlib
import random

import numpy as np
import pyarrow as pa
import pytest

from tests.gates.mixes import drawn, mixed, rows, targets, verdicts
from winnow.gates.mix.coverage import coverage, covered
from winnow.gates.mix.drawing import OTHERS

EN, ZH, FR = {"language": "en"}, {"language": "zh"}, {"language": "fr"}
BOTH = {"language": {"zh": 0.4, "en": 0.6}}


def hash_of(row_id: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{row_id}".encode(), digest_size=8).digest()


def test_nothing_asked_nothing_moved() -> None:
    facts = rows((5, EN), (3, ZH))
    assert set(verdicts(facts).values()) == {(1, None)}
    assert set(verdicts(facts, max_repeats=4).values()) == {(1, None)}
    assert verdicts([]) == {}


def test_a_capped_source_keeps_the_rows_with_the_lowest_hashes() -> None:
    facts = rows((9, {"source": "a"}), (4, {"source": "b"}))
    found = verdicts(facts, max_rows={"a": 3, "gone": 0}, seed=7)
    ids = sorted((row["row_id"] for row in facts if row["source"] == "a"), key=lambda one: hash_of(one, 7))
    assert [one for one, (times, _) in found.items() if not times and one[0] == "a"] == sorted(ids[3:])
    assert all(found[one] == (0, "over_cap") for one in ids[3:])
    assert all(times == 1 for one, (times, _) in found.items() if one[0] == "b")


def test_a_cap_on_every_value_of_a_column_or_on_some() -> None:
    facts = rows((9, {"task": "qa"}), (4, {"task": "code"}), (2, {"task": "chat"}))
    assert drawn(facts, "task", max_rows_per={"task": 3}) == {"qa": 3, "code": 3, "chat": 2}
    assert drawn(facts, "task", max_rows_per={"task": {"code": 0}}) == {"qa": 9, "code": 0, "chat": 2}


def test_shares_without_a_total_draw_as_many_as_the_scarcest_allows() -> None:
    facts = rows((90, EN), (20, ZH), (5, FR))
    found = mixed(facts, shares=BOTH)
    assert drawn(facts, "language", shares=BOTH) == {"en": 30, "fr": 0, "zh": 20}
    assert targets(found)["language", "zh"] == (20, 20, 0, False)
    assert found.metrics() == {"drawn": 50, "targets": 3, "targets_missed": 0}


def test_values_without_a_share_have_what_is_left() -> None:
    facts = rows((60, EN), (30, ZH), (20, FR))
    found = drawn(facts, "language", shares={"language": {"zh": 0.3}}, total=50)
    assert found["zh"] == 15
    assert found["en"] + found["fr"] == 35
    assert found["en"] > found["fr"] > 0


@pytest.mark.parametrize("seed", range(5))
def test_what_is_missing_is_reported_and_never_made_up_from_elsewhere(seed: int) -> None:
    facts = rows((900, EN), (10, ZH))
    random.Random(seed).shuffle(facts)
    found = mixed(facts, shares={"language": {"zh": 0.4, "en": 0.5, "ja": 0.1}}, total=100)
    assert targets(found) == {
        ("language", "en"): (50, 50, 0, False),
        ("language", "ja"): (10, 0, 10, True),
        ("language", "zh"): (40, 10, 30, True),
        ("total", "all"): (100, 60, 40, True),
    }
    assert found.drawn == 60


def test_several_shares_hold_at_once() -> None:
    facts = rows((400, {**EN, "task": "qa"}), (100, {**EN, "task": "code"}), (90, {**ZH, "task": "qa"}),
                 (60, {**ZH, "task": "code"}))  # fmt: skip
    asked = {**BOTH, "task": {"qa": 0.5, "code": 0.5}}
    assert drawn(facts, "language", shares=asked, total=200) == {"en": 120, "zh": 80}
    assert drawn(facts, "task", shares=asked, total=200) == {"code": 100, "qa": 100}
    free = mixed(facts, shares=asked)  # 320 is what code allows, with every row of it
    assert free.drawn == 320
    assert not any(target.missed for target in free.targets)


def test_a_joint_share_sees_the_crossing_alone() -> None:
    facts = rows((50, {**EN, "task": "qa"}), (50, {**EN, "task": "code"}), (50, {**ZH, "task": "code"}))
    found = mixed(facts, shares={"language x task": {"zh x code": 0.2, "en x qa": 0.8}}, total=50)
    assert targets(found)["language x task", "zh x code"] == (10, 10, 0, False)
    assert targets(found)["language x task", OTHERS] == (0, 0, 0, False)
    assert found.repeats[50:100].sum() == 0


def test_contradicting_shares_end_with_a_draw_that_exceeds_none() -> None:
    facts = rows((900, {**ZH, "task": "qa"}), (900, {**EN, "task": "code"}))
    asked = {**BOTH, "task": {"qa": 0.5, "code": 0.5}}  # every zh row is qa, every en row code
    found = mixed(facts, shares=asked, total=100)
    assert targets(found) == {
        ("language", "en"): (60, 50, 10, True),
        ("language", "zh"): (40, 40, 0, False),
        ("task", "code"): (50, 50, 0, False),
        ("task", "qa"): (50, 40, 10, True),
        ("total", "all"): (100, 90, 10, True),
    }
    assert mixed(facts, shares=asked).drawn > 0


def test_repeats_reach_a_share_up_to_their_limit_evenly() -> None:
    facts = rows((100, EN), (10, ZH))
    half = {"language": {"zh": 0.5, "en": 0.5}}
    found = mixed(facts, shares=half, total=50, max_repeats=3)
    assert sorted(found.repeats[100:].tolist()) == [2] * 5 + [3] * 5
    assert targets(found)["language", "zh"] == (25, 25, 0, False)
    short = mixed(facts, shares=half, total=80, max_repeats=3)
    assert short.repeats[100:].tolist() == [3] * 10
    assert targets(short)["language", "zh"] == (40, 30, 10, True)
    assert mixed(facts, total=300, max_repeats=2).repeats.tolist() == [2] * 110


def test_a_total_alone_and_the_reason_that_put_a_row_out() -> None:
    facts = rows((80, EN), (20, ZH))
    assert drawn(facts, "source", total=10) == {"a": 10}
    assert {reason for _, reason in verdicts(facts, total=10).values()} == {None, "over_total"}
    found = mixed(facts, shares={"language": {"en": 0.5, "zh": 0.5}}, total=20)
    table = found.decisions(pa.array([row["row_id"] for row in facts]), np.ones(100, bool), 0).to_pylist()
    of_en = {row["value"]: row for row in table if row["detail"] == "language=en"}
    assert sorted(of_en) == list(range(11, 81))
    assert {row["limit"] for row in of_en.values()} == {10.0}
    assert {value for value, row in of_en.items() if row["reason"] == "over_share"} == set(range(11, 17))
    assert {row["reason"] for value, row in of_en.items() if value > 16} == {"over_total"}


def test_temperature_flattens_and_a_size_limit_counts_no_more() -> None:
    facts = rows((900, {"source": "a"}), (100, {"source": "b"}))
    assert drawn(facts, "source", total=200, temperature=2.0) == {"a": 150, "b": 50}
    assert drawn(facts, "source", total=200, size_limit=300) == {"a": 150, "b": 50}
    assert drawn(facts, "source", total=100, size_limit=900) == {"a": 90, "b": 10}
    facts = rows((80, {"task": "qa"}), (20, {"task": "code"}))
    assert drawn(facts, "task", total=40, temperature=1e9, temperature_over="task") == {"code": 20, "qa": 20}


def test_quality_keeps_the_best_and_counts_nothing_for_worst() -> None:
    facts = rows((6, {}))
    for row, length, turns in zip(facts, [5.0, None, 9.0, 9.0, 1.0, float("nan")], [2, 2, 4, 2, 2, 2], strict=True):
        row.update(response_length=length, turns=turns)
    kept = {number: [n for n, (times, _) in enumerate(
        verdicts(facts, total=number, pick="quality", pick_by=["response_length", "-turns"]).values()) if times]
        for number in (1, 2, 4)}  # fmt: skip
    assert kept == {1: [3], 2: [2, 3], 4: [0, 2, 3, 4]}


def test_numbers_booleans_and_bands_are_groups_too() -> None:
    facts = rows((5, {"turns": 2}), (5, {"turns": 4, "calls_tool": True, "est_tokens": 500}), (1, {"est_tokens": 9000}))
    assert drawn(facts, "turns", max_rows_per={"turns": {4: 2}}) == {2: 6, 4: 2}
    assert drawn(facts, "calls_tool", max_rows_per={"calls_tool": {True: 1}}) == {False: 6, True: 1}
    bands = {"length_band": {"32-127": 0.5, "128-511": 0.5}}
    assert drawn(facts, "est_tokens", shares=bands, total=6) == {40: 3, 500: 3, 9000: 0}


def test_other_splits_pass_and_drops_are_explained() -> None:
    found = mixed(rows((3, EN)), max_rows={"a": 1})
    train = np.array([True, False, True, False, True])
    table = found.decisions(pa.array(list("vwxyz")), train, 0)
    assert table["verdict"].to_pylist().count("drop") == 2
    assert [row["repeats"] for row in table.to_pylist() if row["row_id"] in "wy"] == [1, 1]
    drops = sorted((row["reason"], row["value"], row["limit"], row["detail"], row["repeats"])
                   for row in table.to_pylist() if row["verdict"] == "drop")  # fmt: skip
    assert drops == [("over_cap", 2.0, 1.0, "source=a", 0), ("over_cap", 3.0, 1.0, "source=a", 0)]


def test_coverage_shows_cells_without_a_row() -> None:
    facts = rows((2, {**EN, "task": "qa"}), (1, {**ZH, "task": "code"}), (3, {**FR, "task": "qa"}))
    found = mixed(facts, shares={"language": {"fr": 0}}, total=6, max_repeats=2)
    assert coverage(found.columns, ["task", "language"], found.repeats) == [
        ["code", "en", 0, 0], ["code", "fr", 0, 0], ["code", "zh", 1, 2],
        ["qa", "en", 2, 4], ["qa", "fr", 0, 0], ["qa", "zh", 0, 0],
    ]  # fmt: skip
    assert covered(["difficulty", "domain", "language", "task"]) == ["task", "domain", "difficulty"]
