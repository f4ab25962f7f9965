"""Read a JSON array to units, element by element.

A bad element never takes its neighbours with it: reading goes on at the next element whose start can be found without
a guess. Where the rows cannot be told apart any more, one error names the line.
"""

import json
import re
from collections.abc import Generator, Iterator

from winnow.harness.errors import UserError
from winnow.reading.jsonvalue import NUMBERS, RefusedJSON, decode
from winnow.reading.units import RAW_KEPT, BadUnit, Unit, checked, too_large
from winnow.reading.window import WHOLE, Block, Caps, Window

_SEPARATOR = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=[^ \t\r\n\]])")
_OUTSIDE, _INSIDE = re.compile(r'["\[\]{},]'), re.compile(r'["\\]')  # what can end a value; a string in it
_NEAR_END = 16  # characters: an error this close to the end of the window may only be a value cut in two


def read_array(window: Window, caps: Caps, block: Block = WHOLE) -> Iterator[Unit | BadUnit]:
    """Yield the elements of the array that the file consists of, or of a block inside it."""
    closed = yield from read_elements(window, caps, block)
    if closed and window.skip_space() != "":
        yield _text_after_array(window)


def read_elements(window: Window, caps: Caps, block: Block = WHOLE) -> Generator[Unit | BadUnit, None, bool]:
    """Yield the elements of the array that opens at the window's position, or of a block inside one; move behind it.

    Returns whether the array is closed, which a block may leave to others.
    """
    if block.start == 0:
        window.advance(window.position + 1)
        if window.skip_space() == "]":
            raise UserError(f"{window.file} holds an empty array; remove it from the source or fetch it again.")
    while True:
        window.drop_passed()
        yield from _plain_elements(window, caps)
        if window.skip_space() == "":
            if block.end is not None:
                return False
            raise UserError(f"{window.file}, line {window.line}: the JSON array is never closed; the file is cut off.")
        yield read_value(window, caps)
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
    return True


def _plain_elements(window: Window, caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield elements as long as each is whole, JSON, and followed by a comma and the next; stop at the first doubt."""
    text, at, line = window.text, window.position, window.line
    while True:
        try:
            value, end = decode(text, at, cells=True)
        except ValueError:
            break
        separator = _SEPARATOR.match(text, end)
        if separator is None or end - at > caps.unit_chars:
            break
        yield checked(window.file, line, text[at:end], value)
        line += text.count("\n", at, separator.end())
        at = separator.end()
    window.position, window.line = at, line


def _text_after_array(window: Window) -> BadUnit:
    """Return the text after the array as one bad unit; raise an error if it may hold rows, which would be lost."""
    while len(window.text) - window.position <= RAW_KEPT and window.more():
        pass
    rest = window.text[window.position :]
    if len(rest) > RAW_KEPT or "[" in rest or "{" in rest:
        raise UserError(
            f"{window.file}, line {window.line}: the file goes on after the ] that closes its array; fix that "
            "place, or put the rest into a file of its own."
        )
    return BadUnit(window.file, window.line, rest.rstrip(), "text_after_array", "the file goes on after its JSON array")


def read_value(window: Window, caps: Caps, after: tuple[str, ...] = (",", "]")) -> Unit | BadUnit:
    """Read the value at the window's position, or pass over it as one bad unit that one of ``after`` follows."""
    line = window.line
    if window.text[window.position] == ",":
        return BadUnit(window.file, line, "", "stray_comma", "a comma with no element of the array before it")
    while True:
        try:
            value, end = decode(window.text, window.position, cells=True)
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
                return too_large(window.file, line, raw, caps.unit_chars)
            return checked(window.file, line, raw, value)
        if not (cut and len(window.text) - window.position <= caps.unit_chars and window.more()):
            return _pass_over(window, caps, line, reason, detail, after)


def _pass_over(window: Window, caps: Caps, line: int, reason: str, detail: str, after: tuple[str, ...]) -> BadUnit:
    """Move past an element that is no JSON: to where it closes, if the array goes on sanely after that."""
    scan, at, kept = _Scan(), window.position, ""
    while (end := scan.end(window.text, at)) is None:
        if len(window.text) - window.position > caps.unit_chars:  # too large to be held: only its start is kept
            kept = kept or window.text[window.position :][:RAW_KEPT]
            window.advance(len(window.text))
        at = len(window.text) - window.position
        if not window.more():
            break
    if end is not None:
        raw = window.advance(end)
        if window.skip_space() in after:
            if kept or len(raw) > caps.unit_chars:
                return too_large(window.file, line, kept or raw, caps.unit_chars)
            return BadUnit(window.file, line, raw.rstrip(), reason, detail)
    raise UserError(
        f"{window.file}, line {line}: {detail}, and from here on the rows cannot be told apart; fix "
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
