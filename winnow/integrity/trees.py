"""Hashes of folders as DVC computes them, so that files, receipts and ``dvc.lock`` can be compared."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath


def listing(files: Mapping[str, str]) -> bytes:
    """Return what DVC stores for a folder of ``files`` (hashes by path below it).

    >>> listing({"b": "22", "a/c": "11"})
    b'[{"md5": "11", "relpath": "a/c"}, {"md5": "22", "relpath": "b"}]'
    """
    return json.dumps([{"md5": md5, "relpath": path} for path, md5 in sorted(files.items())]).encode()


def entry_hash(path: str, files: Mapping[str, str]) -> str:
    """Return the hash that DVC records for the file or folder ``path``, where ``files`` are hashes by full path.

    >>> entry_hash("data/one", {"data/one": "11", "data/ones": "22"})
    '11'
    >>> entry_hash("data", {"data/one": "11"})
    '7ab0031f69a598126e9f13a0b0d098c3.dir'
    """
    if path in files:
        return files[path]
    return hashlib.md5(listing(below(path, files)), usedforsecurity=False).hexdigest() + ".dir"


def below(path: str, files: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``files`` that lie below the folder ``path``, by their path in it."""
    return {
        PurePosixPath(file).relative_to(path).as_posix(): md5
        for file, md5 in files.items()
        if file.startswith(f"{path}/")
    }
