"""Every line of every segment, checked against the one spelling of a line, by all workers."""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.harness.processes import map_buckets
from winnow.ledger.line import MAX_LINE, SHAPE, TOO_LONG, is_whole, problem_of
from winnow.ledger.segment import named_for_its_bytes

_PIECE = 1 << 22  # bytes; a worker's cache holds it
_FEW = 1 << 24  # bytes; less than this is checked sooner than worker processes start


class Piece(NamedTuple):
    """Some whole lines of a segment: bytes ``start`` to ``stop``."""

    path: Path
    start: int
    stop: int

    def bytes(self) -> bytes:
        """Return the lines."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.stop - self.start)


class Fault(NamedTuple):
    """What is wrong with a line, counted from 1 at the start of its piece."""

    line: int
    problem: str


class Whole(NamedTuple):
    """What decides between lines, line by line: bytes with the line feed, key, digest, and 0 for ``ok``, else 1."""

    lengths: npt.NDArray[np.int32]
    keys: npt.NDArray[np.bytes_]
    digests: npt.NDArray[np.bytes_]
    late: npt.NDArray[np.uint8]


def pieces(path: Path) -> Iterator[Piece]:
    """Cut a segment at ends of lines into pieces of 4 MiB, more where one line is longer."""
    size = path.stat().st_size
    if size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = 0
        while start < size:
            end = data.find(b"\n", min(start + _PIECE, size) - 1)
            stop = end + 1 if end >= 0 else size
            yield Piece(path, start, stop)
            start = stop


def check_all(paths: Iterable[Path], *, digests: bool) -> Iterator[tuple[Piece | Path, Fault | Whole | bool]]:
    """Yield for each segment whether its bytes are its name's, and then its pieces with what is in each.

    ``digests`` is for :func:`check_lines`.
    """
    tasks: list[Piece | Path] = []
    for path in paths:
        tasks += [path, *pieces(path)]
    yield from zip(tasks, check_each(tasks, digests=digests), strict=True)


def check_each(tasks: Sequence[Piece | Path], *, digests: bool) -> Iterator[Fault | Whole | bool]:
    """Yield what :func:`check` finds in each task, in their order, by all workers where that is worth their start."""
    one = partial(check, digests=digests)
    size = sum(task.stop - task.start for task in tasks if isinstance(task, Piece))
    return map_buckets(one, tasks) if size > _FEW else map(one, tasks)


def check(task: Piece | Path, *, digests: bool = True) -> Fault | Whole | bool:
    """Check a piece: its first fault, or what is in it. A path: whether its bytes are its name's."""
    if isinstance(task, Path):
        return named_for_its_bytes(task)
    if task.stop - task.start > _PIECE + MAX_LINE:  # its last line is too long to be read into memory
        return Fault(Piece(task.path, task.start, task.start + _PIECE).bytes().count(b"\n") + 1, TOO_LONG)
    return check_lines(task.bytes(), digests=digests)


def check_lines(data: bytes, *, digests: bool = True) -> Fault | Whole:
    """Return the first fault of some lines, or what is in them; just what :func:`is_whole` refuses is a fault.

    Without ``digests`` those are taken as they stand, which is a third faster.

    >>> check_lines(b"{}\\n")
    Fault(line=1, problem="has no 'completion_tokens'")
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw == ord("\n")) + 1
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    lengths = np.diff(offsets).astype(np.int32)
    lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    try:
        lines.validate(full=True)  # RE2 must not see what is no UTF-8
        fit = pc.all(pc.match_substring_regex(lines, rf"\A{SHAPE}\z")).as_py() and lengths.max(initial=0) <= MAX_LINE
    except pa.ArrowInvalid:
        fit = False
    if not fit or len(data) != offsets[-1]:
        return _first_fault(data)
    fields = _digest_fields(raw, offsets[:-1])
    written = _cut(raw, fields + len(b'"digest":"'))
    if digests and bytes.fromhex(written.tobytes().decode()) != b"".join(_digests(data, offsets, fields)):
        return _first_fault(data)
    keys = np.array([data.index(b'"key":"', field) for field in fields.tolist()], np.int64) + len(b'"key":"')
    return Whole(lengths, _cut(raw, keys), written, 1 - _ends_with(raw, ends, b'"ok"}\n'))


def _digest_fields(raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where the field ``"digest"`` of each line begins: behind the first comma."""
    commas = starts + len(b'{"completion_tokens":')
    while (before := raw[commas] != ord(",")).any():
        commas += before
    return commas + 1


def _digests(data: bytes, offsets: npt.NDArray[np.int64], fields: npt.NDArray[np.int64]) -> list[bytes]:
    """Return the digest of each line without its own field for it, 44 bytes long, and without its line feed."""
    spans = zip(pairwise(offsets.tolist()), fields.tolist(), strict=True)
    return [
        blake2b(data[start:field] + data[field + 44 : stop - 1], digest_size=16).digest()
        for (start, stop), field in spans
    ]


def _cut(raw: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bytes_]:
    """Return the 32 bytes from each start."""
    return raw[starts[:, None] + np.arange(32)].view("S32").ravel()


def _ends_with(raw: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], text: bytes) -> npt.NDArray[np.uint8]:
    """Return 1 where the bytes up to each end are ``text``, else 0."""
    here = raw[ends[:, None] + np.arange(-len(text), 0)]
    return (here == np.frombuffer(text, np.uint8)).all(axis=1).astype(np.uint8)


def _first_fault(data: bytes) -> Fault:
    *lines, rest = data.split(b"\n")
    faults = (Fault(n, problem_of(line)) for n, line in enumerate(lines, 1) if not is_whole(line + b"\n"))
    return next(faults, Fault(len(lines) + bool(rest), "was cut short: its line feed is missing"))


def line_number(piece: Piece, fault: Fault) -> int:
    """Return the number of a faulty line, counted from 1 at the start of its segment."""
    before = 0
    with piece.path.open("rb") as file:
        for start in range(0, piece.start, _PIECE):
            before += file.read(min(_PIECE, piece.start - start)).count(b"\n")
    return before + fault.line
