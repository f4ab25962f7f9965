"""Words as they are written have the hashes of the normalised tokens."""

import unicodedata

from hypothesis import given, settings

from tests.text.oracles import COLUMNS, column
from winnow.text.normal import normalised
from winnow.text.tokens import hashed_tokens
from winnow.text.words import words


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS)
def test_hashes_are_those_of_normalised_text_where_characters_map_one_to_one(texts: list[str]) -> None:
    def plain(text: str) -> bool:
        return all(len(unicodedata.normalize("NFKC", c).lower()) == 1 for c in text) and not any(
            unicodedata.combining(c) for c in text
        )

    texts = [text for text in texts if plain(text)]
    tokens, expected = words(column(texts)), hashed_tokens(normalised(column(texts)))
    assert tokens.bounds.tolist() == expected.bounds.tolist()
    assert tokens.hashes.tolist() == expected.hashes.tolist()


@settings(max_examples=100, deadline=None)
@given(texts=COLUMNS)
def test_tokens_stand_in_order_inside_their_text(texts: list[str]) -> None:
    tokens = words(column(texts))
    assert (tokens.starts < tokens.ends).all()
    assert (tokens.ends[:-1] <= tokens.starts[1:]).all()
    rows = tokens.rows()
    assert (tokens.edges[rows] <= tokens.starts).all()
    assert (tokens.ends <= tokens.edges[rows + 1]).all()
