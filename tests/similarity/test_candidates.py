"""MinHash candidates and their verification, checked against all pairs."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.similarity.rows import jaccard, with_edits
from tests.text.oracles import runs, split_tokens
from winnow.similarity.jaccard import similarities, unique_per_row
from winnow.similarity.minhash import BANDS, band_keys, candidates, signatures
from winnow.storage.types import Floats, Ints
from winnow.text.tokens import hashed_tokens, mix, ngrams


def pairs_of(texts: list[str]) -> tuple[Ints, Floats]:
    """Return the distinct candidate pairs of all bands and their similarities."""
    shingles = ngrams(hashed_tokens(pa.array(texts, pa.string())), 3)
    keys = band_keys(signatures(*shingles))
    pairs = np.unique(np.concatenate([candidates(keys[:, band]) for band in range(BANDS)]), axis=0)
    return pairs, similarities(*unique_per_row(*shingles), pairs)


def test_recall_and_precision() -> None:
    texts = with_edits(700)
    sets = [set(runs(split_tokens(text), 3)) for text in texts]
    true = {(a, b): jaccard(sets[a], sets[b]) for a, b in combinations(range(len(texts)), 2)}
    pairs, values = pairs_of(texts)
    for (a, b), value in zip(pairs.tolist(), values.tolist(), strict=True):
        assert value == pytest.approx(true[a, b], abs=1e-12)
    candidate_pairs = set(map(tuple, pairs.tolist()))
    for language in (0, 1):  # texts come in fives, Han and Latin by turns
        near = {pair for pair, value in true.items() if value >= 0.8 and pair[0] // 5 % 2 == language}
        assert len(near) > 100
        assert len(near & candidate_pairs) / len(near) >= 0.98


def test_signatures_do_not_depend_on_the_batch() -> None:
    texts = [*with_edits(50), "", "!!!", "one", "两 个"]
    whole = band_keys(signatures(*ngrams(hashed_tokens(pa.array(texts)), 3)))
    single = [band_keys(signatures(*ngrams(hashed_tokens(pa.array([text])), 3)))[0] for text in texts]
    assert np.array_equal(whole, np.array(single))


def test_share_of_equal_band_keys_follows_the_similarity() -> None:
    texts = with_edits(500, seed=3)
    sets = [set(runs(split_tokens(text), 3)) for text in texts]
    keys = band_keys(signatures(*ngrams(hashed_tokens(pa.array(texts)), 3)))
    at = [(a, a + step) for a in range(0, 500, 5) for step in range(1, 5)]
    expected = np.mean([jaccard(sets[a], sets[b]) ** 6 for a, b in at])
    assert np.mean([np.mean(keys[a] == keys[b]) for a, b in at]) == pytest.approx(expected, abs=0.02)


@settings(max_examples=200, deadline=None)
@given(keys=st.lists(st.integers(0, 4), max_size=20))
def test_small_groups_give_all_their_pairs(keys: list[int]) -> None:
    pairs = candidates(mix(np.array(keys, np.uint64))).tolist()
    assert sorted(map(tuple, pairs)) == [(a, b) for a, b in combinations(range(len(keys)), 2) if keys[a] == keys[b]]


@pytest.mark.parametrize("size", [33, 34, 100, 2_000])
def test_a_large_group_stays_connected_at_linear_cost(size: int) -> None:
    from winnow.similarity.forest import groups

    keys = np.concatenate([np.full(size, 5, np.uint64), np.arange(100, 200, dtype=np.uint64)])
    pairs = candidates(mix(np.random.default_rng(0).permutation(keys)))
    assert len(pairs) <= 33 * size
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert np.bincount(groups(size + 100, pairs)).max() == size


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.lists(st.integers(0, 9), max_size=12), min_size=1, max_size=6))
def test_similarities_are_jaccard(rows: list[list[int]]) -> None:
    values = np.array([n << 32 for row in rows for n in row], np.uint64)
    bounds = np.cumsum([0, *map(len, rows)])
    pairs = [(a, b) for a in range(len(rows)) for b in range(len(rows)) if a != b]
    values_of_pairs = similarities(*unique_per_row(values, bounds), np.array(pairs, np.int64).reshape(-1, 2))
    assert values_of_pairs.tolist() == pytest.approx([jaccard(set(rows[a]), set(rows[b])) for a, b in pairs])
