"""Every column says what it means; the page of facts is the code's; sentences are no part of the data."""

from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from winnow.facts.document import page
from winnow.facts.explain import TABLES, explain
from winnow.facts.rows import facts
from winnow.facts.schema import FACTS, SUBJECTS
from winnow.facts.subject import Settings
from winnow.facts.texts import texts
from winnow.records.build import RecordBuilder
from winnow.records.meaning import column, meaning_of
from winnow.records.record import Message, Record
from winnow.records.schema import RELEASE
from winnow.storage.parquet import write_table

SETTINGS = Settings(cjk_weight=3, audit_share=1, seed=7)
COLUMNS = [(table, field) for table, schema in {**TABLES, "export": RELEASE}.items() for field in schema]


@pytest.fixture(scope="module")
def records() -> pa.Table:
    """Two rows, one of them Chinese."""
    builder = RecordBuilder()
    for n, (asked, answered) in enumerate(
        [("Why is the sky blue?", "Air scatters blue light."), ("你好吗？", "很好。")]
    ):
        record = Record([Message("user", asked), Message("assistant", answered)], (asked,))
        builder.append(f"s:{n}", "s", "CC0-1.0", "human", record)
    return builder.table()


@pytest.mark.parametrize(("table", "field"), COLUMNS, ids=[f"{table}:{field.name}" for table, field in COLUMNS])
def test_every_column_has_a_sentence_a_unit_and_a_source(table: str, field: pa.Field) -> None:
    meaning = meaning_of(field)
    assert meaning.meaning.endswith(".")
    assert meaning.meaning[0].isupper() or meaning.meaning[0] == "`"
    assert "\n" not in meaning.meaning
    assert meaning.unit
    assert meaning.source


def test_a_column_without_a_meaning_is_refused() -> None:
    with pytest.raises(KeyError):
        meaning_of(pa.field("mtld", pa.float64()))


def test_the_committed_page_is_what_the_code_writes() -> None:
    assert (REPOSITORY / "docs/facts.md").read_text(encoding="utf-8") == page(), (
        "run python -m winnow.facts.document > docs/facts.md"
    )


def test_each_subject_computes_the_columns_that_it_declares(records: pa.Table) -> None:
    batch = texts(records)
    for subject in SUBJECTS:
        assert sorted(subject.compute(batch, SETTINGS)) == sorted(field.name for field in subject.fields)
    assert len(set(FACTS.names)) == len(FACTS.names)


def test_sentences_change_no_byte_of_the_data(tmp_path: Path, records: pa.Table) -> None:
    table = facts(records, SETTINGS)
    reworded = pa.schema(
        [column(f.name, f.type, "Something else.", "apples", "nobody", nullable=f.nullable) for f in FACTS]
    )
    for name, schema in (
        ("ours", FACTS),
        ("reworded", reworded),
        ("bare", pa.schema([f.remove_metadata() for f in FACTS])),
    ):
        write_table(tmp_path / name, table.cast(schema), schema)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "reworded").read_bytes() == (tmp_path / "bare").read_bytes()


def test_explain_knows_tables_apart() -> None:
    assert explain("label", "judge/facts") != explain("label", "clean/records")
    assert explain("mtld").source == "MTLD (McCarthy and Jarvis 2010)"
    with pytest.raises(KeyError):
        explain("mtld", "filter")
