"""Cut a JSON file into blocks between units, so that several workers can read one file.

The start of a block of JSON Lines is certain: a value cannot hold a line feed. The start of an element of an
array is guessed by the key that the first element starts with. The guess proves itself: a reader that starts at an
element, reads elements by the grammar and reaches the end of its block exactly between two of them, behind a comma,
has shown that the next block starts at an element too; the first block starts where the file does. A reader that
reaches its end anywhere else raises an error, and the file is read as a whole.
"""

import re
from pathlib import Path

import numpy as np

from winnow.harness.errors import UserError
from winnow.reading.files import suffix_of
from winnow.reading.jsonfiles import ARRAY, LINES, LISTS, ListUnit, layout
from winnow.reading.tables import SUFFIXES as TABLES
from winnow.reading.text import is_compressed, is_utf8, text_chunks
from winnow.reading.window import WHOLE, Block, Caps, Window

_BLOCK = 1 << 22  # bytes; some 10,000 rows
_FIRST = re.compile(rb'[^\[]*\[[ \t\r\n]*\{[ \t\r\n]*("(?:[^"\\]|\\.){0,200}")[ \t\r\n]*:')
_LINE, _LINE_FEED = re.compile(rb"\n"), 10


def cut(path: Path, encoding: str, caps: Caps, list_unit: ListUnit = None) -> list[Block]:
    """Return the blocks of a file in order; a file that is small, or of a kind that is not cut, is one whole."""
    if suffix_of(path) in TABLES or not _BLOCK < path.stat().st_size <= caps.file_bytes:
        return [WHOLE]
    if not is_utf8(encoding) or is_compressed(path):
        return [WHOLE]
    try:
        kind = layout(Window(path.as_posix(), text_chunks(path, encoding, caps.file_bytes)), caps, list_unit)
    except UserError:
        return [WHOLE]
    return _blocks(path, kind)


def _blocks(path: Path, kind: str) -> list[Block]:
    starts = [(0, 1)]
    at, line = 0, 1
    with path.open("rb") as file:
        piece = file.read(_BLOCK)
        boundary = _boundary(piece, kind)
        while piece and boundary:
            if at and (place := boundary.search(piece)):
                starts.append((at + place.end(), line + piece.count(b"\n", 0, place.end())))
            at, line = at + len(piece), line + int(np.count_nonzero(np.frombuffer(piece, np.uint8) == _LINE_FEED))
            piece = file.read(_BLOCK)
    if len(starts) == 1:
        return [WHOLE]
    ends = [*(start for start, _ in starts[1:]), None]
    return [Block(start, end, line, kind) for (start, line), end in zip(starts, ends, strict=True)]


def _boundary(piece: bytes, kind: str) -> re.Pattern[bytes] | None:
    """Return the pattern that ends before a block, None in a file whose first bytes do not show a first key."""
    if kind in (LINES, LISTS):
        return _LINE
    first = _FIRST.match(piece) if kind == ARRAY else None
    if first is None:
        return None
    key = re.escape(first.group(1))
    return re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*(?=\{[ \t\r\n]*" + key + rb"[ \t\r\n]*:)")
