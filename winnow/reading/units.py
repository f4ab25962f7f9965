"""Raw units: one JSON value of a source file each, with its file and line."""

from types import UnionType
from typing import Any, NamedTuple

from winnow.reading.jsonvalue import unfit

RAW_KEPT = 1_000  # characters of an oversized unit that quarantine keeps


class Unit(NamedTuple):
    """One readable raw unit. ``line`` is the 1-based line that it starts on, ``raw`` its text in the file.

    ``part`` is the key of the array that holds it, where a file is an object around arrays of units.
    """

    file: str
    line: int
    raw: str
    value: Any
    part: str = ""


class BadUnit(NamedTuple):
    """A raw unit that cannot be read: ``reason`` is a code, ``detail`` says more, ``raw`` keeps its text.

    ``outcome`` is ``quarantined``, or ``skipped`` for what is no row by its place in the file.
    """

    file: str
    line: int
    raw: str
    reason: str
    detail: str
    outcome: str = "quarantined"


def checked(file: str, line: int, raw: str, value: Any, kinds: type | UnionType = dict) -> Unit | BadUnit:
    """Return a decoded value as a unit, as a bad one if it is of another kind or cannot be stored."""
    if not isinstance(value, kinds):
        return BadUnit(file, line, raw, "not_an_object", f"a unit is a JSON object, not {type(value).__name__}")
    if problem := unfit(raw, value):
        return BadUnit(file, line, raw, *problem)
    return Unit(file, line, raw, value)


def too_large(file: str, line: int, raw: str, unit_chars: int) -> BadUnit:
    """Return a unit of more than ``unit_chars`` characters as a bad one that keeps its start."""
    kept = raw[: min(RAW_KEPT, unit_chars)]
    return BadUnit(file, line, kept, "too_large", "longer than normalize.max_unit_chars; its start is kept")
