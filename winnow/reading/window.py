"""The sliding window over the text of a file, or of a block of it, that the JSON readers share."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SPACE = re.compile(r"[ \t\r\n]*")
_KEPT = 1 << 16  # characters before the position


class Caps(NamedTuple):
    """Limits of one file and one unit: bytes after decompression, characters of JSON text."""

    file_bytes: int
    unit_chars: int


class Block(NamedTuple):
    """A part of a JSON file between two units: bytes from ``start`` to ``end`` (None: the file's end).

    ``line`` is the line that it starts on; ``layout`` is that of the whole file.
    """

    start: int = 0
    end: int | None = None
    line: int = 1
    layout: str = ""


WHOLE = Block()


class Window:
    """A sliding window over a text stream that counts the lines it passes."""

    def __init__(self, file: str, chunks: Iterator[str], line: int = 1) -> None:
        self.file, self._chunks = file, chunks
        self.text, self.position, self.line, self.ended = "", 0, line, False

    def more(self) -> bool:
        """Append the next chunk; drop what was read already. False at the end of the file."""
        chunk = next(self._chunks, None)
        if chunk is None:
            self.ended = True
            return False
        self.text = self.text[self.position :] + chunk
        self.position = 0
        return True

    def grow(self) -> bool:
        """Append the next chunk and keep what was read already, so that places stay. False at the end of the file."""
        chunk = next(self._chunks, None)
        self.ended = chunk is None
        self.text += chunk or ""
        return not self.ended

    def drop_passed(self) -> None:
        """Forget the text that was passed over where it is much: an error of the JSON reader counts its lines."""
        if self.position > _KEPT:
            self.text, self.position = self.text[self.position :], 0

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
