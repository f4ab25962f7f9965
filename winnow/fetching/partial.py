"""Partial files: the bytes downloaded so far, and what the server said of the whole, so that a download can resume."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from winnow.harness.errors import UserError
from winnow.harness.metrics import write_text


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Partial:
    """``<path>`` (ending in ``.part``) and beside it a note: URL, validator (ETag or date) and length of the whole.

    The note is written before the first byte, so the bytes are never taken for those of another file. Whatever stops
    a download (a dropped line, Ctrl-C, a full disk), the bytes stay and the next one goes on from there.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._note_path = path, path.with_name(f"{path.name}.json")

    @property
    def size(self) -> int:
        """Return the bytes that are there; 0 where there is no partial file."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def note(self, url: str) -> dict[str, Any] | None:
        """Return what was noted of the whole file at ``url``; None where nothing was, or of another URL."""
        try:
            noted = json.loads(self._note_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return noted if isinstance(noted, dict) and noted.get("url") == url else None

    def start(self, url: str, validator: str | None, total: int | None) -> None:
        """Start anew: an empty partial file and the note of what it will be."""
        with _sentences(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.discard()
            self.remember({"url": url, "validator": validator, "total": total})
            self.path.touch()

    def remember(self, note: dict[str, Any]) -> None:
        """Write the note."""
        write_text(self._note_path, json.dumps(note) + "\n")

    def discard(self) -> None:
        """Delete the partial file and its note."""
        self.path.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)

    @contextmanager
    def appending(self) -> Iterator[BinaryIO]:
        """Yield the file, open for more bytes and flushed to disk at the end, also when the body fails."""
        with _sentences(self.path):
            file = self.path.open("ab", buffering=0)
        with file:
            try:
                yield file
            finally:
                with _sentences(self.path):
                    os.fsync(file.fileno())

    def write(self, file: BinaryIO, data: bytes) -> None:
        """Append all of ``data``; a full disk is a :class:`UserError`."""
        with _sentences(self.path):
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]

    def check_room(self, needed: int) -> None:
        """Raise :class:`UserError` where the disk has no room for ``needed`` more bytes."""
        with _sentences(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise UserError(
                f"The disk has {free:,} bytes left and {self.path.name.removesuffix('.part')} needs {needed:,}; free "
                "some space and fetch again."
            )

    def publish(self, target: Path) -> None:
        """Move the whole file to ``target``; a reader sees the old file or the new, never half of one."""
        with _sentences(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.replace(self.path, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                near = target.with_name(f".{target.name}.part")  # data/raw on another disk: a hidden file is no data
                try:
                    shutil.copyfile(self.path, near)
                    with near.open("rb") as file:
                        os.fsync(file.fileno())
                    os.replace(near, target)
                finally:
                    near.unlink(missing_ok=True)
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            self.discard()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the partial file for this process; a second one at the same time is a :class:`UserError`."""
        with _sentences(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_name(f"{self.path.name}.lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(f"another winnow fetches {self.path} at this moment; wait for it.") from None
            yield


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a :class:`UserError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"The disk is full; what came so far stays in {path}: free some space and fetch again, it goes on "
                "from there."
            ) from error
        raise UserError(f"{path} cannot be written ({error.strerror}); nothing else was changed.") from error
