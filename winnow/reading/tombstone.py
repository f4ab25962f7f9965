"""What stands in a raw file where a unit was taken down: its digest, so that every other unit stays what it was.

A tombstone is a unit whose only text is ``taken_down:<digest of the raw unit>``: an object of one key in JSON, one
cell beside empty ones in a table, which may stand inside a list or struct. ``normalize`` quarantines it as
``taken_down``, whatever the format of the source.
"""

import re
from typing import Any

from winnow.reading.adapter import LeftOut
from winnow.reading.units import Unit
from winnow.records.identity import digest

REASON = "taken_down"
MARK = f"{REASON}:"
GRAVE = f'{{"{REASON}": "{MARK}'
"""The start of a tombstone that is a JSON object."""

_MARKED = re.compile(rf"{MARK}[0-9a-f]{{32}}")


def mark(raw: str) -> str:
    """Return the value that stands for a raw unit.

    >>> mark("winnow")
    'taken_down:402f0b03f3dc45026c6cface3190859b'
    """
    return MARK + digest(raw)


def buried(unit: Unit) -> LeftOut | None:
    """Return a tombstone as the quarantined unit that it is, None for every other unit.

    >>> buried(Unit("a.csv", 2, "…", {"text": "taken_down: it was the last house in the street."})) is None
    True
    """
    if MARK not in unit.raw or not isinstance(unit.value, dict):
        return None
    values = _leaves(unit.value)
    if len(values) != 1 or not isinstance(values[0], str) or not _MARKED.fullmatch(values[0]):
        return None
    return LeftOut(unit, "quarantined", REASON, "its text was taken down and removed from the file")


def _leaves(value: dict[str, Any]) -> list[Any]:
    """Return what a value holds at any depth, but for nulls and empty texts; at most two of them."""
    found: list[Any] = []
    todo: list[Any] = [value]
    while todo and len(found) < 2:
        one = todo.pop()
        if isinstance(one, dict):
            todo += one.values()
        elif isinstance(one, list):
            todo += one
        elif one not in (None, ""):
            found.append(one)
    return found
