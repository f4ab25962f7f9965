"""Tokens and n-grams as hashes, checked against tokens and n-grams as Python strings."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import COLUMNS, column, runs, split_tokens
from winnow.text.codepoints import slices
from winnow.text.tokens import Tokens, hashed_tokens, ngrams


def per_text(tokens: Tokens) -> list[list[int]]:
    return [tokens.hashes[a:b].tolist() for a, b in zip(tokens.bounds, tokens.bounds[1:], strict=False)]


def same_classes(hashes: list[list[int]], values: Sequence[Sequence[object]]) -> bool:
    """Return whether equal values have equal hashes and other values others, across all texts."""
    assert [len(row) for row in hashes] == [len(row) for row in values]
    flat = [(h, v) for row, other in zip(hashes, values, strict=True) for h, v in zip(row, other, strict=True)]
    return len(set(flat)) == len({h for h, _ in flat}) == len({v for _, v in flat})


@settings(max_examples=300, deadline=None)
@given(texts=COLUMNS)
def test_equal_tokens_have_equal_hashes_and_only_they(texts: list[str]) -> None:
    tokens = hashed_tokens(column(texts))
    assert tokens.bounds[0] == 0
    assert tokens.bounds[-1] == len(tokens.hashes)
    assert same_classes(per_text(tokens), [split_tokens(text) for text in texts])


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS, n=st.integers(1, 8))
def test_ngrams_are_runs_that_stay_inside_a_text(texts: list[str], n: int) -> None:
    grams = ngrams(hashed_tokens(column(texts)), n)
    assert same_classes(per_text(grams), [runs(split_tokens(text), n) for text in texts])


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS, characters=st.integers(1, 60))
def test_any_slicing_gives_the_same_hashes(texts: list[str], characters: int) -> None:
    whole = column(texts)
    parts = list(slices(whole, characters))
    assert [start for start, _ in parts] == np.cumsum([0, *(len(part) for _, part in parts)])[:-1].tolist()
    for n in (1, 3):
        cut = [row for _, part in parts for row in per_text(ngrams(hashed_tokens(part), n))]
        assert cut == per_text(ngrams(hashed_tokens(whole), n))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the cat, the mat", ["the", "cat", "the", "mat"]),
        ("用Python写排序。", ["用", "Python", "写", "排", "序"]),
        ("𠮷野家", ["𠮷", "野", "家"]),  # beyond the basic plane: such characters were once no tokens at all
        ("葛\U000e0100城", ["葛", "城"]),  # a variation selector is no token
        ("2+3 2*3", ["2", "+", "3", "2", "*", "3"]),
        ("한국 カナ", ["한", "국", "カ", "ナ"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("!!! … 。", []),
        ("", []),
    ],
)
def test_what_is_a_token(text: str, tokens: list[str]) -> None:
    assert split_tokens(text) == tokens
    assert len(hashed_tokens(pa.array([text])).hashes) == len(tokens)


def plain_hash(token: str) -> int:
    value = sum((ord(c) + 1) * pow(0x9E3779B97F4A7C15, at, 1 << 64) for at, c in enumerate(token)) % (1 << 64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> shift)) * factor % (1 << 64)
    return value ^ (value >> 31)


def test_hashes_never_change() -> None:
    """Neighbours of released versions rest on these values: a change of them is a change of every version."""
    texts = ["hello 世", "x" * 70_000, "hello"]
    hashes = per_text(hashed_tokens(pa.array(texts)))
    assert hashes == [[plain_hash(token) for token in split_tokens(text)] for text in texts]
    assert f"{hashes[0][0]:016x}" == "415d1a6f0f0bba63"


def test_order_counts_in_an_ngram() -> None:
    abc, acb = per_text(ngrams(hashed_tokens(pa.array(["a b c", "a c b"])), 3))
    assert abc != acb
