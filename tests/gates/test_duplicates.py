"""Which of several duplicates stays, what the decisions on the others say, and rows near the train split."""

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from winnow.gates.duplicates import Links, anchors, duplicates, links_between
from winnow.gates.splitting import near_train
from winnow.records.schema import NEIGHBOURS

IDS = ["s:0", "s:1", "s:2", "s:3", "s:4", "s:5"]
EXACT, NEAR = "exact", "near"
Outcome = tuple[Any, ...]
Link = tuple[int, int, str, float]


def table(links: list[Link]) -> pa.Table:
    rows = [(IDS[a], IDS[b], relation, similarity) for a, b, relation, similarity in links]
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return pa.table(list(map(list, columns)), schema=NEIGHBOURS)


def dropped(
    links: list[Link],
    ranks: list[int] | None = None,
    dead: tuple[int, ...] = (),
    known: dict[tuple[int, int], float] | None = None,
) -> dict[int, Outcome]:
    """Return the drops; ``known`` are similarities that only a comparison finds."""
    alive = np.ones(len(IDS), bool)
    alive[list(dead)] = False
    ids, facts = pa.array(IDS), table(links)
    twins, near = anchors(len(IDS), links_between(ids, facts, EXACT)), links_between(ids, facts, NEAR, 0.8)

    def compare(pairs: np.ndarray) -> np.ndarray:
        return np.array([(known or {}).get((min(pair), max(pair)), 0.0) for pair in pairs.tolist()])

    drops = duplicates(ids, twins, near, np.array(ranks or range(len(IDS))), alive, 0.8, NEAR, compare)
    assert all(drop.limit == 0.8 for drop in drops.values())
    return {n: (drop.reason, drop.value, drop.other) for n, drop in drops.items()}


def test_exact_and_near_have_their_own_reasons() -> None:
    drops = dropped([(1, 0, EXACT, 1.0), (3, 2, NEAR, 0.9)])
    assert drops == {1: ("exact_duplicate", 1.0, "s:0"), 3: ("near_duplicate", 0.9, "s:2")}


def test_the_lowest_rank_stays() -> None:
    drops = dropped([(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.85)], ranks=[5, 4, 0, 3, 2, 1])
    assert drops == {1: ("near_duplicate", 0.85, "s:2")}


def test_a_row_leaves_only_for_one_that_stays_and_is_near_to_it_itself() -> None:
    chain: list[Link] = [(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9), (3, 2, NEAR, 0.9), (4, 3, NEAR, 0.9)]
    assert dropped(chain) == {
        1: ("near_duplicate", 0.9, "s:0"),
        3: ("near_duplicate", 0.9, "s:2"),
    }


def test_rows_that_no_link_joins_are_compared() -> None:
    chain: list[Link] = [(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.95)]
    assert dropped(chain, known={(0, 2): 0.85})[2] == ("near_duplicate", 0.85, "s:0")
    assert set(dropped(chain, known={(0, 2): 0.79})) == {1}


def test_a_row_that_left_for_one_that_leaves_is_looked_at_again() -> None:
    """1 leaves for 0 and 3 for 2; once 2 is found to leave for 0, 3 stays unless it is near 0 too."""
    links: list[Link] = [(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9), (3, 2, NEAR, 0.9)]
    assert set(dropped(links, known={(0, 2): 0.8})) == {1, 2}
    assert set(dropped(links, known={(0, 2): 0.8, (0, 3): 0.8})) == {1, 2, 3}


def test_twins_of_a_survivor_are_exact_whoever_represents_them() -> None:
    links: list[Link] = [(1, 0, EXACT, 1.0), (2, 0, EXACT, 1.0), (3, 0, NEAR, 0.9)]
    drops = dropped(links, ranks=[9, 0, 1, 2, 3, 4], known={(1, 3): 0.85})
    assert drops[0] == drops[2] == ("exact_duplicate", 1.0, "s:1")
    assert drops[3] == ("near_duplicate", 0.85, "s:1")
    assert 3 not in dropped(links, ranks=[9, 0, 1, 2, 3, 4], known={(1, 3): 0.79})


def test_twins_of_a_near_duplicate_leave_with_it() -> None:
    drops = dropped([(3, 2, EXACT, 1.0), (2, 0, NEAR, 0.9)], known={(0, 3): 0.88})
    assert drops == {2: ("near_duplicate", 0.9, "s:0"), 3: ("near_duplicate", 0.88, "s:0")}


def test_twins_of_a_near_duplicate_that_are_not_near_themselves_leave_but_for_one() -> None:
    drops = dropped([(3, 2, EXACT, 1.0), (4, 2, EXACT, 1.0), (2, 0, NEAR, 0.9)], known={(0, 3): 0.79})
    assert drops == {2: ("near_duplicate", 0.9, "s:0"), 4: ("exact_duplicate", 1.0, "s:3")}


def test_dead_rows_take_no_place_and_are_not_decided_on() -> None:
    links: list[Link] = [(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9)]
    assert dropped(links, dead=(1,)) == {}
    assert dropped(links, dead=(1,), known={(0, 2): 0.8}) == {2: ("near_duplicate", 0.8, "s:0")}
    assert dropped([(1, 0, NEAR, 0.9)], dead=(0,)) == {}


def test_links_below_the_limit_do_not_link() -> None:
    assert dropped([(1, 0, NEAR, 0.799999)]) == {}
    assert set(dropped([(1, 0, NEAR, 0.8)])) == {1}
    assert dropped([]) == {}


@pytest.mark.parametrize("seed", range(20))
def test_every_row_stays_or_is_near_to_one_that_does(seed: int) -> None:
    """On points of a line, near within .2, with most links missing: the comparison must find the others."""
    draw = random.Random(seed)
    places = [draw.random() for _ in range(60)]
    ids = pa.array([f"s:{n:02d}" for n in range(60)])
    pairs = [(a, b) for a in range(60) for b in range(a) if abs(places[a] - places[b]) <= 0.2]
    some = np.array([pair for pair in pairs if draw.random() < 0.3] or [(1, 0)])
    rank = np.array(draw.sample(range(60), 60))

    def similarity(pairs: np.ndarray) -> np.ndarray:
        return 1 - np.abs(np.array(places)[pairs[:, 0]] - np.array(places)[pairs[:, 1]])

    links = Links(some, similarity(some))
    drops = duplicates(ids, np.arange(60), links, rank, np.ones(60, bool), 0.8, NEAR, similarity)
    at = {row_id: n for n, row_id in enumerate(ids.to_pylist())}
    for row, drop in drops.items():
        assert drop.other is not None
        other = at[drop.other]
        assert other not in drops
        assert rank[other] < rank[row]
        assert drop.value == pytest.approx(1 - abs(places[row] - places[other]))
        assert drop.value is not None
        assert drop.value >= 0.8
    kept = [n for n in range(60) if n not in drops]
    linked = {int(end) for pair in some for end in pair}
    assert not [(a, b) for a in kept for b in kept if a < b and {a, b} <= linked and abs(places[a] - places[b]) < 0.2]


def near(links: list[Link], splits: dict[int, str], limit: float = 0.8) -> dict[int, Outcome]:
    of_row = np.array([splits.get(n) for n in range(len(IDS))], object)
    drops = near_train(pa.array(IDS), table(links), of_row, limit)
    return {row: (drop.reason, drop.value, drop.other, drop.detail) for row, drop in drops.items()}


def test_rows_near_train_leave_the_other_splits() -> None:
    splits = {0: "train", 1: "validation", 2: "test", 3: "test", 4: "validation", 5: "train"}
    drops = near([(1, 0, NEAR, 0.8), (2, 1, NEAR, 0.9), (4, 3, EXACT, 1.0)], splits)
    assert drops == {1: ("near_train", 0.8, "s:0", "validation, near")}


@pytest.mark.parametrize("relation", ["near_prompt", "mirror"])
def test_near_prompts_and_other_directions_of_a_translation_leak_too(relation: str) -> None:
    drops = near([(1, 0, relation, 0.9)], {0: "test", 1: "train"})
    assert drops == {0: ("near_train", 0.9, "s:1", f"test, {relation}")}


def test_a_row_is_near_for_its_twins_and_its_prompt_for_all_that_ask_it() -> None:
    splits = {0: "train", 1: "train", 2: "validation", 3: "test"}
    assert set(near([(1, 0, EXACT, 1.0), (2, 0, NEAR, 0.9)], splits)) == {2}
    assert set(near([(1, 0, "prompt", 1.0), (3, 2, "prompt", 1.0), (2, 0, "near_prompt", 0.9)], splits)) == {2, 3}
    assert near([(2, 0, "prompt", 1.0)], splits) == {2: ("near_train", 1.0, "s:0", "validation, near_prompt")}


def test_a_train_row_that_is_out_takes_no_place_and_links_nothing() -> None:
    assert near([(1, 0, NEAR, 0.9)], {1: "test", 5: "train"}) == {}
    assert near([(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9)], {0: "train", 2: "test"}) == {}


@pytest.mark.parametrize(("similarity", "out"), [(0.79, set()), (0.8, {1})])
def test_near_train_obeys_its_limit(similarity: float, out: set[int]) -> None:
    assert set(near([(1, 0, NEAR, similarity)], {0: "train", 1: "test"})) == out
