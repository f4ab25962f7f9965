"""Values that stand as text in one cell of a table: JSON, or what Python prints of a list (pandas writes that)."""

import ast
import json
from typing import Any

from winnow.reading.definitions import parsed
from winnow.reading.unusable import Unusable

_LITERAL = 1 << 20  # characters of a Python list that are read; its parser takes 100 times the room


def unpacked(raw: str, name: str) -> Any:
    """Return the list or object that the text of a cell holds; text that begins with neither stays text.

    >>> unpacked('[{"role": "user"}]', "messages"), unpacked("[{'role': None}]", "messages"), unpacked("Hi", "messages")
    ([{'role': 'user'}], [{'role': None}], 'Hi')
    """
    if not raw.lstrip().startswith(("[", "{")):
        return raw
    try:
        return parsed(raw, "bad_cell", repr(name))
    except Unusable:
        if (value := _literal(raw)) is None:
            raise
        return parsed(json.dumps(value), "bad_cell", repr(name))


def texts_of(held: Any) -> list[str] | None:
    """Return the texts of a list that holds nothing else, or of the text of one; None for anything else.

    >>> texts_of(["a", "b"]), texts_of("['a', 'b']"), texts_of("a"), texts_of("[1]")
    (['a', 'b'], ['a', 'b'], None, None)
    """
    if isinstance(held, str):
        try:
            held = unpacked(held, "") if held.lstrip().startswith("[") else None
        except Unusable:
            return None
    return held if isinstance(held, list) and held and all(isinstance(one, str) for one in held) else None


def _literal(raw: str) -> Any:
    """Return a list or an object as Python prints it, None for anything else."""
    if len(raw) > _LITERAL:
        return None
    try:
        value = ast.literal_eval(raw.strip())
        json.dumps(value, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, list | dict) else None
