"""The sentences of ``winnow why --explain``: what columns mean, their units and sources."""

from collections.abc import Iterable

from winnow.facts.explain import TABLES, explain, explain_everywhere
from winnow.harness.errors import UserError
from winnow.records.meaning import Meaning


def sentences_of(facts: Iterable[str]) -> dict[str, str]:
    """Return a sentence for each of ``facts`` that this version of the code has."""
    return {name: _sentence(explain(name)) for name in facts if name in TABLES["annotate"].names}


def column_lines(column: str) -> list[str]:
    """Return in lines what ``column`` means in each table; a name that no table has is a :class:`UserError`."""
    meanings = explain_everywhere(column)
    if not meanings:
        raise UserError(f"no table has a column {column!r}; docs/facts.md lists the facts.")
    return [
        line
        for meaning, tables in meanings.items()
        for line in (f"{column} in {', '.join(f'data/{table}' for table in tables)}", f"  {_sentence(meaning)}")
    ]


def _sentence(meaning: Meaning) -> str:
    return f"{meaning.meaning} Unit: {meaning.unit}. Source: {meaning.source}."
