"""Records and cells of delimited text (RFC 4180): a record goes on while a quoted cell is open.

A quote opens a cell only where the cell begins; elsewhere it is a character like others, as csv, pandas and DuckDB read
it. Where a quoted cell is never closed, or text follows its closing quote, the fault costs as little as can be shown:
its own line, if most lines behind it are rows by themselves; else the lines up to where its quotes are even again.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

QUOTE = '"'
_LOOK_AHEAD = 100  # lines behind a broken record in which its quotes may be even again
_MOST = 0.8  # share of lines that must be rows by themselves
_OPEN = "a quoted cell is opened and not closed"


class Line(NamedTuple):
    """A line of a file with its number from 1, without its end."""

    number: int
    text: str


class Text(NamedTuple):
    """A record as it stands in the file: the number of its first line, its text, and its cells or what is wrong."""

    line: int
    raw: str
    cells: list[str]
    problem: str = ""


def records(
    lines: Iterable[Line], delimiter: str, columns: int, max_chars: int, quoted: bool = True, spaced: bool = False
) -> Iterator[Text]:
    """Yield every record that is not blank, of at most ``max_chars`` characters where a quoted cell spans lines.

    ``columns`` is the number of cells that a whole record has, 0 where that is not known. Where the file is ``spaced``,
    spaces behind a delimiter belong to no cell. Time is linear in the text:
    a line is read again at most once for each column, and ``_LOOK_AHEAD`` times in a broken record.
    """
    source = _Lines(lines)
    csv.field_size_limit(max(max_chars, 1))
    for line in source:
        text = line.text.removesuffix("\r")
        if not text:
            continue
        if not quoted or (QUOTE not in text and "\r" not in text):
            first, *more = text.split(delimiter)
            yield Text(line.number, text, [first, *((cell.lstrip(" ") for cell in more) if spaced else more)])
            continue
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=spaced))
            yield Text(line.number, text, cells)
        except csv.Error:  # it goes on in the next line, or is broken
            yield _long(source, line, delimiter, columns, max_chars, spaced)


class _Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines, self._back = iter(lines), deque[Line]()

    def __iter__(self) -> Iterator[Line]:
        while (line := self.take()) is not None:
            yield line

    def take(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def give_back(self, lines: list[Line]) -> None:
        self._back.extendleft(reversed(lines))


def _long(source: _Lines, first: Line, delimiter: str, columns: int, max_chars: int, spaced: bool) -> Text:
    """Return the record that begins in ``first`` and that this line alone does not hold."""
    held = [first]
    cells, problem = _cells(source, held, delimiter, columns, max_chars, spaced)
    if len(held) > 1 and (problem or (columns and len(cells) != columns)):
        if _are_rows(held[1:], delimiter, columns):
            source.give_back(held[1:])
            return Text(first.number, first.text.removesuffix("\r"), [], _OPEN)
        _even(source, held, max_chars)
    return Text(first.number, "\n".join(line.text for line in held).removesuffix("\r"), cells, problem)


def _cells(
    source: _Lines, held: list[Line], delimiter: str, columns: int, max_chars: int, spaced: bool = False
) -> tuple[list[str], str]:
    """Return the cells of the record that begins in the held line, taking more lines while a quoted cell is open; or
    what is wrong with it.
    """
    cells: list[str] = []
    text, at, size = held[0].text, 0, len(held[0].text)
    while not columns or len(cells) <= columns:  # else it is ragged, and no more lines are read for it
        while spaced and text.startswith(" ", at):
            at += 1
        if not text.startswith(QUOTE, at):
            end = text.find(delimiter, at)
            cells.append(text[at:end] if end >= 0 else text[at:].removesuffix("\r"))
            if end < 0:
                break
            at = end + 1
            continue
        parts, start = [], at + 1
        while (end := _closing(text, start)) < 0:
            parts.append(text[start:])
            line = source.take() if size <= max_chars else None
            if line is None:
                return [], _OPEN
            held.append(line)
            text, start, size = line.text, 0, size + len(line.text) + 1
        parts.append(text[start:end])
        cells.append("\n".join(parts).replace(QUOTE * 2, QUOTE))
        if text[end + 1 : end + 3] in ("", "\r"):
            break
        if text[end + 1] != delimiter:
            return [], "text stands behind the quote that closes a cell; quotes inside a quoted cell are doubled"
        at = end + 2
    return cells, ""


def _closing(text: str, at: int) -> int:
    """Return the place of the first quote that is not doubled, -1 where there is none."""
    while (place := text.find(QUOTE, at)) >= 0:
        if not text.startswith(QUOTE, place + 1):
            return place
        at = place + 2
    return -1


def _are_rows(lines: list[Line], delimiter: str, columns: int) -> bool:
    """Tell whether most of the lines are rows by themselves: then the record before them does not go on in them."""
    if columns < 2:  # every line of prose would be one
        return False
    texts = [text for line in lines if (text := line.text.removesuffix("\r"))]
    rows = sum(_is_row(text, delimiter, columns, last=n == len(texts)) for n, text in enumerate(texts, 1))
    return rows >= _MOST * len(texts) > 0


def _is_row(text: str, delimiter: str, columns: int, *, last: bool) -> bool:
    """Tell whether a line is a row; the ``last`` one may be the start of a row that goes on."""
    if QUOTE not in text:
        return text.count(delimiter) == columns - 1
    cells, problem = _cells(_Lines(()), [Line(0, text)], delimiter, columns, 0)
    return (last and problem == _OPEN) or len(cells) == columns


def _even(source: _Lines, held: list[Line], max_chars: int) -> None:
    """Add lines to a broken record until its quotes are even, if that is soon."""
    quotes = sum(line.text.count(QUOTE) for line in held)
    size = sum(len(line.text) for line in held)
    more: list[Line] = []
    while quotes % 2:
        line = source.take() if len(more) < _LOOK_AHEAD and size <= max_chars else None
        if line is None:
            source.give_back(more)
            return
        more.append(line)
        size += len(line.text)
        quotes += line.text.count(QUOTE)
    held += more
