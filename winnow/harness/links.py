"""Refuse inputs that are no plain files: a link shows what it points to in the report of whoever builds a branch."""

import configparser
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from winnow.harness.errors import UserError


def refuse_links(paths: Iterable[str]) -> None:
    """Raise :class:`UserError` for a link, pipe, device or socket at or below ``paths``, paths in this repository.

    A link to a file of this repository's DVC cache is one that DVC made itself (``cache.type symlink``) and passes.
    """
    cache = _cache()
    for path in paths:
        parts = Path(path).parts
        for entry in (*(os.path.join(*parts[:n]) for n in range(1, len(parts) + 1)), *_below(path)):
            mode = os.lstat(entry).st_mode if os.path.lexists(entry) else stat.S_IFREG
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                continue
            if stat.S_ISLNK(mode) and cache in Path(entry).resolve().parents:
                continue
            kind = "a link" if stat.S_ISLNK(mode) else "no plain file"
            raise UserError(f"{entry} is {kind}, which no stage reads; put a copy of the file there.")


def _below(path: str) -> Iterator[str]:
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(folders + files):
            yield os.path.join(folder, name)


def _cache() -> Path:
    """Return the folder of the files in DVC's cache: below ``.dvc/cache``, or where this machine's settings put it.

    ``.dvc/config`` is not asked: it comes with a branch, and could name any folder.
    """
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read(".dvc/config.local", encoding="utf-8")
    return Path(".dvc", config.get("cache", "dir", fallback="cache"), "files", "md5").resolve()
