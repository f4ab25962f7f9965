"""Read JSON Lines to units; after a bad line reading goes on with the next."""

import json
from collections.abc import Iterator
from types import UnionType

from winnow.harness.errors import UserError
from winnow.reading.jsonvalue import RefusedJSON, decode
from winnow.reading.units import RAW_KEPT, BadUnit, Unit, checked, too_large
from winnow.reading.window import Caps, Window


def read_lines(window: Window, caps: Caps, kinds: type | UnionType = dict) -> Iterator[Unit | BadUnit]:
    """Yield the value of every line that is not blank; ``kinds`` are those that are a unit."""
    read = bad = 0
    first_bad: BadUnit | None = None
    while True:
        end = window.text.rfind("\n", window.position)
        complete = end >= 0
        if not complete:
            if len(window.text) - window.position > caps.unit_chars and not window.ended:
                yield _skip_long_line(window, caps)
                read += 1
                continue
            if window.more():
                continue
        start = window.line
        lines = window.advance(end if complete else len(window.text)).split("\n")
        if complete:
            window.advance(end + 1)
        for line, raw in enumerate(lines, start):
            unit = _line(window.file, line, raw.rstrip("\r"), caps, kinds)
            if unit is None:
                continue
            read += 1
            if isinstance(unit, BadUnit) and unit.reason == "invalid_json":
                if not complete:
                    raise UserError(
                        f"{window.file}, line {line}: the file ends in the middle of a row ({unit.detail}); it is "
                        "cut off: fetch it again."
                    )
                bad += 1
                first_bad = first_bad or unit
            yield unit
        if not complete:
            break
    if first_bad is not None and bad == read:
        raise UserError(
            f"{window.file}, line {first_bad.line}: not one line is JSON ({first_bad.detail}); check which file the "
            "source names."
        )


def _line(file: str, line: int, raw: str, caps: Caps, kinds: type | UnionType) -> Unit | BadUnit | None:
    start = len(raw) - len(raw.lstrip())
    if start == len(raw):
        return None
    if len(raw) > caps.unit_chars:
        return too_large(file, line, raw, caps.unit_chars)
    try:
        value, end = decode(raw, start, cells=True)
    except RefusedJSON as error:
        return BadUnit(file, line, raw, error.reason, error.detail)
    except json.JSONDecodeError as error:
        return BadUnit(file, line, raw, "invalid_json", f"{error.msg} at character {error.pos + 1}")
    if raw[end:].strip() not in ("", ","):  # a comma behind each line is left from an array
        return BadUnit(file, line, raw, "invalid_json", f"more text after the value at character {end + 1}")
    return checked(file, line, raw, value, kinds)


def _skip_long_line(window: Window, caps: Caps) -> BadUnit:
    line = window.line
    kept = window.text[window.position : window.position + RAW_KEPT]
    while (end := window.text.find("\n", window.position)) < 0:
        window.advance(len(window.text))
        if not window.more():
            return too_large(window.file, line, kept, caps.unit_chars)
    window.advance(end + 1)
    return too_large(window.file, line, kept, caps.unit_chars)
