"""Splits are sampled by a seeded hash: other rows never move a row."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.gates.splitting import assign

KEYS = st.lists(st.text(max_size=5), max_size=20)


@settings(deadline=None)
@given(keys=KEYS, more=KEYS, seed=st.integers(0, 5))
def test_more_rows_move_no_row(keys: list[str], more: list[str], seed: int) -> None:
    alone = assign(keys, seed, 0.3, 0.3).tolist()
    assert assign([*more, *keys], seed, 0.3, 0.3).tolist()[len(more) :] == alone
    by_key = dict(zip(keys, alone, strict=True))
    assert [by_key[key] for key in keys] == alone


@pytest.mark.parametrize(("validation", "test"), [(0.02, 0.02), (0.1, 0.3), (0.0, 0.0), (0.0, 1.0)])
def test_shares_are_right(validation: float, test: float) -> None:
    counts = Counter(assign([f"key{n}" for n in range(20_000)], 20230313, validation, test).tolist())
    for name, share in (("validation", validation), ("test", test), ("train", 1 - validation - test)):
        assert counts[name] / 20_000 == pytest.approx(share, abs=0.01 if 0 < share < 1 else 0)


def test_a_larger_share_only_adds_and_another_seed_draws_anew() -> None:
    keys = [f"key{n}" for n in range(2_000)]
    small, large, other = assign(keys, 1, 0.0, 0.1), assign(keys, 1, 0.0, 0.2), assign(keys, 2, 0.0, 0.1)
    assert set(large[small == "test"]) == {"test"}
    assert 0 < (small[other == "test"] == "test").mean() < 0.3
