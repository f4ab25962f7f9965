"""JSON files to units: an array, or one value a line, streamed; memory does not grow with the file.

A bad unit never takes its neighbours with it: JSON Lines go on at the next line, an array at the next element whose
start can be found without a guess. A file whose rest cannot be told apart is one error that says where.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stages.harness.errors import UserError
from stages.reading.jsonvalue import NUMBERS, RefusedJSON, decode, too_deep, unstorable
from stages.reading.text import text_chunks
from stages.reading.units import BadUnit, Unit

_SPACE = re.compile(r"[ \t\r\n]*")
_OUTSIDE, _INSIDE = re.compile(r'["\[\]{},]'), re.compile(r'["\\]')  # what can end a value; a string in it
_NEAR_END = 16  # characters: an error this close to the end of the window may only be a value cut in two
_SHOWN = 20  # characters of a file that is no JSON
_RAW_KEPT = 1_000  # characters of an oversized unit that quarantine keeps


class Caps(NamedTuple):
    """What one file and one unit may cost: bytes after decompression, characters of JSON text."""

    file_bytes: int
    unit_chars: int


class _Window:
    """A sliding window over a text stream that knows the line it stands on."""

    def __init__(self, file: str, chunks: Iterator[str]) -> None:
        self.file, self._chunks = file, chunks
        self.text, self.position, self.line, self.ended = "", 0, 1, False

    def more(self) -> bool:
        """Append the next chunk; drop what was read already. False at the end of the file."""
        chunk = next(self._chunks, None)
        if chunk is None:
            self.ended = True
            return False
        self.text = self.text[self.position :] + chunk
        self.position = 0
        return True

    def advance(self, to: int) -> str:
        """Move to ``to``, counting lines; return the text passed over."""
        passed = self.text[self.position : to]
        self.line += passed.count("\n")
        self.position = to
        return passed

    def skip_space(self) -> str:
        """Move past white space; return the character there, or an empty string at the end of the file."""
        while True:
            match = _SPACE.match(self.text, self.position)
            assert match is not None
            self.advance(match.end())
            if self.position < len(self.text):
                return self.text[self.position]
            if not self.more():
                return ""


def read_units(path: Path, encoding: str, caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield every raw unit of a JSON or JSON Lines file (``.gz`` and ``.zst`` too), readable or not, in file order.

    Raises :class:`UserError` naming file and line for a file that as a whole is not to be trusted: empty, cut off,
    not JSON, in another encoding.
    """
    window = _Window(path.as_posix(), text_chunks(path, encoding, caps.file_bytes))
    first = window.skip_space()
    if first == "":
        raise UserError(f"{path} is empty; remove it from the source or fetch it again.")
    if first == "[":
        yield from _array(window, caps)
    elif first == "{":
        yield from (_lines if _first_line_is_whole(window, caps) else _one_object)(window, caps)
    else:
        while len(window.text) - window.position < _SHOWN and window.more():
            pass
        raise UserError(
            f"{path}, line {window.line}: this is no JSON: it starts with {window.text[window.position :][:_SHOWN]!r} "
            "and not with [ or {; check which file the source names."
        )


def _checked(file: str, line: int, raw: str, value: object) -> Unit | BadUnit:
    if not isinstance(value, dict):
        return BadUnit(file, line, raw, "not_an_object", f"a unit is a JSON object, not {type(value).__name__}")
    if problem := too_deep(raw, value) or unstorable(raw, value):
        return BadUnit(file, line, raw, *problem)
    return Unit(file, line, raw, value)


def _first_line_is_whole(window: _Window, caps: Caps) -> bool:
    """Tell JSON Lines from one object that is printed over many lines: such a one is broken after ``{ [ , :``."""
    while (
        (end := window.text.find("\n", window.position)) < 0 and len(window.text) <= caps.unit_chars and window.more()
    ):
        pass
    line = window.text[window.position : end if end >= 0 else len(window.text)]
    return end < 0 or not line.rstrip().endswith(("{", "[", ",", ":"))


def _one_object(window: _Window, caps: Caps) -> Iterator[Unit | BadUnit]:
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
    yield _checked(window.file, line, raw, value)
    if window.skip_space() != "":
        raise UserError(
            f"{window.file}, line {window.line}: the file goes on after its object; write one object a line, or all "
            "of them as one array."
        )


def _lines(window: _Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    read = bad = 0
    first_bad: BadUnit | None = None
    while True:
        end = window.text.find("\n", window.position)
        while end < 0 and len(window.text) - window.position <= caps.unit_chars and window.more():
            end = window.text.find("\n", window.position)
        if end < 0 and not window.ended:
            yield _skip_long_line(window, caps)
            read += 1
            continue
        complete = end >= 0
        line = window.line
        raw = window.advance(end if complete else len(window.text)).rstrip("\r")
        if complete:
            window.advance(end + 1)
        if raw.strip():
            read += 1
            unit = _line(window.file, line, raw, caps)
            if isinstance(unit, BadUnit):
                if not complete and unit.reason == "invalid_json":
                    raise UserError(
                        f"{window.file}, line {line}: the file ends in the middle of a row ({unit.detail}); it is "
                        "cut off: fetch it again."
                    )
                if unit.reason == "invalid_json":
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


def _line(file: str, line: int, raw: str, caps: Caps) -> Unit | BadUnit:
    if len(raw) > caps.unit_chars:
        return _too_large(file, line, raw, caps)
    start = len(raw) - len(raw.lstrip())
    try:
        value, end = decode(raw, start)
    except RefusedJSON as error:
        return BadUnit(file, line, raw, error.reason, error.detail)
    except json.JSONDecodeError as error:
        return BadUnit(file, line, raw, "invalid_json", f"{error.msg} at character {error.pos + 1}")
    if raw[end:].strip():
        return BadUnit(file, line, raw, "invalid_json", f"more text after the value at character {end + 1}")
    return _checked(file, line, raw, value)


def _too_large(file: str, line: int, raw: str, caps: Caps) -> BadUnit:
    kept = raw[: min(_RAW_KEPT, caps.unit_chars)]
    return BadUnit(file, line, kept, "too_large", "longer than normalize.max_unit_chars; its start is kept")


def _skip_long_line(window: _Window, caps: Caps) -> BadUnit:
    line = window.line
    kept = window.text[window.position : window.position + _RAW_KEPT]
    while (end := window.text.find("\n", window.position)) < 0:
        window.advance(len(window.text))
        if not window.more():
            return _too_large(window.file, line, kept, caps)
    window.advance(end + 1)
    return _too_large(window.file, line, kept, caps)


def _array(window: _Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    window.advance(window.position + 1)
    if window.skip_space() == "]":
        raise UserError(f"{window.file} holds an empty array; remove it from the source or fetch it again.")
    while True:
        if window.skip_space() == "":
            raise UserError(f"{window.file}, line {window.line}: the JSON array is never closed; the file is cut off.")
        yield _element(window, caps)
        separator = window.skip_space()
        if separator == "":
            raise UserError(f"{window.file}, line {window.line}: the JSON array is never closed; the file is cut off.")
        if separator == "]":
            break
        if separator != ",":
            yield BadUnit(window.file, window.line, "", "missing_comma", "no comma between two elements of the array")
            continue
        line = window.line
        window.advance(window.position + 1)
        if window.skip_space() == "]":
            yield BadUnit(window.file, line, ",", "trailing_comma", "a comma before the ] that closes the array")
            break
    window.advance(window.position + 1)
    if window.skip_space() != "":
        yield _text_after_array(window)


def _text_after_array(window: _Window) -> BadUnit:
    """Return what stands after the array as one bad unit; what may be rows is an error, or they would be lost."""
    while len(window.text) - window.position <= _RAW_KEPT and window.more():
        pass
    rest = window.text[window.position :]
    if len(rest) > _RAW_KEPT or "[" in rest or "{" in rest:
        raise UserError(
            f"{window.file}, line {window.line}: the file goes on after the ] that closes its array; mend that "
            "place, or put the rest into a file of its own."
        )
    return BadUnit(window.file, window.line, rest.rstrip(), "text_after_array", "the file goes on after its JSON array")


def _element(window: _Window, caps: Caps) -> Unit | BadUnit:
    """Read the array element at the window's position, or pass over it as one bad unit."""
    line = window.line
    if window.text[window.position] == ",":
        return BadUnit(window.file, line, "", "stray_comma", "a comma with no element of the array before it")
    while True:
        try:
            value, end = decode(window.text, window.position)
        except RefusedJSON as error:
            reason, detail = error.reason, error.detail
            cut = reason in NUMBERS and window.text[-1] in "0123456789+-.eE"
        except json.JSONDecodeError as error:
            column = error.pos - window.position + 1
            reason, detail = "invalid_json", f"{error.msg} at character {column} of the row"
            cut = error.pos >= len(window.text) - _NEAR_END or error.msg.startswith("Unterminated string")
        else:
            # a number may go on in the next chunk
            if end > len(window.text) - _NEAR_END and not isinstance(value, dict | list | str) and window.more():
                continue
            raw = window.advance(end)
            if len(raw) > caps.unit_chars:
                return _too_large(window.file, line, raw, caps)
            return _checked(window.file, line, raw, value)
        if not (cut and len(window.text) - window.position <= caps.unit_chars and window.more()):
            return _pass_over(window, caps, line, reason, detail)


def _pass_over(window: _Window, caps: Caps, line: int, reason: str, detail: str) -> BadUnit:
    """Move past an element that is no JSON: to where it closes, if the array goes on sanely after that."""
    scan, at, kept = _Scan(), window.position, ""
    while (end := scan.end(window.text, at)) is None:
        if len(window.text) - window.position > caps.unit_chars:  # too large to be held: only its start is kept
            kept = kept or window.text[window.position :][:_RAW_KEPT]
            window.advance(len(window.text))
        at = len(window.text) - window.position
        if not window.more():
            break
    if end is not None:
        raw = window.advance(end)
        if window.skip_space() in (",", "]"):
            if kept or len(raw) > caps.unit_chars:
                return _too_large(window.file, line, kept or raw, caps)
            return BadUnit(window.file, line, raw.rstrip(), reason, detail)
    raise UserError(
        f"{window.file}, line {line}: {detail}, and from here on the rows of the array cannot be told apart; mend "
        "the file at that line."
    )


class _Scan:
    """Finds, chunk by chunk, where a damaged value ends, by its brackets and strings alone.

    >>> _Scan().end('{"a": "\\\\x}"}, {', 0), _Scan().end("oops, {}", 0), _Scan().end('{"a": "', 0)
    (12, 4, None)
    """

    def __init__(self) -> None:
        self._depth, self._in_string, self._escaped = 0, False, False

    def end(self, text: str, at: int) -> int | None:
        """Return the end of the value, None if ``text``, looked at from ``at``, does not hold it."""
        while at < len(text):
            if self._escaped:
                at, self._escaped = at + 1, False
                continue
            match = (_INSIDE if self._in_string else _OUTSIDE).search(text, at)
            if match is None:
                return None
            sign, at = match.group(), match.end()
            if sign == "\\":
                self._escaped = True
            elif sign == '"':
                self._in_string = not self._in_string
                if not self._in_string and self._depth == 0:
                    return at
            elif sign in "{[":
                self._depth += 1
            elif self._depth == 0:
                return at if sign == "}" else match.start()
            elif sign in "]}":
                self._depth -= 1
                if self._depth == 0:
                    return at
        return None
