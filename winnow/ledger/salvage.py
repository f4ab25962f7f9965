"""Whole lines out of damaged files. The damaged file itself is kept too: a paid reply is never thrown away."""

import re
from pathlib import Path
from typing import NamedTuple

from winnow.ledger.check import Fault, check, pieces
from winnow.ledger.line import from_line
from winnow.ledger.segment import ASK, place, write
from winnow.records.identity import digest

DAMAGED = ASK / "damaged"
_STARTS = re.compile(rb'(?=\{"completion_tokens":)')  # of lines alone: inside a text the quotation mark is escaped


class Lines(NamedTuple):
    """The whole lines of a file, the numbers of damaged ones, and whether its end is ``torn``: a last line, not among
    the damaged ones, that was cut off.
    """

    whole: list[bytes]
    damaged: list[int]
    torn: bool


def whole_lines(path: Path) -> Lines:
    """Read what is whole in a segment or journal, in its order, each line with its line feed.

    A line is whole if its own digest says so, also where its line end was changed, or lost so that two stand in one.
    """
    whole: list[bytes] = []
    damaged: list[int] = []
    number, ended = 0, True
    for piece in pieces(path):
        rows = piece.bytes().split(b"\n")
        ended = not rows[-1]
        rows = rows[:-1] if ended else rows
        if isinstance(check(piece), Fault):
            for place_in_piece, row in enumerate(rows, 1):
                parts = [part.removesuffix(b"\r") + b"\n" for part in _STARTS.split(row) if part]
                found = [part for part in parts if _is_whole(part)]
                whole += found
                if len(found) < len(parts):
                    damaged.append(number + place_in_piece)
        else:
            whole += [row + b"\n" for row in rows]
        number += len(rows)
    torn = not ended and damaged[-1:] == [number]
    return Lines(whole, damaged[:-1] if torn else damaged, torn)


def _is_whole(line: bytes) -> bool:
    try:
        from_line(line)
    except ValueError:
        return False
    return True


def keep_aside(path: Path, label: str) -> Path:
    """Copy a damaged file below ``data/.ask/damaged`` under a name of its own and return the copy."""
    data = path.read_bytes()
    copy = DAMAGED / f"{label}-{digest(data)}.jsonl"
    place(copy, data, ASK / f"{label}.aside")
    return copy


def salvage(segment: Path) -> Path | None:
    """Replace a damaged segment by one of its whole lines and return that, ``None`` where no line is whole.

    The damaged file is kept aside first, so that a kill at any moment loses nothing and a second try ends it.
    """
    stage = segment.parent.name
    lines = whole_lines(segment).whole
    keep_aside(segment, f"{stage}-{segment.stem}")
    new = write(segment.parent, lines, ASK / f"{stage}.salvage") if lines else None
    if new != segment:
        segment.unlink()
    return new
