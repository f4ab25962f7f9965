"""Which of a group of duplicates stays, what the decisions on the others say, and rows near the train split."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from winnow.gates.duplicates import Neighbourhood, duplicates, neighbourhood
from winnow.gates.splitting import near_train
from winnow.records.schema import NEIGHBOURS

IDS = ["s:0", "s:1", "s:2", "s:3", "s:4", "s:5"]
EXACT, NEAR = "exact", "near"
Outcome = tuple[Any, ...]
Link = tuple[int, int, str, float]


def found(links: list[Link], limit: float = 0.8) -> Neighbourhood:
    rows = [(IDS[a], IDS[b], relation, similarity) for a, b, relation, similarity in links]
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return neighbourhood(pa.array(IDS), pa.table(list(map(list, columns)), schema=NEIGHBOURS), limit)


def dropped(links: list[Link], ranks: list[int] | None = None, dead: tuple[int, ...] = ()) -> dict[int, Outcome]:
    alive = np.ones(len(IDS), bool)
    alive[list(dead)] = False
    drops = duplicates(found(links), np.array(ranks or range(len(IDS))), alive, 0.8)
    assert all(drop.limit == 0.8 for drop in drops.values())
    return {n: (drop.reason, drop.value, drop.other, drop.detail) for n, drop in drops.items()}


def test_exact_and_near_have_their_own_reasons() -> None:
    drops = dropped([(1, 0, EXACT, 1.0), (3, 2, NEAR, 0.9)])
    assert drops == {1: ("exact_duplicate", 1.0, "s:0", None), 3: ("near_duplicate", 0.9, "s:2", None)}


def test_the_lowest_rank_stays() -> None:
    drops = dropped([(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.85)], ranks=[5, 4, 0, 3, 2, 1])
    assert drops[0] == ("near_duplicate", 0.85, "s:2", "linked by s:1")
    assert drops[1] == ("near_duplicate", 0.85, "s:2", None)
    assert set(drops) == {0, 1}


def test_the_value_is_the_weakest_link_on_the_way() -> None:
    drops = dropped([(1, 0, NEAR, 0.8), (2, 1, NEAR, 0.95), (3, 2, EXACT, 1.0), (4, 0, NEAR, 0.9)])
    assert {n: (drop[0], drop[1]) for n, drop in drops.items()} == {
        1: ("near_duplicate", 0.8),
        2: ("near_duplicate", 0.8),
        3: ("near_duplicate", 0.8),
        4: ("near_duplicate", 0.9),
    }


def test_twins_of_a_survivor_are_exact_whoever_represents_them() -> None:
    drops = dropped([(1, 0, EXACT, 1.0), (2, 0, EXACT, 1.0), (3, 0, NEAR, 0.9)], ranks=[9, 0, 1, 2, 3, 4])
    assert drops[0] == ("exact_duplicate", 1.0, "s:1", None)
    assert drops[2] == ("exact_duplicate", 1.0, "s:1", "linked by s:0")
    assert drops[3] == ("near_duplicate", 0.9, "s:1", "linked by s:0")


def test_dead_rows_still_link_but_are_not_decided_on() -> None:
    drops = dropped([(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9)], dead=(1,))
    assert drops == {2: ("near_duplicate", 0.9, "s:0", "linked by s:1")}
    assert dropped([(1, 0, NEAR, 0.9)], dead=(0,)) == {}


def test_links_below_the_limit_do_not_link() -> None:
    assert dropped([(1, 0, NEAR, 0.799999)]) == {}
    assert set(dropped([(1, 0, NEAR, 0.8)])) == {1}
    assert dropped([]) == {}


def near(links: list[Link], splits: dict[int, str], limit: float = 0.8) -> dict[int, Outcome]:
    alive = np.array(sorted(splits, reverse=True))  # the rows come in another order than in the neighbourhood
    drops = near_train(found(links, limit), alive, np.array([splits[n] for n in alive], object), limit)
    return {int(alive[at]): (drop.reason, drop.other, drop.detail) for at, drop in drops.items()}


def test_rows_near_train_leave_the_other_splits() -> None:
    splits = {0: "train", 1: "validation", 2: "test", 3: "test", 4: "validation", 5: "train"}
    drops = near([(1, 0, NEAR, 0.8), (2, 1, NEAR, 0.9), (4, 3, EXACT, 1.0)], splits)
    assert drops == {1: ("near_train", "s:0", "validation"), 2: ("near_train", "s:0", "test")}


def test_a_train_row_that_is_out_takes_no_place() -> None:
    assert near([(1, 0, NEAR, 0.9)], {1: "test", 5: "train"}) == {}


def test_a_row_that_is_out_still_links_a_test_row_to_train() -> None:
    assert set(near([(1, 0, NEAR, 0.9), (2, 1, NEAR, 0.9)], {0: "train", 2: "test"})) == {2}


@pytest.mark.parametrize(("similarity", "out"), [(0.79, set()), (0.8, {1})])
def test_near_train_obeys_its_limit(similarity: float, out: set[int]) -> None:
    assert set(near([(1, 0, NEAR, similarity)], {0: "train", 1: "test"})) == out
