"""Read JSON files to units: an array, or one value a line, streamed; memory does not grow with the file.

A bad unit never takes its neighbours with it: JSON Lines go on at the next line, an array at the next element whose
start can be found without a guess. Where the rows cannot be told apart any more, one error names the line.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.jsonarray import read_array
from winnow.reading.jsonlines import read_lines
from winnow.reading.jsonvalue import RefusedJSON, decode
from winnow.reading.text import text_chunks
from winnow.reading.tombstone import GRAVE
from winnow.reading.units import BadUnit, Unit, checked
from winnow.reading.window import WHOLE, Block, Caps, Window

_SHOWN = 20  # characters of a file that is no JSON
ARRAY, LINES, LISTS, OBJECT = "array", "lines", "lines of lists", "object"
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
    elif kind == OBJECT:
        yield from _one_object(window, caps)
    else:
        yield from read_lines(window, caps, dict | list if kind == LISTS else dict)


def layout(window: Window, caps: Caps, list_unit: ListUnit) -> str:
    """Return the layout of the file at whose start the window stands; move the window to the first value."""
    first = window.skip_space()
    if first == "":
        raise UserError(f"{window.file} is empty; remove it from the source or fetch it again.")
    if first == "[":
        return LISTS if list_unit is not None and _first_line_holds(window, caps, list_unit) else ARRAY
    if first == "{":
        if list_unit is not None and _first_line(window, caps)[0].startswith(GRAVE):  # of a pair that was taken down
            return LISTS
        return LINES if _first_line_is_whole(window, caps) else OBJECT
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


def _first_line_is_whole(window: Window, caps: Caps) -> bool:
    """Tell JSON Lines from one object that is printed over many lines: such a one is broken after ``{ [ , :``."""
    line, ended = _first_line(window, caps)
    return not ended or not line.rstrip().endswith(("{", "[", ",", ":"))


def _first_line_holds(window: Window, caps: Caps, list_unit: Callable[[Any], bool]) -> bool:
    """Tell whether the first line is one whole array, and one of those that are a unit."""
    line, _ = _first_line(window, caps)
    try:
        value, end = decode(line, 0)
    except (RefusedJSON, json.JSONDecodeError):
        return False
    return not line[end:].strip() and list_unit(value)


def _one_object(window: Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    while len(window.text) - window.position <= caps.unit_chars and window.more():
        pass
    line = window.line
    if len(window.text[window.position :].rstrip()) > caps.unit_chars:
        raise UserError(
            f"{window.file}, line {line}: the object that starts here is longer than normalize.max_unit_chars "
            f"({caps.unit_chars:,}); check which file the source names, or raise that setting."
        )
    try:
        value, end = decode(window.text, window.position)
    except (RefusedJSON, json.JSONDecodeError) as error:
        at = line + window.text.count("\n", window.position, getattr(error, "pos", window.position))
        raise UserError(
            f"{window.file}, line {at}: this is no JSON ({error}); check which file the source names."
        ) from None
    raw = window.advance(end)
    yield checked(window.file, line, raw, value)
    if window.skip_space() != "":
        raise UserError(
            f"{window.file}, line {window.line}: the file goes on after its object; write one object a line, or all "
            "of them as one array."
        )
