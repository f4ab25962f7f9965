"""Words as they are written have the hashes of the normalised tokens."""

import unicodedata

from hypothesis import given, settings

from tests.text.oracles import COLUMNS, column
from winnow.text.normal import normalised
from winnow.text.tokens import hashed_tokens
from winnow.text.words import words


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS)
def test_hashes_are_those_of_normalised_text_where_signs_map_one_to_one(texts):
    def plain(text: str) -> bool:
        return all(len(unicodedata.normalize("NFKC", c).lower()) == 1 for c in text) and not any(
            unicodedata.combining(c) for c in text
        )

    texts = [text for text in texts if plain(text)]
    found, expected = words(column(texts)), hashed_tokens(normalised(column(texts)))
    assert found.bounds.tolist() == expected.bounds.tolist()
    assert found.hashes.tolist() == expected.hashes.tolist()


@settings(max_examples=100, deadline=None)
@given(texts=COLUMNS)
def test_tokens_stand_in_order_inside_their_text(texts):
    found = words(column(texts))
    assert (found.starts < found.ends).all()
    assert (found.ends[:-1] <= found.starts[1:]).all()
    rows = found.rows()
    assert (found.edges[rows] <= found.starts).all()
    assert (found.ends <= found.edges[rows + 1]).all()
