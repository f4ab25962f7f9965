"""Differences: both texts can be put together again, and long ones are quick and short to read."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.text.worddiff import MORE, around_changes, bounded, word_diff

TEXTS = st.lists(
    st.sampled_from(["a", "bc", " ", "  ", "\n", "\r\n", "，", "中文", "é", "e\u0301", "1", "_"]), max_size=30
).map("".join)


@given(TEXTS, TEXTS, st.booleans())
def test_pieces_give_back_both_texts_and_alternate(before: str, after: str, letters: bool) -> None:
    pieces = word_diff(before, after, letters)
    assert "".join(text for sign, text in pieces if sign != "+") == before
    assert "".join(text for sign, text in pieces if sign != "-") == after
    assert all(text for _, text in pieces)
    signs = "".join(sign for sign, _ in pieces)
    assert not any(twice in signs for twice in ("==", "--", "++", "+-"))
    assert (signs in ("", "=")) == (before == after)


@pytest.mark.parametrize(
    ("before", "after", "letters", "changed"),
    [
        ("同样的。。", "同样的。", False, [("-", "。")]),
        ("ter\u200drariums", "terrariums", True, [("-", "\u200d")]),
        ("a  \n\n\n\nb\n", "a\n\nb\n", True, [("-", "  \n\n")]),
        ("one two three", "one 2 three", False, [("-", "two"), ("+", "2")]),
        ("same\nold words\nsame", "same\nnew words\nsame", False, [("-", "old"), ("+", "new")]),
    ],
)
def test_only_what_changed_is_marked(before: str, after: str, letters: bool, changed: list[tuple[str, str]]) -> None:
    assert [piece for piece in word_diff(before, after, letters) if piece[0] != "="] == changed


def test_long_texts_are_short_to_read_and_quick() -> None:
    lines = [f"line {n} of a text with   many spaces " * 3 for n in range(5_000)]
    start = process_time()
    for before, after in (
        ("\n".join(lines), "\n".join(line.strip() for line in lines[1:])),
        ("  a" * 50_000, " a" * 50_000),
        ("a b\n" * 250, "a c\n" * 250),
    ):
        pieces = around_changes(bounded(word_diff(before, after, letters=True), changes=6, longest=240), 36)
        assert sum(len(text) for _, text in pieces) < 2_000
    assert process_time() - start < 2
    signs = [sign for sign, _ in pieces]
    assert signs.count("+") == 6
    assert signs[-1] == MORE


@given(TEXTS, TEXTS, st.integers(1, 12))
def test_cutting_touches_kept_text_alone(before: str, after: str, context: int) -> None:
    pieces = word_diff(before, after)
    cut = around_changes(pieces, context)
    assert [piece for piece in cut if piece[0] != "="] == [piece for piece in pieces if piece[0] != "="]
    assert all(len(text) <= max(2 * context + 8, len(kept)) for (_, text), (_, kept) in zip(cut, pieces, strict=True))
