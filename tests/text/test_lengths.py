"""Lengths of columns, checked against plain Python; the estimate of tokens."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.text.oracles import COLUMNS, column
from winnow.text.lengths import characters, cjk_characters, estimated_tokens, latin_equivalent

_CJK = re.compile(r"[々〇\u3041-\u309f\u30a1-\u30fa\u30fd-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]")


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS)
def test_characters_are_code_points(texts: list[str]) -> None:
    assert characters(column(texts)).tolist() == [len(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["用 Python 写", "東京タワーへ行く", "한국어 OK", "𠮷野家", "，。！？「」", "no", "", "é😀", "佐々木"]
)
def test_cjk_characters(text: str) -> None:
    assert cjk_characters(column([text])).tolist() == [len(_CJK.findall(text))]


def test_a_cjk_character_counts_its_weight() -> None:
    texts = pa.array(["abcdef", "你好", "你好ab"])
    assert latin_equivalent(characters(texts), cjk_characters(texts), 3.0).tolist() == [6.0, 6.0, 8.0]
    assert latin_equivalent(characters(texts), cjk_characters(texts), 1.0).tolist() == [6.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [  # bounds around what current BPE tokenizers give
        ("", 0, 0),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
        ("Extraordinary circumstances necessitate precautionary measures.", 7, 13),
        ("今天天气很好，我们一起去公园散步吧。", 9, 18),
        ("12345678", 2, 8),
        ("    \n\n    ", 0, 2),
        ("x = [i ** 2 for i in range(10)]", 10, 26),
    ],
)
def test_estimated_tokens_are_near_what_tokenizers_give(text: str, low: int, high: int) -> None:
    texts = column([text])
    assert low <= estimated_tokens(texts, cjk_characters(texts))[0] <= high


@settings(max_examples=100, deadline=None)
@given(texts=COLUMNS)
def test_estimates_do_not_depend_on_neighbours(texts: list[str]) -> None:
    one_by_one = [estimated_tokens(pa.array([t]), cjk_characters(pa.array([t])))[0] for t in texts]
    whole = estimated_tokens(column(texts), cjk_characters(column(texts)))
    assert whole.tolist() == one_by_one
    assert np.all(whole >= 0)
