"""Read JSON files to units: an array, or one value a line, streamed; memory does not grow with the file.

A bad unit never takes its neighbours with it: JSON Lines go on at the next line, an array at the next element whose
start can be found without a guess. Where the rows cannot be told apart any more, one error names the line.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.jsonarray import read_array, read_value
from winnow.reading.jsoncolumns import rows_of
from winnow.reading.jsonlines import read_lines
from winnow.reading.jsonvalue import RefusedJSON, decode
from winnow.reading.jsonwrapped import holds_rows, read_wrapped
from winnow.reading.text import text_chunks
from winnow.reading.tombstone import GRAVE
from winnow.reading.units import BadUnit, Unit, checked, too_large
from winnow.reading.window import WHOLE, Block, Caps, Window
from winnow.records.record import canonical_json

_BETWEEN = (",", "{", "")
_SHOWN = 20  # characters of a file that is no JSON
ARRAY, LINES, LISTS, OBJECT, WRAPPED = "array", "lines", "lines of lists", "object", "object around rows"
_WHOLE_CHARS = 1 << 28  # characters of an object that is read as a whole: a table column by column
ListUnit = Callable[[Any], bool] | None


def read_units(
    path: Path, encoding: str, caps: Caps, list_unit: ListUnit = None, block: Block = WHOLE
) -> Iterator[Unit | BadUnit]:
    """Yield every raw unit of a JSON or JSON Lines file (``.gz`` and ``.zst`` too), readable or not, in file order.

    A file that begins with an array is one array of units, unless ``list_unit`` says of its first line that this array
    is a unit itself: then each line is one, a list or an object. ``block`` limits the reading to a part of the file.

    Raises :class:`UserError` naming file and line for a file that as a whole is not to be trusted: empty, cut off,
    not JSON, in another encoding.
    """
    chunks = text_chunks(path, encoding, caps.file_bytes, block.start, block.end)
    window = Window(path.as_posix(), chunks, block.line)
    kind = layout(window, caps, list_unit) if block.start == 0 else block.layout
    if kind == ARRAY:
        yield from read_array(window, caps, block)
    elif kind == WRAPPED:
        yield from read_wrapped(window, caps)
    elif kind == OBJECT:
        yield from _objects(window, caps)
    else:
        yield from read_lines(window, caps, dict | list if kind == LISTS else dict)


def layout(window: Window, caps: Caps, list_unit: ListUnit) -> str:
    """Return the layout of the file at whose start the window stands; move the window to the first value."""
    while (first := window.skip_space()) == "#":  # a comment on top
        _pass_line(window)
    if first == "":
        raise UserError(f"{window.file} is empty; remove it from the source or fetch it again.")
    if first == "[":
        return LISTS if list_unit is not None and _first_line_holds(window, caps, list_unit) else ARRAY
    if first == "{":
        if list_unit is not None and _first_line(window, caps)[0].startswith(GRAVE):  # of a pair that was taken down
            return LISTS
        return _layout_of_objects(window, caps)
    while len(window.text) - window.position < _SHOWN and window.more():
        pass
    raise UserError(
        f"{window.file}, line {window.line}: this is no JSON: it starts with "
        f"{window.text[window.position :][:_SHOWN]!r} and not with [ or {{; check which file the source names."
    )


def _first_line(window: Window, caps: Caps) -> tuple[str, bool]:
    """Return the line at the window's position, as far as a unit may be long, and whether a line end was found."""
    while (
        (end := window.text.find("\n", window.position)) < 0 and len(window.text) <= caps.unit_chars and window.more()
    ):
        pass
    return window.text[window.position : end if end >= 0 else len(window.text)], end >= 0


def _pass_line(window: Window) -> None:
    while (end := window.text.find("\n", window.position)) < 0:
        window.advance(len(window.text))
        if not window.more():
            return
    window.advance(end)


def _layout_of_objects(window: Window, caps: Caps) -> str:
    """Tell JSON Lines from objects that are printed over many lines, and from one object that holds all rows.

    An object over many lines is broken after ``{ [ , :``; but a comma may also stand behind each whole line.
    """
    line, ended = _first_line(window, caps)
    broken = ended and line.rstrip().endswith(("{", "[", ",", ":"))
    value = _whole(line)
    alone = _is_alone(window, len(line), caps)
    if value is None or alone:
        if holds_rows(window, caps):
            return WRAPPED
        if alone and value is not None and rows_of(value) is not None:
            return OBJECT
    elif value.keys() & {"rows"} and holds_rows(window, caps) and "row" in value["rows"][0]:
        return WRAPPED  # pages of the dataset viewer, one a line
    return OBJECT if broken and value is None else LINES


def _whole(line: str) -> dict[str, Any] | None:
    """Return the object that a line holds, with or without a comma behind it; None where it holds none."""
    try:
        value, end = decode(line, 0)
    except (RefusedJSON, json.JSONDecodeError):
        return None
    return value if isinstance(value, dict) and line[end:].strip() in ("", ",") else None


def _is_alone(window: Window, length: int, caps: Caps) -> bool:
    """Tell whether nothing follows the first ``length`` characters of the window but space."""
    while not (after := window.text[window.position + length :].strip()) and window.more():
        if len(window.text) - window.position > length + caps.unit_chars:
            return False
    return not after


def _first_line_holds(window: Window, caps: Caps, list_unit: Callable[[Any], bool]) -> bool:
    """Tell whether the first line is one whole array, and one of those that are a unit."""
    line, _ = _first_line(window, caps)
    try:
        value, end = decode(line, 0)
    except (RefusedJSON, json.JSONDecodeError):
        return False
    return not line[end:].strip() and list_unit(value)


def _objects(window: Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield the objects that stand one after the other over many lines, or the rows of the table that the first holds.

    An object on its own may be longer than a unit if it is such a table.
    """
    while window.skip_space() == "{":
        window.drop_passed()
        line = window.line
        unit = read_value(window, caps._replace(unit_chars=max(caps.unit_chars, _WHOLE_CHARS)), _BETWEEN)
        if isinstance(unit, BadUnit):
            raise _no_json(unit)
        rows = rows_of(unit.value)
        if rows is not None:
            yield from _transposed(unit, rows, caps)
        elif len(unit.raw) > caps.unit_chars:
            raise UserError(
                f"{window.file}, line {line}: the object that starts here is longer than normalize.max_unit_chars "
                f"({caps.unit_chars:,}); check which file the source names, or raise that setting."
            )
        else:
            yield unit
        if window.skip_space() == ",":
            window.advance(window.position + 1)
    if window.skip_space() != "":
        raise UserError(
            f"{window.file}, line {window.line}: the file goes on after its object; write one object a line, or all "
            "of them as one array."
        )


def _no_json(unit: BadUnit) -> UserError:
    at = unit.line
    try:
        decode(unit.raw, 0)
    except json.JSONDecodeError as error:
        at += error.lineno - 1
    except RefusedJSON:
        pass
    return UserError(f"{unit.file}, line {at}: this is no JSON ({unit.detail}); check which file the source names.")


def _transposed(table: Unit, rows: Iterator[dict[str, Any]], caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield the rows of a table that one object holds; each stands on the line of the object."""
    for value in rows:
        raw = canonical_json(value)
        if len(raw) > caps.unit_chars:
            yield too_large(table.file, table.line, raw, caps.unit_chars)
        else:
            yield checked(table.file, table.line, raw, value)
