"""Segments: immutable files of lines, each named for its bytes, ``data/ledger/<stage>/<digest>.jsonl``."""

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.ledger.line import field_of
from winnow.records.identity import digest

KEEPS = "`winnow verify --fix` moves it aside and keeps its whole lines"

_NAME = re.compile(r"[0-9a-f]{32}\.jsonl")
_BESIDE = (".gitkeep", ".gitignore")
_CHUNK = 1 << 20


def segments(folder: Path) -> list[Path]:
    """Return the segments of ``folder`` in the order of their names; a folder that is not there has none.

    Raises :class:`UserError` for a file that is no segment, and for one that DVC keeps and that is not here: without
    its replies they would all be asked for, and paid, again.
    """
    tracked = folder.with_name(f"{folder.name}.dvc")
    if not folder.is_dir():
        if folder.exists() or tracked.exists():
            raise UserError(f"{folder} is not here as a folder; run `dvc pull {tracked}` to bring it back.")
        return []
    paths = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".dvc" and _NAME.fullmatch(path.stem):
            if not path.with_suffix("").exists():
                raise UserError(f"{path.with_suffix('')} is not here; run `dvc pull {path}` to bring its replies back.")
        elif _NAME.fullmatch(path.name) and path.is_file():
            paths.append(path)
        elif path.name not in _BESIDE and path.suffix != ".dvc":
            raise UserError(f"{path} is no segment of the ledger, which is named <32 hex digits>.jsonl; move it away.")
    return paths


def named(folder: Path) -> list[Path]:
    """Return the files of a folder that have the name of a segment, in order."""
    return sorted(path for path in folder.glob("*.jsonl") if _NAME.fullmatch(path.name) and path.is_file())


def named_for_its_bytes(path: Path) -> bool:
    """Say whether a segment holds the bytes that it is named for."""
    bytes_hash = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            bytes_hash.update(chunk)
    return path.stem == bytes_hash.hexdigest()


def write(folder: Path, lines: Iterable[bytes], scratch: Path) -> Path:
    """Write lines, each with its line feed, as one segment of ``folder`` and return it; see :func:`place`.

    Equal sets of lines are equal bytes, and so the same file.
    """
    data = b"".join(line for _, line in sorted({(field_of(line, "key"), line) for line in lines}))
    path = folder / f"{digest(data)}.jsonl"
    place(path, data, scratch)
    return path


def place(path: Path, data: bytes, scratch: Path) -> None:
    """Write a file that is there as a whole or not at all: written to ``scratch`` on the same disk, flushed, renamed.

    A kill may leave ``scratch`` behind; the next call overwrites it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch.parent.mkdir(parents=True, exist_ok=True)
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # else the name may be gone after a power failure
    finally:
        os.close(folder)


def held(folder: Path, lines: Iterable[bytes]) -> set[bytes]:
    """Return those of some whole lines that a segment of ``folder`` has already."""
    wanted, there = set(lines), set[bytes]()
    for path in named(folder):
        with path.open("rb") as file:
            there |= wanted.intersection(file)
    return there
