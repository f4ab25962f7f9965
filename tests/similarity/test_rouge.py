"""ROUGE-L of pairs: equal to comparing all pairs by the textbook recurrence, in Chinese as in English."""

import random

import pyarrow as pa
import pytest

from winnow.similarity.rouge import pairs_from
from winnow.text.normal import normalised
from winnow.text.tokens import Tokens, hashed_tokens


def tokens(texts: list[str]) -> Tokens:
    return hashed_tokens(normalised(pa.array(texts, pa.string())))


def found(a: list[str], b: list[str], floor: float) -> dict[tuple[int, int], float]:
    """Return the pairs from ``floor`` on by position."""
    return {
        (i, j): similarity
        for some in pairs_from(tokens(a), tokens(b), floor)
        for i, j, similarity in zip(some.a.tolist(), some.b.tolist(), some.similarity.tolist(), strict=True)
    }


def textbook(a: list[int], b: list[int]) -> float:
    """Return F of two runs of tokens by the whole table."""
    best = [0] * (len(b) + 1)
    for one in a:
        before = 0
        for at, other in enumerate(b, 1):
            best[at], before = (before + 1 if one == other else max(best[at], best[at - 1])), best[at]
    return 2 * best[-1] / (len(a) + len(b))


@pytest.mark.parametrize("floor", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("longest", [14, 150])  # short texts share a word of bits, long ones are numbers of their own
def test_equals_all_pairs(floor: float, longest: int) -> None:
    lot = random.Random(3)
    words = [f"w{n}" for n in range(40)] + list("一二三四五六")
    texts = [" ".join(lot.choices(words[: lot.choice([6, 46])], k=lot.randint(0, longest))) for _ in range(160)]
    texts[30:60] = [text.replace("w1", "x", 3) for text in texts[:30]]
    some, others = texts[:60], texts[20:]
    a, b = tokens(some), tokens(others)
    runs = [
        [one.hashes[one.bounds[n] : one.bounds[n + 1]].tolist() for n in range(len(one.bounds) - 1)] for one in (a, b)
    ]
    wanted = {
        (i, j): similarity
        for i, first in enumerate(runs[0])
        for j, second in enumerate(runs[1])
        if first and second and (similarity := textbook(first, second)) >= floor - 1e-9
    }
    assert len(wanted) >= 40
    assert found(some, others, floor) == pytest.approx(wanted)


def test_sees_chinese_and_mixed_texts() -> None:
    near = found(["用 Python 写代码", "今天天气很好"], ["用 Python 读文件", "今天天气很好", "明天下雨"], 0.3)
    assert near == pytest.approx({(0, 0): 0.4, (1, 1): 1.0})


def test_texts_without_tokens_are_like_nothing() -> None:
    assert found(["", "…"], ["", "…", "a"], 0.5) == {}
