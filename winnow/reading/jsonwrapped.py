"""Read a JSON object around arrays of units, such as ``{"version": 1, "data": [{…}, …]}``, element by element.

An array is one of units if its key is one of :data:`ROWS` and its first element an object that is no turn of a
conversation, in an object that has no text of its own that a row would have. What else stands in the object is
accounted for as skipped. The ``rows`` of the hub's dataset viewer hold each row in an object of its own.
"""

import json
from collections.abc import Iterator
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.jsonarray import read_elements
from winnow.reading.jsonvalue import RefusedJSON, decode
from winnow.reading.units import RAW_KEPT, BadUnit, Unit
from winnow.reading.window import Caps, Window

_NAMES = "data dataset rows examples example records items entries samples instructions results questions list"
_SPLITS = "train training test testing validation valid val dev eval evaluation"
ROWS = frozenset(f"{_NAMES} {_SPLITS}".split())
"""Keys, in lower case, under which tools and people put the rows of a file."""
_PROMPTS = "instruction prompt question query input inputs definition messages conversations conversation text"
_REPLIES = "output response completion answer targets instances chosen rejected"
_OF_A_ROW = frozenset(f"{_PROMPTS} {_REPLIES}".split())
_OF_A_TURN = frozenset({"role", "from", "speaker", "author", "content", "value"})


def holds_rows(window: Window, caps: Caps) -> str:
    """Return the key of the first array of units in the object at the window's position, "" where there is none.

    The window stays where it is; of the object at most a unit's characters are looked at.
    """
    at = window.position + 1
    while True:
        key, at = _key(window, at, caps)
        if not key or key.lower() in _OF_A_ROW:
            return ""
        if _sign(window, at, caps) == "[" and key.lower() in ROWS and _first_is_row(window, at, caps):
            return key
        value = _value(window, at, caps)
        if value is None:
            return ""
        at = value[1]
        if _sign(window, at, caps) != ",":
            return ""
        at = _after_space(window, at) + 1


def read_wrapped(window: Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield the units of every such object of the file, and what stands beside them as one skipped unit each."""
    while window.skip_space() == "{":
        line = window.line
        window.advance(window.position + 1)
        beside: dict[str, Any] = {}
        while window.skip_space() != "}":
            yield from _member(window, caps, beside)
            if window.skip_space() == ",":
                window.advance(window.position + 1)
            elif window.skip_space() != "}":
                raise _broken(window, "a comma or } is missing")
        window.advance(window.position + 1)
        if beside:
            raw = json.dumps(beside, ensure_ascii=False)[:RAW_KEPT]
            names = ", ".join(beside)
            yield BadUnit(window.file, line, raw, "beside_rows", f"{names}: no row, but beside the rows", "skipped")
    if window.skip_space() != "":
        raise _broken(window, "the file goes on after its object")


def _member(window: Window, caps: Caps, beside: dict[str, Any]) -> Iterator[Unit | BadUnit]:
    """Read one key and its value: yield the units of an array of them, keep all else in ``beside``."""
    window.drop_passed()
    key, at = _key(window, window.position, caps)
    if not key:
        raise _broken(window, "a key in quotes and a colon are missing")
    if key.lower() in _OF_A_ROW:
        raise _broken(window, f"{key!r} beside an array of rows: it is not clear what the rows of this file are")
    window.advance(at)
    if window.skip_space() == "[" and key.lower() in ROWS and _first_is_row(window, window.position, caps):
        for unit in read_elements(window, caps):
            yield _row(unit, key) if isinstance(unit, Unit) else unit
        return
    value = _value(window, window.position, caps)
    if value is None:
        raise _broken(window, f"the value of {key!r} is no JSON, or too long")
    beside[key] = value[0]
    window.advance(value[1])


def _row(unit: Unit, key: str) -> Unit | BadUnit:
    """Return the row that an element of the array ``key`` is, or that it holds in the dataset viewer's answer."""
    inner = unit.value.get("row")
    if not isinstance(inner, dict) or not unit.value.keys() <= {"row", "row_idx", "truncated_cells"}:
        return unit._replace(part=key)
    if unit.value.get("truncated_cells"):
        return BadUnit(unit.file, unit.line, unit.raw, "truncated_cells", "the dataset viewer cut cells of this row")
    return unit._replace(value=inner, part=key)


def _broken(window: Window, problem: str) -> UserError:
    return UserError(f"{window.file}, line {window.line}: {problem}; fix the file there.")


def _after_space(window: Window, at: int) -> int:
    while at < len(window.text) and window.text[at] in " \t\r\n":
        at += 1
    return at


def _sign(window: Window, at: int, caps: Caps) -> str:
    """Return the first sign that is no space from ``at`` on, "" at the end; the window's position stays."""
    while (place := _after_space(window, at)) >= len(window.text):
        if not _more(window, caps):
            return ""
    return window.text[place]


def _more(window: Window, caps: Caps) -> bool:
    """Append the next chunk, unless the window holds as much as a unit may beyond what was read."""
    return len(window.text) - window.position <= caps.unit_chars and window.grow()


def _value(window: Window, at: int, caps: Caps) -> tuple[Any, int] | None:
    """Decode the value at ``at``; None for one that is no JSON, or longer than a unit."""
    while True:
        _sign(window, at, caps)
        try:
            value, end = decode(window.text, _after_space(window, at))
            if end < len(window.text) or not _more(window, caps):
                return value, end
        except (RefusedJSON, json.JSONDecodeError):
            if not _more(window, caps):
                return None


def _key(window: Window, at: int, caps: Caps) -> tuple[str, int]:
    """Return the key at ``at`` and the place behind its colon; "" where there is none."""
    if _sign(window, at, caps) != '"':
        return "", at
    value = _value(window, at, caps)
    if value is None or _sign(window, value[1], caps) != ":":
        return "", at
    return value[0], _after_space(window, value[1]) + 1


def _first_is_row(window: Window, at: int, caps: Caps) -> bool:
    inside = _after_space(window, at) + 1
    if _sign(window, inside, caps) != "{":
        return False
    key, _ = _key(window, _after_space(window, inside) + 1, caps)
    value = _value(window, inside, caps)
    return bool(key) and (value is None or not _OF_A_TURN & value[0].keys())
