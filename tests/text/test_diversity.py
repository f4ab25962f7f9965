"""Type-token ratio, MTLD and compression, checked against plain ways to compute them."""

import zlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.text.oracles import COLUMNS, column, split_tokens
from winnow.text.diversity import MTLD_TOKENS, compression_ratio, gaps, mtld, type_token_ratio
from winnow.text.tokens import hashed_tokens

SPEECH = st.lists(st.integers(0, 25).map(lambda n: f"w{n}") | st.sampled_from("的一是不了"), max_size=150).map(" ".join)


def plain_mtld(tokens: list[str]) -> float:
    return round((one_way(tokens) + one_way(tokens[::-1])) / 2, 4) if tokens else 0.0


def one_way(tokens: list[str]) -> float:
    types: set[str] = set()
    factors, count = 0.0, 0
    for token in tokens:
        count += 1
        types.add(token)
        if len(types) / count <= 0.72:
            factors, types, count = factors + 1, set(), 0
    if count:
        factors += (1 - len(types) / count) / (1 - 0.72)
    return len(tokens) / (factors or 1)


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(SPEECH, max_size=6) | COLUMNS)
@example(["a " * 25, "a b c d e f g h i j k l m n o p q r " * 3, "", "a"])
def test_diversity_is_what_a_plain_reading_gives(texts: list[str]) -> None:
    tokens = hashed_tokens(column(texts))
    words = [split_tokens(text) for text in texts]
    assert mtld(tokens, gaps(tokens)) == pytest.approx([plain_mtld(one) for one in words], abs=1e-4)
    ratios = [round(len(set(one[:50])) / len(one[:50]), 4) if one else 1.0 for one in words]
    assert type_token_ratio(tokens, gaps(tokens)).tolist() == ratios


def test_mtld_looks_at_no_more_than_its_cap() -> None:
    start = [f"w{n * n % 97}" for n in range(MTLD_TOKENS)]
    texts = pa.array([" ".join(start), " ".join(start + ["w0"] * 5_000)])
    tokens = hashed_tokens(texts)
    short, long = mtld(tokens, gaps(tokens)).tolist()
    assert short == long == plain_mtld(start)


@pytest.mark.parametrize("unit", ["the same again ", "再来一遍，"])
def test_diversity_falls_where_words_come_back(unit: str) -> None:
    varied = " ".join(chr(97 + n // 26) + chr(97 + n % 26) for n in range(120))
    tokens = hashed_tokens(pa.array([unit * 40, varied]))
    looped, free = mtld(tokens, gaps(tokens)).tolist()
    assert looped < 15
    assert free > 100


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(st.text(max_size=80) | st.just("中文 abc\n" * 400), max_size=5))
def test_compression_is_zlibs(texts: list[str]) -> None:
    ratios = compression_ratio(column(texts))
    for text, ratio in zip(texts, ratios, strict=True):
        data = text.encode()
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        size = len(packer.compress(data)) + len(packer.flush())
        assert ratio == pytest.approx(min(1, size / len(data)) if data else 1.0, abs=0.05)  # zlib-ng packs otherwise
        assert 0 < ratio <= 1


def test_a_loop_compresses_well_and_prose_does_not() -> None:
    loop, prose = compression_ratio(pa.array(["Yes, of course. " * 50, "It was the best of times, it was the worst."]))
    assert loop < 0.1
    assert prose > 0.6
    assert not np.isnan(compression_ratio(pa.array([], pa.string()))).any()
