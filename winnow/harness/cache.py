"""DVC's cache: where it lies, and whether there is a remote to fill it from."""

import configparser
import os
from functools import lru_cache
from pathlib import Path

from platformdirs import site_config_dir, user_config_dir


def cached(md5: str, root: Path = Path()) -> Path:
    """Return where DVC's cache keeps the object with this hash."""
    return cache_folder(root) / md5[:2] / md5[2:]


def cache_folder(root: Path = Path(), *, committed: bool = True) -> Path:
    """Return the folder of DVC's cached objects: below ``.dvc/cache`` unless DVC's configuration names another.

    With ``committed=False``, ``.dvc/config`` is not asked: it comes with a branch, and could name any folder.
    """
    name, base = _setting("cache", "dir", root, committed)
    # an absolute path replaces what stands before it
    return base / os.path.expanduser(name or "cache") / "files" / "md5"


def has_remote(root: Path = Path()) -> bool:
    """Say whether DVC's configuration names a default remote."""
    return bool(_setting("core", "remote", root)[0])


def _setting(section: str, name: str, root: Path, committed: bool = True) -> tuple[str, Path]:
    """Return a setting of DVC's configuration and the folder of the file that has it; an empty text where none has.

    DVC reads four files, the nearest first: local, the repository's, the user's, the machine's.
    """
    user = os.environ.get("DVC_GLOBAL_CONFIG_DIR") or user_config_dir("dvc", "iterative")
    machine = os.environ.get("DVC_SYSTEM_CONFIG_DIR") or site_config_dir("dvc", "iterative")
    own = root / ".dvc"
    in_git = (own / "config",) if committed else ()
    for file in (own / "config.local", *in_git, Path(user, "config"), Path(machine, "config")):
        try:
            status = file.stat()
        except OSError:
            continue
        config = _read(file.absolute(), status.st_mtime_ns, status.st_size)
        if value := config.get(section, name, fallback=""):
            return value, file.parent
    return "", own


@lru_cache(maxsize=16)
def _read(file: Path, _time: int, _size: int) -> configparser.ConfigParser:
    """Return a file of settings as it was at a time: every cached object is looked for where these say."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read(file, encoding="utf-8")
    return config
