"""What holds of every mix: nothing lost, no limit passed, no order seen, and one more row moves few others."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gates.mixes import mixed, rows, verdicts
from winnow.gates.mix.quotas import Dimension, fill, largest_total, rake, whole

Row = dict[str, Any]

FACTS = st.builds(
    lambda cells: rows(*((n, {"source": s, "language": c, "task": t}) for n, s, c, t in cells)),
    st.lists(
        st.tuples(
            st.integers(1, 12), st.sampled_from("ab"), st.sampled_from(["en", "zh", "fr"]), st.sampled_from("qc")
        ),
        max_size=6,
    ),
)
LANGUAGE = st.sampled_from([{"zh": 0.4, "en": 0.6}, {"zh": 0.25}, {"en": 0.5, "ja": 0.2}, {"fr": 0}])
SHARES = st.fixed_dictionaries({}, optional={"language": LANGUAGE, "task": st.sampled_from([{"q": 0.5}, {"c": 1}])})
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "shares": SHARES,
        "total": st.integers(1, 80),
        "max_rows": st.fixed_dictionaries({"a": st.integers(0, 20)}),
        "max_rows_per": st.fixed_dictionaries({"task": st.integers(1, 20)}),
        "max_repeats": st.integers(1, 3),
        "temperature": st.sampled_from([1.0, 2.0, 5.0]),
    },
)


@settings(max_examples=70)
@given(facts=FACTS, wanted=SETTINGS, order=st.randoms(use_true_random=False))
def test_every_mix_obeys_its_limits_and_sees_no_order(facts: list[Row], wanted: dict[str, Any], order: Random) -> None:
    found = mixed(facts, **wanted)
    by_id = verdicts(facts, **wanted)
    assert all((times > 0) == (reason is None) for times, reason in by_id.values())
    assert found.repeats.max(initial=0) <= wanted.get("max_repeats", 1)
    assert found.drawn <= wanted.get("total", len(facts))
    of_a = [times > 0 for one, (times, _) in by_id.items() if one[0] == "a"]
    assert sum(of_a) <= wanted.get("max_rows", {}).get("a", len(facts))
    for target in found.targets:
        assert target.reached <= target.asked + 1e-6
        assert target.drawn <= target.asked + len(found.names)
    shuffled = facts.copy()
    order.shuffle(shuffled)
    assert verdicts(shuffled, **wanted) == by_id


def moved(facts: list[Row], one: Row, wanted: dict[str, Any]) -> int:
    """Return how many other rows change their verdict when the row ``one`` comes in."""
    before, after = verdicts(facts, **wanted), verdicts([*facts, one], **wanted)
    return sum((before[row_id][0] > 0) != (after[row_id][0] > 0) for row_id in before)


ONE = st.builds(
    lambda source, language, task: {**rows((1, {"language": language, "task": task}))[0], "row_id": f"{source}:new"}
    | {"source": source},
    st.sampled_from("ab"), st.sampled_from(["en", "zh", "fr"]), st.sampled_from("qc"),
)  # fmt: skip


@settings(max_examples=70)
@given(facts=FACTS, one=ONE, caps=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_one_more_row_displaces_one_at_most_for_one_cap_and_three_for_two(
    facts: list[Row], one: Row, caps: tuple[int, int]
) -> None:
    assert moved(facts, one, {"max_rows": {"a": caps[0]}}) <= 1
    assert moved(facts, one, {"max_rows": {"a": caps[0]}, "max_rows_per": {"task": caps[1]}}) <= 3


@settings(max_examples=70)
@given(facts=FACTS, one=ONE, shares=LANGUAGE, total=st.integers(1, 60), most=st.integers(1, 3))
def test_one_more_row_moves_one_at_most_under_shares_of_a_total(
    facts: list[Row], one: Row, shares: dict[str, float], total: int, most: int
) -> None:
    wanted = {"shares": {"language": shares}, "total": total, "max_repeats": most}
    categories = len(shares) + 1
    assert moved(facts, one, wanted) <= categories  # of whole rows given to remainders; one where shares are whole
    if all((share * total) % 1 == 0 for share in shares.values()):
        assert moved(facts, one, wanted) <= 1


@settings(max_examples=70)
@given(facts=FACTS, one=ONE, most=st.integers(1, 3))
def test_without_a_total_one_more_row_lets_in_what_its_share_allows(facts: list[Row], one: Row, most: int) -> None:
    if {row["language"] for row in facts} >= {"zh", "en"}:  # a first row of a language opens its whole share
        wanted = {"shares": {"language": {"zh": 0.4, "en": 0.6}}, "max_repeats": most}
        assert moved(facts, one, wanted) <= most / 0.4 + 2


def test_several_shares_stay_put_when_one_row_comes_or_goes() -> None:
    rng = np.random.default_rng(5)
    tasks, languages = rng.choice(list("qqqcd"), 1500), rng.choice(["en", "en", "zh", "fr"], 1500)
    facts = rows(*((1, {"task": t, "language": c}) for t, c in zip(tasks.tolist(), languages.tolist(), strict=True)))
    wanted = {"shares": {"language": {"zh": 0.4, "en": 0.4}, "task": {"q": 0.3, "c": 0.4}}, "total": 600}
    counts = [moved([*facts[:n], *facts[n + 1 :]], facts[n], wanted) for n in range(0, 1500, 100)]
    assert max(counts) <= 9  # the cells
    assert sum(counts) / len(counts) <= 2


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), min_size=6, max_size=6))
def test_targets_that_some_draw_meets_are_met(cells: list[tuple[int, int]]) -> None:
    draw = np.array([float(n) for n, _ in cells])
    ceilings = draw + [more for _, more in cells]
    total = draw.sum()
    first, second = np.repeat([0, 1, 2], 2), np.tile([0, 1], 3)
    found = [Dimension(one, np.bincount(one, draw) / total) for one in (first, second)]
    reached = fill(rake(ceilings, ceilings, found, total), ceilings, found, total)
    for one in found:
        assert one.sums(reached) == pytest.approx(one.shares * total, rel=0.005)
    assert (reached <= ceilings + 1e-9).all()
    assert largest_total(ceilings, ceilings, found) >= int(total + 1e-6)


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 60), min_size=4, max_size=4), st.sampled_from([0.2, 0.5, 0.7]), st.sampled_from([0.3, 0.5])
)
def test_the_largest_total_of_two_by_two_is_what_trying_all_gives(sizes: list[int], share: float, other: float) -> None:
    ceilings = np.array(sizes, float)
    found = [
        Dimension(np.array([0, 0, 1, 1]), np.array([share, 1 - share])),
        Dimension(np.array([0, 1, 0, 1]), np.array([other, 1 - other])),
    ]

    def possible(total: int) -> bool:  # one free number: the first cell
        low = max(0.0, share * total - ceilings[1], other * total - ceilings[2], (share + other - 1) * total)
        high = min(ceilings[0], share * total, other * total, ceilings[3] + (share + other - 1) * total)
        return bool(low <= high + 1e-7)

    best = max(total for total in range(int(ceilings.sum()) + 1) if possible(total))
    if best > 0 and all((one.sums(ceilings) > 0).all() for one in found):
        assert largest_total(ceilings, ceilings, found) == best


def test_a_total_that_can_be_reached_is_reached_to_the_row() -> None:
    """Dimensions that depend on each other end raking and filling a hair below their targets."""
    sizes = np.array([4_211.0, 30_377.0, 8_193.0, 1_019.0, 2_963.0, 9_007.0, 2_011.0, 307.0])
    found = [
        Dimension(np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0.6, 0.4])),
        Dimension(np.array([0, 1, 2, 3, 0, 1, 2, 3]), np.array([0.1, 0.5, 0.35, 0.05])),
    ]
    for total in range(16_000, 19_000, 501):
        draws = fill(rake(sizes, sizes, found, total), sizes, found, total)
        assert whole(draws, sizes).sum() == total


@given(st.lists(st.floats(0, 50), max_size=12))
def test_whole_rows_add_up(draws: list[float]) -> None:
    cells = np.array(draws)
    found = whole(cells, np.full(len(cells), 60.0))
    assert abs(found.sum() - cells.sum()) < 1 + 1e-5
    assert (np.abs(found - cells) < 1 + 1e-5).all()
