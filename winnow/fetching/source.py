"""Fetch the file of a source: leave one that is right alone, else download it and move it into place when checked."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from winnow.fetching.connect import Network
from winnow.fetching.download import Progress, download
from winnow.fetching.partial import Partial, sha256_of
from winnow.harness.errors import UserError
from winnow.reading.remote import Remote

PARTIALS = Path("data/.tmp/fetch")
"""Where partial files lie: on the same disk as ``data/raw`` as a rule, in no dependency of a stage, not in Git."""


@dataclass(frozen=True)
class Fetched:
    """Outcome of a fetch: the file's digest and bytes, whether it had to be downloaded, whether its digest is new."""

    path: Path
    sha256: str
    size: int
    downloaded: bool
    pinned: bool


def fetch(
    remote: Remote,
    raw: Path,
    *,
    cap: int,
    network: Network,
    progress: Progress,
    replace: bool = False,
    pin: Callable[[str], None] = lambda _: None,
) -> Fetched:
    """Put the file of ``remote`` at its place below ``raw``.

    A file that is there and has the known digest is left alone, without a connection. One that is there with other
    bytes may be edited by hand: it stays and :class:`UserError` says so, unless ``replace``. ``pin`` is called with the
    digest of a file that had none, before the file is moved into place: a file there is always one that is pinned.
    """
    target = raw / remote.place
    there = sha256_of(target) if target.is_file() else None
    if there and there == remote.sha256:
        return Fetched(target, there, target.stat().st_size, downloaded=False, pinned=False)
    if there and remote.sha256 and not replace:
        raise UserError(
            f"{target} has sha256 {there}, but {remote.sha256} stands in params.yaml; the file was left as it is: move "
            "it away, or fetch with --replace."
        )
    partial = Partial(PARTIALS / remote.place.with_name(f"{remote.place.name}.part"))
    with partial.alone():
        digest = download(remote.url, partial, remote.sha256, cap, network, progress)
        if there and digest != there and not replace:
            raise UserError(
                f"{target} has sha256 {there}, but what its URL gives has {digest}; the file was left as it is: move "
                "it away, or fetch with --replace."
            )
        if remote.sha256 is None:
            pin(digest)
        size = partial.size
        if digest == there:
            partial.discard()
        else:
            partial.publish(target)
    return Fetched(target, digest, size, downloaded=digest != there, pinned=remote.sha256 is None)


def withdraw(path: Path, root: Path) -> None:
    """Take ``path``, a file or folder below ``root``, away, with the folders above it that are empty then."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or root not in folder.parents or (folder.is_dir() and any(folder.iterdir())):
            break
        if folder.is_dir():
            folder.rmdir()


def forget(path: Path) -> None:
    """Take away what was downloaded of the files of a source whose ``path`` this is."""
    near = (PARTIALS / path).parent
    for leftover in sorted(near.iterdir()) if near.is_dir() else []:
        if leftover.name == path.name or leftover.name.startswith(f"{path.name}.part"):
            withdraw(leftover, PARTIALS)
