"""A raw unit: one JSON value of a source file, with the place it stands at."""

from typing import Any, NamedTuple


class Unit(NamedTuple):
    """One readable raw unit. ``line`` is the 1-based line that it starts on, ``raw`` its text in the file."""

    file: str
    line: int
    raw: str
    value: Any


class BadUnit(NamedTuple):
    """A raw unit that cannot be read: ``reason`` is a code, ``detail`` says more, ``raw`` keeps its text."""

    file: str
    line: int
    raw: str
    reason: str
    detail: str
