"""What the columns of the tables mean, by the folder below ``data`` that holds the table."""

import pyarrow as pa

from winnow.facts.schema import FACTS
from winnow.records.meaning import Meaning, meaning_of
from winnow.records.schema import (
    CANDIDATES,
    CHECKED,
    DECISIONS,
    EDITS,
    INDEX,
    JUDGEMENTS,
    LEFT_OUT,
    MATCHES,
    MIXES,
    NEIGHBOURS,
    NOVEL,
    OVERLAPS,
    PENDING,
    PLACES,
    RECORDS,
    SCORES,
    SKETCHES,
    SPLITS,
)

FACT_TABLES: dict[str, pa.Schema] = {
    "annotate": FACTS,
    "neighbours/links": NEIGHBOURS,
    "neighbours/sketches": SKETCHES,
    "overlaps": OVERLAPS,
    "judge/facts": JUDGEMENTS,
}
TABLES: dict[str, pa.Schema] = {
    **FACT_TABLES,
    "clean/records": RECORDS,
    "clean/edits": EDITS,
    "clean/matches": MATCHES,
    "normalize/places": PLACES,
    "normalize/left_out": LEFT_OUT,
    **dict.fromkeys(("filter", "deduplicate", "decontaminate", "accept"), DECISIONS),
    "score": SCORES,
    "split": SPLITS,
    "mix": MIXES,
    "novelty/candidates": CANDIDATES,
    "novelty/checks": CHECKED,
    "novelty/pairs": NOVEL,
    "judge/pending": PENDING,
    "index.parquet": INDEX,
}


def explain(column: str, table: str = "annotate") -> Meaning:
    """Return the meaning, unit and source of a column; one that the table lacks raises :class:`KeyError`.

    >>> explain("turns")
    Meaning(meaning='Messages of the conversation, the response included.', unit='messages', source='Winnow')
    """
    return meaning_of(TABLES[table].field(column))


def explain_everywhere(column: str) -> dict[Meaning, list[str]]:
    """Return each meaning that ``column`` has, with the tables where it has it.

    >>> explain_everywhere("item")
    {Meaning(meaning='Item of the test set.', unit='id', source='Winnow'): ['overlaps']}
    """
    meanings: dict[Meaning, list[str]] = {}
    for table, schema in TABLES.items():
        if column in schema.names:
            meanings.setdefault(explain(column, table), []).append(table)
    return meanings
