"""Repetition, checked against a count of Python tuples."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.text.oracles import COLUMNS, column, split_tokens
from winnow.text.repetition import duplicate_lines, ngram_repetition
from winnow.text.words import words

LOOPS = st.lists(st.sampled_from(["a", "bb", "ccc", "你", "好", "2", "+"]), max_size=40).map(" ".join)


def covered_share(tokens: list[str], starts: list[int], n: int) -> float:
    covered = {at + step for at in starts for step in range(n)}
    total = sum(map(len, tokens))
    return round(sum(len(tokens[at]) for at in covered) / total, 4) if total else 0.0


def occurrences(tokens: list[str], n: int) -> dict[tuple[str, ...], list[int]]:
    starts: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(tokens) - n + 1):
        starts.setdefault(tuple(tokens[at : at + n]), []).append(at)
    return starts


def plain_top(tokens: list[str], n: int) -> float:
    repeated = [(-len(starts), -len("".join(gram)), starts) for gram, starts in occurrences(tokens, n).items()]
    repeated = sorted(one for one in repeated if one[0] < -1)
    return covered_share(tokens, repeated[0][2], n) if repeated else 0.0


def plain_duplicate(tokens: list[str], n: int) -> float:
    return covered_share(tokens, [at for starts in occurrences(tokens, n).values() for at in starts[1:]], n)


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(LOOPS, max_size=6) | COLUMNS)
@example(["a b a b a b a b a b a b", "", "b a b a", "x"])
def test_repetition_is_what_a_plain_count_gives(texts: list[str]) -> None:
    shares = ngram_repetition(words(column(texts)))
    tokens = [[token.lower() for token in split_tokens(text)] for text in texts]
    if any(text.lower() != text for text in texts):  # folding is checked against `normalised` elsewhere
        return
    for n, top in ((2, shares.top_2), (3, shares.top_3), (4, shares.top_4)):
        assert top.tolist() == [plain_top(one, n) for one in tokens]
    for n, duplicate in ((5, shares.duplicate_5), (10, shares.duplicate_10)):
        assert duplicate.tolist() == [plain_duplicate(one, n) for one in tokens]


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(st.text("a \n你", max_size=20), max_size=6))
def test_duplicate_lines_are_what_a_plain_count_gives(texts: list[str]) -> None:
    shares = []
    for text in texts:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        again = [line for line, count in Counter(lines).items() for _ in range(count - 1)]
        chars = len("".join(again)) / max(len("".join(lines)), 1)
        shares.append((round(len(again) / max(len(lines), 1), 4), round(chars, 4)))
    by_line, by_character = duplicate_lines(column(texts))
    assert list(zip(by_line.tolist(), by_character.tolist(), strict=True)) == shares


@pytest.mark.parametrize(
    "phrase", ["I am sorry, I do not know. ", "对不起，我不知道。", "すみません。", "Извините, не знаю. "]
)
def test_a_looping_reply_is_seen_in_every_script_and_a_sound_one_is_not(phrase: str) -> None:
    shares = ngram_repetition(words(pa.array([phrase * 20, phrase])))
    assert shares.duplicate_5[0] > 0.9
    assert shares.duplicate_5[1] == 0
    assert shares.top_2.max() <= 1
