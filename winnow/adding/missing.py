"""Columns whose missing cells are written out as text (nan, None): asked for, never guessed."""

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.adapter import Row
from winnow.reading.entries import Entry
from winnow.reading.registry import adapter
from winnow.reading.units import BadUnit, Unit
from winnow.records.identity import content_hash

_WORDS = "nan NaN NAN None none NONE NULL null Null <NA> N/A n/a #N/A NaT nil undefined"
_TEXTS = frozenset(_WORDS.split())
KEY = "missing."
"""What the name of a column follows in ``--option missing.COLUMN=TEXT``; an empty text says that none is missing."""
_SHARE, _LEAST = 0.1, 3  # share of the units, and number of them, from which a column is full of such a text


def ask(entry: Entry, sample: Sequence[Unit | BadUnit]) -> None:
    """Raise :class:`UserError` with the line to type where a column that may be missing is full of such a text.

    A column may be missing if the adapter reads its rows with null there too, and reads them as something else.
    """
    units = [unit for unit in sample if isinstance(unit, Unit) and isinstance(unit.value, dict)]
    counts = Counter(
        (column, cell)
        for unit in units
        for column, cell in unit.value.items()
        if isinstance(cell, str) and cell in _TEXTS and column not in entry.form.missing
    )
    least = max(_LEAST, _SHARE * len(units))
    full = [(column, text, count) for (column, text), count in sorted(counts.items()) if count >= least]
    found = [one for one in full if _may_be_missing(entry, units, one[0], one[1])]
    if found:
        column, text, count = found[0]
        options = " ".join(f"--option {shlex.quote(f'{KEY}{column}={text}')}" for column, text, _ in found)
        raise UserError(
            f"the cell {column!r} of {count} of the first {len(units)} rows is the text {text!r}; if that stands for a "
            f"missing cell, add {options} to the command; if it is text, add --option {shlex.quote(f'{KEY}{column}=')}."
        )


def _may_be_missing(entry: Entry, units: Sequence[Unit], column: str, text: str) -> bool:
    unit = next(unit for unit in units if unit.value.get(column) == text)
    was, is_ = _read(entry, unit), _read(entry, unit._replace(value={**unit.value, column: None}))
    return was is not None and is_ is not None and was != is_


def _read(entry: Entry, unit: Unit) -> str | None:
    source = adapter(entry.adapter, entry.name)
    outcomes = list(source.read(source.expand(unit), entry.options))
    records = [one.record for one in outcomes if isinstance(one, Row)]
    return "".join(content_hash(r.system, r.context, r.messages, r.rejected, r.tools) for r in records) or None


def with_options(entry: dict[str, Any], options: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return ``entry`` with the keys and values of ``options``.

    ``missing.COLUMN`` may stand there several times, and so may ``metadata``, whose values are names with commas.

    >>> with_options({"path": "a"}, [("missing.input", "nan"), ("splits", "ignore")])
    {'path': 'a', 'missing': {'input': ['nan']}, 'splits': 'ignore'}
    """
    entry = dict(entry)
    for key, value in options:
        if key.startswith(KEY):
            texts = entry.setdefault("missing", {}).setdefault(key.removeprefix(KEY), [])
            texts += [value] if value else []
        elif key == "metadata":
            entry.setdefault(key, []).extend(value.split(","))
        else:
            entry[key] = value
    return entry
