"""The journal of a run: each reply is on disk before the next one is asked for, until a segment holds them all.

A kill at any moment loses no reply that :meth:`Journal.append` returned for: the next run, or ``winnow verify --fix``,
finds the journal and seals it. Sealing writes the segment first and empties the journal afterwards; of what a killed
run left, lines that a segment has already are not sealed again.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from winnow.harness.errors import UserError
from winnow.ledger.line import Reply, to_line
from winnow.ledger.salvage import keep_aside, whole_lines
from winnow.ledger.segment import held, write

SEGMENT = 5_000  # replies after which the journal is sealed into a segment of the ledger


class Journal:
    """Replies of one run of ``winnow ask STAGE``; a context manager that one process at a time can enter.

    It is sealed every :data:`SEGMENT` replies and on leaving; what a killed run did not seal, the next one does.
    """

    salvaged: str | None = None
    """What a killed run left and what became of it, as a sentence; ``None`` where it left nothing."""

    def __init__(self, ledger: Path, journals: Path) -> None:
        """Take the folder of the stage's ledger, such as ``data/ledger/judge``, and the folder of journals."""
        self.ledger, self.stage, self.path = ledger, ledger.name, journals / f"{ledger.name}.jsonl"
        self._file, self._open = -1, 0

    def __enter__(self) -> Self:
        """Lock the journal and seal what a killed run left; raises :class:`UserError` while another run has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.salvaged = self._leftover()
        except BaseException as error:
            os.close(self._file)
            if isinstance(error, BlockingIOError):
                raise UserError(f"winnow ask {self.stage} is running here already; wait for its end.") from None
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.seal()
        finally:
            os.close(self._file)  # which gives the lock back

    def append(self, reply: Reply) -> None:
        """Put a reply on disk; once this returns, no kill loses it, though a power failure may: :meth:`seal` flushes.

        Raises :class:`ValueError` for what is no reply, and :class:`UserError` where the disk is full; the journal
        then holds what it held before.
        """
        line = to_line(reply).encode()
        size = os.fstat(self._file).st_size
        try:
            while line:  # one call, but for a disk that is nearly full
                line = line[os.write(self._file, line) :]
        except OSError as error:
            os.ftruncate(self._file, size)
            raise UserError(
                f"{self.path} cannot be written ({error.strerror}): free some space and run winnow ask {self.stage} "
                "again; the replies that are there are kept."
            ) from error
        self._open += 1
        if self._open >= SEGMENT:
            self.seal()

    def seal(self) -> Path | None:
        """Move the replies since the last time into a segment and return it; ``None`` if there are none."""
        self._open = 0
        return self._seal(set(whole_lines(self.path).whole))

    def _seal(self, lines: set[bytes]) -> Path | None:
        try:
            path = write(self.ledger, lines, self.path.with_suffix(".seal")) if lines else None
            os.ftruncate(self._file, 0)
        except OSError as error:
            raise UserError(
                f"{self.ledger} cannot be written ({error.strerror}): free some space and run winnow ask {self.stage} "
                f"again; the replies are kept in {self.path}."
            ) from error
        return path

    def _leftover(self) -> str | None:
        if not os.fstat(self._file).st_size:
            return None
        lines = whole_lines(self.path)
        said = f"{len(lines.whole):,} replies of a run that was killed are kept"
        if lines.torn:
            said += "; its last reply was cut off and will be asked for again"
        if lines.damaged:
            copy = keep_aside(self.path, self.stage, self.path.parent)
            said += f"; damaged lines ({len(lines.damaged):,}) are kept in {copy}"
        self._seal(set(lines.whole) - held(self.ledger, lines.whole))
        return said


def running(path: Path) -> bool:
    """Say whether a process has the journal ``path``."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
