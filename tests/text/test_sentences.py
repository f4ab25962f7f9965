"""Where sentences end."""

import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.text.oracles import COLUMNS, column
from winnow.text.sentences import sentences
from winnow.text.words import words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ('He said "Stop." Then he left.', 2),
        ("Wait... what?! Yes.", 3),
        ("Dr. Smith met Mr. J. R. Jones vs. Fig. 3.", 1),
        ("It costs 3.14 dollars, i.e. 2.80 euros, at example.com.", 1),
        ("Title\n\n- one\n- two", 3),
        ("1. First\n2. Second", 2),
        ("今天很好。你呢？我也是！", 3),
        ("他说：“走吧。”我们走了。", 2),
        ("好的!我来了?是", 3),
        ("これはペンです。本当？", 2),
        ("Привет. Как дела?", 2),
        ("مرحبا. كيف حالك؟", 2),
        ("42", 1),
        ("3.5 + 2", 1),
        ("... ?!", 0),
        ("。。。", 0),
        ("\n\n", 0),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert sentences(words(pa.array(["Before", text, "after."]))).tolist() == [1, count, 1]


@settings(max_examples=150, deadline=None)
@given(texts=COLUMNS)
def test_a_text_has_a_sentence_where_it_has_a_token(texts: list[str]) -> None:
    tokenised = words(column(texts))
    counts = sentences(tokenised)
    tokens = tokenised.bounds[1:] - tokenised.bounds[:-1]
    assert ((counts > 0) == (tokens > 0)).all()
    assert (counts <= tokens).all()
