"""Refuse inputs that are no plain files: a link shows what it points to in the report of whoever builds a branch."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from winnow.harness.cache import cache_folder
from winnow.harness.errors import UserError


def refuse_links(paths: Iterable[str]) -> None:
    """Raise :class:`UserError` for a link, pipe, device or socket at or below ``paths``, paths in this repository.

    A link into DVC's cache is one that DVC made itself (``cache.type symlink``) and passes, if this machine says that
    the cache is there: what a branch says does not count.
    """
    trusted = _trusted_cache()
    for path in paths:
        parts = Path(path).parts
        for entry in (*(os.path.join(*parts[:n]) for n in range(1, len(parts) + 1)), *_below(path)):
            mode = os.lstat(entry).st_mode if os.path.lexists(entry) else stat.S_IFREG
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                continue
            if not stat.S_ISLNK(mode):
                raise UserError(f"{entry} is no plain file, which no stage reads; put a copy of the file there.")
            target = Path(entry).resolve()
            if trusted in target.parents:
                continue
            folder = cache_folder().resolve()
            if folder in target.parents:
                raise UserError(
                    f"{entry} is a link into {folder}, and only the branch says that DVC's cache is there, so no stage "
                    f"reads it; if the folder is yours, run dvc config --local cache.dir {folder.parent.parent}."
                )
            raise UserError(f"{entry} is a link, which no stage reads; put a copy of the file there.")


def _trusted_cache() -> Path | None:
    """Return where links may lead; None for a cache below ``.dvc`` that is itself a link, as a branch can bring one."""
    cache = cache_folder(committed=False)
    if not cache.is_absolute() and any(folder.is_symlink() for folder in (cache, *cache.parents)):
        return None
    return cache.resolve()


def _below(path: str) -> Iterator[str]:
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(folders + files):
            yield os.path.join(folder, name)
