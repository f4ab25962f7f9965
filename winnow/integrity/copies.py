"""The two copies of each output, in the workspace and in DVC's cache: which one is whole, and renewing the other."""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from winnow.harness.cache import cached
from winnow.harness.digests import file_md5
from winnow.harness.documents import read_json
from winnow.harness.processes import map_buckets
from winnow.integrity.aside import MOVED, set_aside
from winnow.integrity.lock import Entry
from winnow.integrity.trees import below, entry_hash, listing

DVC = (sys.executable, "-m", "dvc")  # also where the environment is not activated


@dataclass(frozen=True)
class Copies:
    """One output; ``here`` are the hashes of all files of the workspace, ``damaged`` the damaged cached objects.

    Git keeps metrics (``in_git``): DVC only records them and brings none back.
    """

    out: Entry
    here: Mapping[str, str]
    damaged: Collection[str]
    in_git: bool = False

    @property
    def path(self) -> str:
        """The path of the output."""
        return self.out.path

    @property
    def target(self) -> str:
        """Its name in commands of DVC, which finds what was added by the ``.dvc`` file alone."""
        return self.out.owner if self.was_added else self.path

    @property
    def was_added(self) -> bool:
        """Whether ``dvc add`` put it there; else a stage wrote it, and can write it again."""
        return self.out.owner.endswith(".dvc")

    @cached_property
    def is_here(self) -> bool:
        """Whether anything is at its path."""
        return os.path.lexists(self.path)

    @cached_property
    def is_whole_here(self) -> bool:
        """Whether the workspace has the recorded bytes."""
        return self.is_here and entry_hash(self.path, self.here) == self.out.md5

    @cached_property
    def files(self) -> dict[str, str] | None:
        """The recorded hash of each file by its full path; ``None`` where no whole listing of a folder is left."""
        if not self.out.md5.endswith(".dir"):
            return {self.path: self.out.md5}
        if self._has(self.out.md5):
            listed = read_json(cached(self.out.md5))
            return {f"{self.path}/{one['relpath']}": one["md5"] for one in listed}
        if self.is_whole_here:
            return {f"{self.path}/{name}": md5 for name, md5 in below(self.path, self.here).items()}
        return None

    @cached_property
    def objects(self) -> dict[str, str]:
        """The path of each object that the cache should have of it, by hash; what nothing lists any more is missing."""
        files = self.files
        if files is None:
            files = {f"{self.path}/{name}": md5 for name, md5 in below(self.path, self.here).items()}
        return {self.out.md5: self.path} | {md5: path for path, md5 in files.items()}

    @property
    def damaged_objects(self) -> dict[str, str]:
        """The damaged ones among :attr:`objects`."""
        return {md5: path for md5, path in self.objects.items() if md5 in self.damaged}

    @cached_property
    def is_recoverable(self) -> bool:
        """Whether cache and workspace have it whole between them: each file in one of the two."""
        return (
            not self.in_git
            and self.files is not None
            and all(self._has(md5) or self.here.get(path) == md5 for path, md5 in self.files.items())
        )

    def _has(self, md5: str) -> bool:
        return cached(md5).is_file() and md5 not in self.damaged

    def renew_objects(self) -> None:
        """Write each cached object that is missing or damaged again from its file here, where that is whole."""
        for path, md5 in (self.files or {}).items():
            if not self._has(md5) and self.here.get(path) == md5:
                renew(md5, path, self.here)


def damaged_objects(hashes: Iterable[str]) -> list[str]:
    """Return those of the cached objects ``hashes`` whose bytes have another hash, in order."""
    there = sorted(hashes)
    return [md5 for md5, whole in zip(there, map_buckets(_is_whole, there), strict=True) if not whole]


def _is_whole(md5: str) -> bool:
    return file_md5(cached(md5)) == md5.removesuffix(".dir")


def renew(md5: str, path: str, here: Mapping[str, str]) -> str:
    """Write the cached object ``md5`` from its whole file or folder ``path`` and return a sentence that says so."""
    file = cached(md5)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    if md5.endswith(".dir"):
        fresh.write_bytes(listing(below(path, here)))
    else:
        shutil.copyfile(path, fresh)
    fresh.chmod(0o444)
    fresh.replace(file)
    return f"written again from {path}"


def restore(some: Sequence[Copies]) -> str:
    """Move aside what is damaged in the workspace, and have DVC check the recorded bytes out of its cache."""
    moved: dict[Path, str] = {}
    for one in some:
        one.renew_objects()
        if os.path.lexists(one.path):
            moved[Path(one.path)] = set_aside(Path(one.path))
    command = [*DVC, "checkout", "--quiet", *(one.target for one in some)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        for path, said in moved.items():
            if not os.path.lexists(path):
                shutil.move(said.removeprefix(MOVED), path)
        raise OSError(f"dvc checkout failed: {done.stderr.strip()[-200:]}")
    return "; ".join([*(f"{path} {said}" for path, said in moved.items()), "dvc checkout"])


def give_up(one: Copies) -> str:
    """Move aside all damaged copies of a stage's output, so that DVC runs the stage again."""
    moved = [object_aside(md5, path) for md5, path in one.damaged_objects.items()]
    if os.path.lexists(one.path):
        moved.append(set_aside(Path(one.path)))
    return "; ".join(filter(None, moved))


def object_aside(md5: str, path: str) -> str:
    """Move a damaged cached object aside, if that was not done yet; ``path`` is what it is the content of."""
    return set_aside(cached(md5), f"cache-{path.replace('/', '-')}") if cached(md5).is_file() else ""
