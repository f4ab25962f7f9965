"""The key by which a row gets its split: group, then document, then prompt in normal form."""

import pytest

from winnow.facts.subject import Settings
from winnow.facts.subjects.splitting import split_keys
from winnow.facts.texts import texts
from winnow.gates.splitting import assign
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record

DOCUMENT = " ".join(f"word{n}" for n in range(50))
Row = tuple[str, str, str | None]


def keys(*rows: Row) -> list[tuple[str, str]]:
    """Return (key, basis) of rows of instruction, context and group."""
    builder = RecordBuilder()
    for number, (instruction, context, group) in enumerate(rows):
        turns = [Message("user", instruction), Message("assistant", f"reply {number}")]
        record = Record(turns, (instruction, context), context=context or None, group=group)
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", record)
    found = split_keys(texts(builder.table()), Settings(3.0, 0.0, 0))
    return list(zip(found["split_key"].to_pylist(), found["split_basis"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "basis"),
    [
        (("Draw a plan.", "", None), ("please draw a PLAN", "", None), "prompt"),
        (("写一首诗", "", None), ("请帮我写一首诗。", "", None), "prompt"),
        (("Name **two** birds:\n- one\n- two", "", None), ("Name two birds: one two", "", None), "prompt"),
        (
            ("Sum up the note.", "The shop is shut.", None),
            ("Sum up the note.\n\nThe shop is shut.", "", None),
            "prompt",
        ),
        (("Who?", DOCUMENT, None), ("When was it?", DOCUMENT, None), "document"),
        (("Who?", DOCUMENT, None), (f"{DOCUMENT}\n\nWhen was it?", "", None), "document"),
        (("Who?", DOCUMENT, "tree"), ("What else?", "", "tree"), "group"),
    ],
)
def test_rows_with_one_key(one: Row, other: Row, basis: str) -> None:
    first, second = keys(one, other)
    assert first == second
    assert first[1] == basis


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Draw a plan of 2 rooms.", "", None), ("Draw a plan of 3 rooms.", "", None)),
        (("Who?", DOCUMENT[:-7], None), ("When?", DOCUMENT[:-7], None)),
        (("🙂", "", None), ("🙃", "", None)),
        (("Who?", DOCUMENT, "one"), ("Who?", DOCUMENT, "two")),
    ],
)
def test_rows_with_keys_of_their_own(one: Row, other: Row) -> None:
    first, second = keys(one, other)
    assert first[0] != second[0]


def test_a_new_row_moves_no_other() -> None:
    rows: list[Row] = [(f"Question {n}?", DOCUMENT if n % 7 == 0 else "", None) for n in range(60)]
    more: list[Row] = [(f"Another question {n}?", DOCUMENT, None) for n in range(40)]
    alone, together = keys(*rows), keys(*more, *rows)[40:]
    assert alone == together
    split = assign([key for key, _ in alone], 7, 0.2, 0.2)
    assert {"train", "validation", "test"} == set(split.tolist())
