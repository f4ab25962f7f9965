"""Replies of models that quote a text: segments of the ledger as they are without these lines.

A reply that goes is asked for again where the stage still needs it, so its price is paid once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from winnow.ledger.segment import named
from winnow.patches.quotes import Quote
from winnow.records.identity import digest


@dataclass(frozen=True)
class Less:
    """A segment without the lines that quote a text: the old file, the new one and its bytes (``None``: no line is
    left), and how many lines went.
    """

    old: Path
    new: Path
    data: bytes | None
    lines: int


def without_replies(ledger: Path, quote: Quote) -> Iterator[Less]:
    """Yield each segment below ``ledger``, the folder of all stages, that has a line with the text."""
    for folder in sorted(path for path in ledger.glob("*") if path.is_dir()):
        for segment in named(folder):
            lines = segment.read_bytes().splitlines(keepends=True)
            holds = quote.within(pa.array([line.decode(errors="replace") for line in lines], pa.string()))
            if holds.any():
                kept = b"".join(line for line, out in zip(lines, holds, strict=True) if not out)
                new = folder / f"{digest(kept)}.jsonl"
                yield Less(segment, new, kept or None, int(holds.sum()))
