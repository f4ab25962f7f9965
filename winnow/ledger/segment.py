"""Segments: immutable files of lines, each named for its bytes, ``data/ledger/<stage>/<digest>.jsonl``."""

import hashlib
import mmap
import os
import re
from collections.abc import Iterable
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.records.identity import digest

LEDGER = Path("data/ledger")
ASK = Path("data/.ask")
"""Journals of runs and what was moved aside: of this folder alone, in neither Git nor DVC."""
KEEPS = "`winnow verify --fix` moves it aside and keeps its whole lines"

_NAME = re.compile(r"[0-9a-f]{32}\.jsonl")
_DIGEST = re.compile(rb'"digest":"([0-9a-f]{32})"')  # quotation marks inside texts are escaped: none of them matches
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
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".dvc" and _NAME.fullmatch(path.stem):
            if not path.with_suffix("").exists():
                raise UserError(f"{path.with_suffix('')} is not here; run `dvc pull {path}` to bring its replies back.")
        elif _NAME.fullmatch(path.name) and path.is_file():
            found.append(path)
        elif path.name not in _BESIDE and path.suffix != ".dvc":
            raise UserError(f"{path} is no segment of the ledger, which is named <32 hex digits>.jsonl; move it away.")
    return found


def named(folder: Path) -> list[Path]:
    """Return the files of a folder that have the name of a segment, in order."""
    return sorted(path for path in folder.glob("*.jsonl") if _NAME.fullmatch(path.name) and path.is_file())


def named_for_its_bytes(path: Path) -> bool:
    """Say whether a segment holds the bytes that it is named for."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return path.stem == found.hexdigest()


def write(folder: Path, lines: Iterable[bytes], scratch: Path) -> Path:
    """Write lines, each with its line feed, as one segment of ``folder`` and return it; see :func:`place`.

    Equal sets of lines are equal bytes, and so the same file.
    """
    data = b"".join(line for _, line in sorted({(key_of(line), line) for line in lines}))
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
    wanted = {match[1]: line for line in lines if (match := _DIGEST.search(line))}
    found = set()
    for path in named(folder) if wanted else []:
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                for match in _DIGEST.finditer(data):
                    if line := wanted.get(match[1]):
                        start = match.start() - line.index(b'"digest":"')
                        found |= {line} if data[max(start, 0) : start + len(line)] == line else set()
    return found


def key_of(line: bytes) -> bytes:
    """Return the key that a whole line holds: a quotation mark inside a text is escaped, so this is the field."""
    start = line.index(b'"key":"') + 7
    return line[start : start + 32]
