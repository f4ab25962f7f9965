"""The statistics of rows: the same for a text in any batch."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import TEXTS
from winnow.facts.coverage import coverage
from winnow.facts.subject import Settings
from winnow.facts.subjects import statistics as subject
from winnow.facts.subjects.statistics import FIELDS, statistics
from winnow.facts.texts import COLUMNS, Texts, texts
from winnow.records.schema import RECORDS
from winnow.text.words import words

DEGENERATE = ["", " ", "\n\n", "a", "。", "...", "42", "😀", "\x00", "\u0301", "中", "ไทย", "ー", "|||", "a" * 200_000]
COUNTS = {"mtld", "sentences", "sentence_length", "list_items"}


def rows(pairs: list[tuple[str, str]]) -> Texts:
    return texts(
        pa.Table.from_pylist(
            [
                {
                    "row_id": f"s:{at}", "source": "s", "kind": "sft", "metadata": "{}",
                    "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}],
                }
                for at, (asked, answered) in enumerate(pairs)
            ],
            RECORDS,
        ).select(COLUMNS)
    )  # fmt: skip


def table(pairs: list[tuple[str, str]]) -> pa.Table:
    return pa.table(statistics(rows(pairs), Settings(3, 0, 0)), schema=pa.schema(FIELDS))


def assert_sound(facts: pa.Table) -> None:
    for column in facts.column_names:
        assert facts[column].null_count == 0 or column == "unknown_word_rate"
        if facts.schema.field(column).type == pa.float64():
            values = facts[column].drop_null().to_numpy()
            assert np.isfinite(values).all(), column
            assert (values >= 0).all(), column
            assert column in COUNTS or (values <= 1).all(), column


def test_degenerate_texts_have_sound_values() -> None:
    facts = table([("Why?", text) for text in DEGENERATE] + [(text, "So.") for text in DEGENERATE[:-1]])
    assert_sound(facts)
    empty = facts.slice(0, 1).to_pylist()[0]
    ones = {"type_token_ratio", "compression_ratio", "keyword_coverage", "entity_coverage"}
    assert {name for name, value in empty.items() if value == 1.0 and not isinstance(value, bool)} == ones
    assert empty["script"] == "none"
    assert len(table([])) == 0


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
def test_a_row_has_the_same_statistics_in_any_batch(pairs: list[tuple[str, str]]) -> None:
    together = table(pairs)
    assert_sound(together)
    assert together.to_pylist() == [table([pair]).to_pylist()[0] for pair in pairs]


def test_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("Tell me of Rome in 1990.", f"Rome {n} is old. " * n) for n in range(20)]
    whole = table(pairs)
    monkeypatch.setattr(subject, "SLICE", 50)
    assert table(pairs).equals(whole)


def test_a_looping_reply_stands_out() -> None:
    sound = "The heart pumps blood through the body, and valves keep it from flowing back. Lungs add oxygen to it."
    loop, calm = table([("How?", "I do not know what to say.\n" * 30), ("How?", sound)]).to_pylist()
    for name in (
        "duplicate_line_share",
        "duplicate_line_char_share",
        "duplicate_5gram_share",
        "duplicate_10gram_share",
    ):
        assert loop[name] > 0.9
        assert calm[name] == 0
    for name in ("mtld", "type_token_ratio", "compression_ratio"):
        assert loop[name] < calm[name] / 2


@pytest.mark.parametrize(
    ("asked", "answered", "keywords", "entities"),
    [
        ("Describe the planet Mars.", "Mars is a planet.", 1.0, 1.0),
        ("Describe the planet Mars.", "It is red.", 0.0, 0.0),
        ("Why do translators use dictionaries?", "Translation needs a dictionary.", 1.0, 1.0),
        ("Who led NASA in 1969? Name 3.", "NASA, in 1969, had Paine.", 0.5, 1.0),
        ('Rhyme with "blue moon".', "Soon.", 0.0, 0.0),
        ("介绍一下长城的历史", "长城始建于周朝，历史悠久。", 1.0, 1.0),
        ("介绍一下长城的历史", "它很长。", 0.0, 1.0),
        ("解释《红楼》", "红楼是小说。", 1.0, 1.0),
        ("用Python写一个排序", "def sort(x)", 0.0, 0.0),
        ("What is it?", "Nothing.", 1.0, 1.0),
        ("", "Anything.", 1.0, 1.0),
    ],
)
def test_coverage(asked: str, answered: str, keywords: float, entities: float) -> None:
    beside = pa.array(["Name Mars.", asked, "x"])
    shares = coverage(beside, words(pa.array([answered, answered, ""])))
    assert (shares.keywords[1], shares.entities[1]) == (keywords, entities)


def test_quotation_marks_pair_inside_a_text_only() -> None:
    asked = pa.array(['say "', 'blue" now', 'a "b c" d "e', "“开 始", "结”束"])
    assert coverage(asked, words(pa.array([""] * 5))).entities.tolist() == [1.0, 1.0, 0.0, 1.0, 1.0]
