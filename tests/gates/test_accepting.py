"""``accept``: the first rule that is broken, novelty in one order against rows that stay, the target last."""

import pyarrow as pa

from winnow.gates.accepting import accepted, not_novel
from winnow.gates.written import RULES
from winnow.records.schema import CANDIDATES, CHECKED, NOVEL

LIMITS = {rule.name: rule.default for rule in RULES}


def pairs(*some: tuple[str, str, str, float]) -> pa.Table:
    """Return pairs of a candidate and a row or test item."""
    names = ("row_id", "kind", "other_row_id", "similarity")
    return pa.Table.from_pylist([dict(zip(names, one, strict=True)) for one in some], NOVEL)


def test_the_first_of_two_alike_stays_whatever_the_rest() -> None:
    both = pairs(("p:a", "row", "p:b", 0.8), ("p:b", "row", "p:a", 0.8))
    assert set(not_novel(["p:a", "p:b"], both, set(), [], 0.7)) == {"p:b"}
    assert set(not_novel(["p:b", "p:a"], both, set(), [], 0.7)) == {"p:a"}
    assert not_novel(["p:a", "p:b"], both, set(), [], 0.81) == {}


def test_only_rows_that_stay_block_and_test_items_always_do() -> None:
    chain = pairs(("p:b", "row", "s:1", 0.9), ("p:b", "item", "quiz:3", 0.7), ("p:c", "row", "p:b", 0.9))
    drops = not_novel(["p:b", "p:c"], chain, set(), [], 0.7)
    assert {row: drop.other for row, drop in drops.items()} == {"p:b": "quiz:3"}  # p:b is out, and p:c may stay
    drops = not_novel(["p:b", "p:c"], chain, {"s:1"}, [], 0.7)
    assert {row: (drop.other, drop.value) for row, drop in drops.items()} == {"p:b": ("s:1", 0.9)}
    assert set(not_novel(["p:b", "p:c"], chain, set(), ["p:b"], 0.7)) == set()


def test_each_candidate_that_is_alive_is_kept_or_dropped_for_one_reason() -> None:
    rows = [
        {"row_id": f"p:{n}", "plan": "p", "method": "m", "operator": None, "round": n // 3, "depth": 1, "family": "x"}
        for n in range(6)
    ]
    checks = [
        {"row_id": "p:0", "check": "leak", "value": 2.0, "detail": "given prompt"},
        {"row_id": "p:0", "check": "no_op", "value": 0.95, "detail": None},
        {"row_id": "p:1", "check": "growth", "value": 3.0, "detail": None},
    ]
    alive = [pa.array(["p:0", "p:1", "p:2", "p:3", "p:5", "s:1"])]  # p:4 left at an earlier gate
    drops = accepted(
        pa.Table.from_pylist(rows, CANDIDATES),
        pa.Table.from_pylist(checks, CHECKED),
        pairs(("p:2", "row", "s:1", 0.71)),
        alive,
        LIMITS,
        0.7,
        {"p": 2},
    )
    assert {row: drop.reason for row, drop in drops.items()} == {
        "p:0": "leak",
        "p:2": "not_novel",
        "p:5": "beyond_target",
    }
    assert drops["p:0"].detail == "given prompt; also no_op"
