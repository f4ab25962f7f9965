"""Writes files that people or models made: each whole or not at all, and several of them together or none.

A stage publishes through :mod:`winnow.harness.run`. Everything else that is kept in Git (patches, labels, replies,
``params.yaml``, raw files that are added) is written here, so that a kill, a full disk or a power failure at any
moment leaves the old content or the new one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError, sentence

JOURNAL = Path("data/.journal")
"""The journal of a change of several files: of this folder alone, in neither Git nor DVC."""

_NEW = ".winnow-new"  # the end of the hidden name under which new content waits beside its target


def write_file(path: Path, data: bytes | str) -> None:
    """Replace the content of ``path`` by ``data`` (text as UTF-8): temporary file beside it, flushed, renamed.

    Raises :class:`UserError` where it cannot be written; the old content is still there then.
    """
    waiting = _waiting(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_flushed(waiting, data)
        os.replace(waiting, path)
        flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        raise UserError(f"{(sentence(error) or str(error)).rstrip('.')}; {path} is as it was before.") from error


class Transaction:
    """Changes of several files that happen together: written aside first, then renamed, by a journal.

    A kill before :meth:`commit` has written the journal changes nothing; a kill after it is completed by
    :func:`recover`, which the next ``winnow`` command calls. One process at a time.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, transaction(Path(folder, "journal")) as change:
    ...     change.write(Path(folder, "a.json"), "{}")
    ...     change.write(Path(folder, "b.json"), "{}")
    ...     change.commit()
    ...     sorted(path.name for path in Path(folder).glob("*.json"))
    ['a.json', 'b.json']
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal / "changes.json"
        self._steps: list[dict[str, str]] = []
        self.committed = False

    def write(self, path: Path, data: bytes | str) -> None:
        """Have ``path`` hold ``data`` after :meth:`commit`."""
        self.write_all({path: data})

    def write_all(self, changes: Mapping[Path, bytes | str]) -> None:
        """Have each path hold its data after :meth:`commit`."""
        self._plan("replace", {path: _waiting(path) for path in changes})
        for path, data in changes.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_flushed(_waiting(path), data)

    def place(self, folder: Path, files: Sequence[tuple[Path, Path]], *, move: bool = False) -> None:
        """Have the new ``folder`` hold copies of ``files``, pairs of a file and its place below the folder.

        ``move``: the files themselves, which are temporary, instead of copies.
        """
        waiting = _waiting(folder)
        self._plan("replace", {folder: waiting})
        for source, inside in files:
            target = waiting / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            if move:
                shutil.move(source, target)
            else:
                shutil.copyfile(source, target)
            _flush(target)
        for below in (waiting, *filter(Path.is_dir, waiting.rglob("*"))):
            flush_folder(below)

    def remove(self, path: Path) -> None:
        """Have the file or folder ``path`` gone after :meth:`commit`."""
        self._plan("remove", {path: path})

    def commit(self) -> None:
        """Make all changes. When this returns they are on disk; when it raises, :func:`recover` completes or undoes."""
        self._note("commit")
        self.committed = True
        _carry_out(self._steps)
        self._journal.unlink()

    def _plan(self, action: str, paths: Mapping[Path, Path]) -> None:
        """Note steps before their new content is written, so that a kill leaves nothing that nobody knows of."""
        self._steps += [{"do": action, "path": str(path), "new": str(new)} for path, new in paths.items()]
        self._note("prepare")

    def _note(self, state: str) -> None:
        write_file(self._journal, json.dumps({"state": state, "steps": self._steps}, indent=1))

    def abandon(self) -> None:
        """Undo what was prepared; after a commit there is nothing to undo."""
        if not self.committed:
            _clear(self._steps)
            self._journal.unlink(missing_ok=True)


@contextmanager
def transaction(journal: Path = JOURNAL) -> Iterator[Transaction]:
    """Yield a :class:`Transaction`; one that is left without a commit changes nothing.

    Raises :class:`UserError` where another process has one open, or where the disk is full or cannot be written.
    """
    with alone(journal):
        _finish(journal)
        change = Transaction(journal)
        try:
            yield change
        except OSError as error:
            state = "the next winnow command completes the change" if change.committed else "nothing was changed"
            raise UserError(f"{(sentence(error) or str(error)).rstrip('.')}; {state}.") from error
        finally:
            change.abandon()


def write_files(changes: Mapping[Path, bytes | str], journal: Path = JOURNAL) -> None:
    """Have each path hold its data, all of them or none; errors as of :func:`transaction`."""
    with transaction(journal) as change:
        change.write_all(changes)
        change.commit()


def recover(journal: Path = JOURNAL) -> str | None:
    """Complete or undo a change that a kill broke off; return what was done as a sentence, ``None`` where none was."""
    if not (journal / "changes.json").exists():
        return None
    with alone(journal):
        return _finish(journal)


@contextmanager
def alone(journal: Path) -> Iterator[None]:
    """Hold the lock of a journal's folder; :class:`UserError` where another process has it."""
    journal.mkdir(parents=True, exist_ok=True)
    file = os.open(journal / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UserError("another winnow command is changing files here; wait for its end.") from None
    finally:
        os.close(file)


def _finish(journal: Path) -> str | None:
    file = journal / "changes.json"
    try:
        noted: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    steps = noted["steps"]
    if noted["state"] == "commit":
        _carry_out(steps)
        done = f"a change of {len(steps):,} files that was broken off is complete"
    else:
        _clear(steps)
        done = f"a change of {len(steps):,} files that was broken off is undone; run its command again"
    file.unlink()
    return done


def _carry_out(steps: Sequence[dict[str, str]]) -> None:
    """Make the changes of a committed transaction; those that are made already stay as they are."""
    for step in steps:
        path, waiting = Path(step["path"]), Path(step["new"])
        if step["do"] == "remove":
            _delete(path)
        elif waiting.exists():
            os.replace(waiting, path)
    for folder in sorted({Path(step["path"]).parent for step in steps}):
        if folder.is_dir():
            flush_folder(folder)


def _clear(steps: Sequence[dict[str, str]]) -> None:
    for step in steps:
        if step["do"] == "replace":
            _delete(Path(step["new"]))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _waiting(path: Path) -> Path:
    return path.with_name(f".{path.name}{_NEW}")


def _write_flushed(path: Path, data: bytes | str) -> None:
    with path.open("wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Put the names in a folder on disk, which a power failure may lose otherwise."""
    _flush(path)
