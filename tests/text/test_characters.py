"""What texts are made of."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import PIECES, column
from winnow.text.characters import mix
from winnow.text.codepoints import codepoints


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(st.lists(PIECES, max_size=20).map("".join), max_size=6))
def test_shares_are_those_of_unicode_categories(texts: list[str]) -> None:
    shares = mix(*codepoints(column(texts)))
    for at, text in enumerate(texts):
        kinds = ["Z" if c in "\t\n\x0b\f\r\x85" else unicodedata.category(c)[0] for c in text]
        share = [shares.letter[at], shares.digit[at], shares.sign[at], shares.space[at], shares.hidden[at]]
        counts = [sum(kind in group for kind in kinds) for group in ("LM", "N", "PS", "Z", "C")]
        assert share == pytest.approx([count / max(len(text), 1) for count in counts], abs=1e-4)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("hello", "latin"), ("ＡＢ", "latin"), ("你好 ok", "han"), ("𠮷", "han"), ("これはペンです", "kana"),
        ("ー", "kana"), ("한국어", "hangul"), ("привет", "cyrillic"), ("مرحبا", "arabic"), ("ไทย", "other"),
        ("123", "none"), ("", "none"), ("Ⅷ〇", "none"), ("😀", "none"),
    ],
)  # fmt: skip
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert mix(*codepoints(pa.array([text]))).script.tolist() == [script]


def test_control_format_and_private_characters_are_hidden() -> None:
    shares = mix(*codepoints(pa.array(["a\x00\u200b\ue000"])))
    assert (shares.hidden[0], shares.letter[0]) == (0.75, 0.25)
