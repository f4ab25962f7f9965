"""The schema of facts: one row = what is true of one clean record, whatever the thresholds.

Its columns are some of the record's and those of every subject there is: each module of ``winnow/facts/subjects``.
"""

import importlib
import pkgutil

import pyarrow as pa

from winnow.facts import subjects
from winnow.facts.subject import Subject
from winnow.records.schema import RECORDS

COPIED = ("row_id", "source", "kind", "content_hash", "parents", "margin")
"""Columns of the record that stand in the facts as they are, for gates that read no records."""

_FIRST = ("measures", "audit", "asked", "rating", "statistics", "flags", "tags")
"""The order in which published versions have the columns of these; other subjects follow by name."""


def _subjects() -> tuple[Subject, ...]:
    names = {module.name for module in pkgutil.iter_modules(subjects.__path__)}
    return tuple(
        importlib.import_module(f"{subjects.__name__}.{name}").SUBJECT
        for name in (*_FIRST, *sorted(names.difference(_FIRST)))
    )


SUBJECTS = _subjects()
FACTS = pa.schema(
    [
        *(RECORDS.field(name) for name in COPIED),
        *(field for subject in SUBJECTS for field in subject.fields),
    ]
)
