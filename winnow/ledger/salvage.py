"""Whole lines out of damaged files. The damaged file itself is kept too: a paid reply is never thrown away."""

import re
from pathlib import Path
from typing import NamedTuple

from winnow.ledger.line import is_whole
from winnow.ledger.segment import place, write
from winnow.records.identity import digest

_STARTS = re.compile(rb'(?=\{"completion_tokens":)')  # of lines alone: inside a text the quotation mark is escaped


class Lines(NamedTuple):
    """The whole lines of a file, the numbers of damaged ones, and whether its end is ``torn``.

    That is a last line, not among the damaged ones, that was cut off.
    """

    whole: list[bytes]
    damaged: list[int]
    torn: bool


def whole_lines(path: Path) -> Lines:
    """Read what is whole in a segment or journal, in its order, each line with its line feed.

    A line is whole if its own digest says so, also where its line end was changed, or lost so that two stand in one.
    """
    whole, damaged, row = list[bytes](), list[int](), b"\n"
    with path.open("rb") as file:
        for number, row in enumerate(file, 1):
            parts = [part.rstrip(b"\r\n") + b"\n" for part in _STARTS.split(row) if part.strip()]
            kept = [part for part in parts if is_whole(part)]
            whole += kept
            damaged += [number] if len(kept) < len(parts) else []
    torn = not row.endswith(b"\n") and damaged[-1:] == [number]
    return Lines(whole, damaged[:-1] if torn else damaged, torn)


def keep_aside(path: Path, label: str, journals: Path) -> Path:
    """Copy a damaged file to ``damaged`` below the folder of journals under a name of its own and return the copy."""
    data = path.read_bytes()
    copy = journals / "damaged" / f"{label}-{digest(data)}.jsonl"
    place(copy, data, journals / f"{label}.aside")
    return copy


def salvage(segment: Path, journals: Path) -> Path | None:
    """Replace a damaged segment by one of its whole lines and return that, ``None`` where no line is whole.

    The damaged file is kept aside first, so that a kill at any moment loses nothing and a second try ends it.
    """
    stage = segment.parent.name
    lines = whole_lines(segment).whole
    keep_aside(segment, f"{stage}-{segment.stem}", journals)
    new = write(segment.parent, lines, journals / f"{stage}.salvage") if lines else None
    if new != segment:
        segment.unlink()
    return new
