"""Digests of files and folders as DVC computes them, so that a receipt can be compared with ``dvc.lock``."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

_IGNORED = {"__pycache__", ".gitignore", ".gitkeep"}
_CHUNK = 1 << 20


def file_md5(path: Path) -> str:
    """Return the MD5 of a file's bytes as hex: DVC's own content address, not a protection against an adversary."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def files_below(path: Path) -> list[Path]:
    """Return the file itself, or every file below a folder in sorted order, without caches and ignore files.

    A path that does not exist gives an empty list.
    """
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not _IGNORED & set(file.relative_to(path).parts) and file.suffix != ".pyc"
    )


def fingerprints(paths: Iterable[str]) -> dict[str, tuple[int, int, int]]:
    """Return size (bytes), modification time (ns) and inode of every file below ``paths``: a cheap sign of a change."""
    stats = {file.as_posix(): file.stat() for path in paths for file in files_below(Path(path))}
    return {path: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for path, stat in stats.items()}


def digests(paths: Iterable[str]) -> dict[str, str]:
    """Return the MD5 of every file below ``paths``, by path."""
    return {file.as_posix(): file_md5(file) for path in paths for file in files_below(Path(path))}
