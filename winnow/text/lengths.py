"""Lengths that mean the same in every script."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import Floats, Ints
from winnow.text.columns import counts, not_ascii
from winnow.text.runs import pieces

_CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"


def characters(texts: pa.Array) -> Ints:
    """Return the number of characters (code points) of each text."""
    return pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)


def cjk_characters(texts: pa.Array) -> Ints:
    """Return the number of Han, kana and Hangul characters of each text.

    >>> cjk_characters(pa.array(["用 Python", "ok"])).tolist()
    [1, 0]
    """
    cjk = np.zeros(len(texts), np.int64)
    if len(rows := not_ascii(texts)):
        cjk[rows] = counts(texts.take(pa.array(rows)), _CJK)
    return cjk


def latin_equivalent(chars: Ints, cjk: Ints, weight: float) -> Floats:
    """Return lengths in Latin characters: one CJK character counts ``weight`` Latin ones.

    >>> latin_equivalent(np.array([10, 5]), np.array([0, 5]), 3.0).tolist()
    [10.0, 15.0]
    """
    return chars + cjk * (weight - 1.0)


def estimated_tokens(texts: pa.Array, cjk: Ints) -> Ints:
    """Return an estimate of the number of tokens a current BPE tokenizer makes of each text.

    A Latin word counts 1 (2 with more than seven letters), a CJK character 0.72, any other sign 0.9; against Qwen's
    tokenizer this is 1.04 of the true count in English, 1.11 in Chinese, at a correlation of .98.

    >>> estimated_tokens(pa.array(["Hello, extraordinary world"]), np.array([0])).tolist()
    [5]
    """
    words, long_words, numbers, signs = pieces(texts)
    return np.rint(words + long_words + numbers + cjk * 0.72 + (signs - cjk) * 0.9).astype(np.int64)
