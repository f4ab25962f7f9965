"""Runs of letters and digits, against regular expressions."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import COLUMNS, column
from winnow.text.runs import latin_words, pieces

_PATTERNS = ("[A-Za-z]+", "[A-Za-z]{8,}", "[0-9]{1,3}", r"[^ \t\n\f\rA-Za-z0-9]")
_RUNS = st.lists(st.text("aZ09 \n\t\v!你é", max_size=30), max_size=6)


@settings(max_examples=200, deadline=None)
@given(texts=COLUMNS | _RUNS)
def test_runs_are_those_of_a_regex(texts: list[str]) -> None:
    counts = pieces(column(texts))
    for found, pattern in zip(
        counts, ("[A-Za-z]+", "[A-Za-z]{8,}", "[0-9]{1,3}", r"[^ \t\n\f\rA-Za-z0-9]"), strict=True
    ):
        assert found.tolist() == [len(re.findall(pattern, text)) for text in texts]
    assert latin_words(column(texts)).tolist() == counts.words.tolist()


@pytest.mark.parametrize("empty", [pa.array([], pa.string()), pa.array(["a"]).filter(pa.array([False]))])
def test_no_text_has_no_runs(empty: pa.Array) -> None:
    assert latin_words(empty).tolist() == []
