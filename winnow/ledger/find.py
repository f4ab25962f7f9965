"""A few replies looked up in the segments themselves: reading a whole ledger for one row would take seconds."""

import mmap
from collections.abc import Collection, Iterator
from pathlib import Path

from winnow.ledger.line import Reply, field_of, from_line, is_whole
from winnow.ledger.segment import segments


def find(folder: Path, keys: Collection[str]) -> dict[str, Reply]:
    """Return the replies to ``keys`` by key, chosen among equal keys as the whole ledger does.

    Damaged lines are passed over.
    """
    best: dict[str, tuple[bool, str, Reply]] = {}
    for path in segments(folder) if keys else []:
        for line in filter(is_whole, _lines(path, keys)):
            reply = from_line(line)
            rank = (reply.status != "ok", field_of(line, "digest"), reply)
            best[reply.key] = min(best.get(reply.key, rank), rank)
    return {key: reply for key, (_, _, reply) in best.items()}


def _lines(path: Path, keys: Collection[str]) -> Iterator[bytes]:
    """Yield the lines of a segment that answer one of ``keys``; a quotation mark inside a reply is escaped."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for key in sorted(keys):
            wanted, at = f'"key":"{key}"'.encode(), 0
            while (at := data.find(wanted, at)) >= 0:
                start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1
                yield data[start : end or len(data)]
                at += len(wanted)
