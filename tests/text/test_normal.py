"""Normalised text: compatibility form, small letters, one space, and the keys made of it."""

import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.text.oracles import COLUMNS, column, normal
from winnow.text.normal import normalised, text_keys


@settings(max_examples=500, deadline=None)
@given(texts=COLUMNS)
def test_normalised_is_what_plain_python_says_and_idempotent(texts: list[str]) -> None:
    once = normalised(column(texts))
    assert once.to_pylist() == [normal(text) for text in texts]
    assert normalised(once).to_pylist() == once.to_pylist()


@pytest.mark.parametrize(
    "alike",
    [
        ["Hello,  World", " hello,\tworld\n", "ＨＥＬＬＯ，　ｗｏｒｌｄ"],
        ["a b", "a\x0bb", "a\u2028b", "a\x85b", "a\u1680b", "\x1fa \x1f b"],
        ["T\u0308", "\u1e97"],
        ["", " ", "\n\u3000\x0b"],
    ],
)
def test_what_only_looks_different_is_equal(alike: list[str]) -> None:
    assert len(set(normalised(pa.array(alike)).to_pylist())) == 1


def test_what_differs_stays_different() -> None:
    texts = ["2 + 3", "2 - 3", "23", "你好", "您好", "don't", "dont"]
    assert len(set(normalised(pa.array(texts)).to_pylist())) == len(texts)


@settings(max_examples=100, deadline=None)
@given(texts=COLUMNS)
def test_keys_are_equal_where_texts_and_extras_are(texts: list[str]) -> None:
    kinds = ["sft" if n % 2 else "preference" for n in range(len(texts))]
    keys = text_keys(column(texts), kinds).to_pylist()
    pairs = list(zip(texts, kinds, strict=True))
    assert len(set(keys)) == len(set(pairs))
