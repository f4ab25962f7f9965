"""The outputs of one version, read where they lie: the working tree's files, or those that the ``dvc.lock`` of a Git
revision names, from DVC's cache without a checkout.
"""

import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import weakref
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from winnow.harness.cache import cached, has_remote
from winnow.harness.documents import parse_yaml, read_map
from winnow.harness.errors import UserError
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import read_rows, read_table
from winnow.versions.git import git, git_bytes
from winnow.versions.numbers import commit_of

WORKSPACE = "workspace"
_NO_OUTPUT = re.compile(r"^    (?:cmd|deps|params):.*\n(?:(?:     |    -).*\n|\n)*", re.MULTILINE)


class Outputs:
    """The outputs of one version by their path in the repository ``root``; ``name`` is a revision or ``workspace``."""

    def __init__(self, name: str, root: Path = Path()) -> None:
        self.name, self.root = name, root

    def table(self, path: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table that is one file."""
        return read_table(self.file(path), columns)

    def part(self, folder: str, bucket: int) -> Path:
        """Return the file of one bucket of the table in ``folder``."""
        return self.file(part(Path(folder), bucket).as_posix())

    def rows(self, folder: str, row_id: str, column: str = "row_id") -> list[dict[str, Any]]:
        """Return the rows of the table in ``folder`` whose ``column`` is ``row_id``; a table that this version does not
        have holds none.
        """
        if not self.has(folder):
            return []
        rows: list[dict[str, Any]] = read_rows(
            self.part(folder, bucket_of(row_id, self.buckets)), column, row_id
        ).to_pylist()
        return rows

    @cached_property
    def buckets(self) -> int:
        """The number of files that every table of this version is cut into."""
        return int(self.params["buckets"])

    @cached_property
    def params(self) -> dict[str, Any]:
        """The settings of this version: its ``params.yaml``."""
        raise NotImplementedError

    def has(self, path: str) -> bool:
        """Say whether this version has the output ``path``."""
        raise NotImplementedError

    def file(self, path: str) -> Path:
        """Return where the content of the output ``path`` lies now."""
        raise NotImplementedError

    def tracked(self, path: str) -> Path:
        """Return where a file or folder that Git keeps lies now; nothing is there where the version has none."""
        raise NotImplementedError


class Workspace(Outputs):
    """The files as they stand in the working tree."""

    def __init__(self, root: Path = Path()) -> None:
        super().__init__(WORKSPACE, root)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The settings in the working tree."""
        return read_map(self.root / "params.yaml")

    def has(self, path: str) -> bool:
        """Say whether ``path`` is there."""
        return (self.root / path).exists()

    def file(self, path: str) -> Path:
        """Return ``path`` in the working tree."""
        return self.root / path

    tracked = file


class Revision(Outputs):
    """The files of a commit, tag or branch: hashes from its ``dvc.lock``, bytes from DVC's cache, else its remote."""

    def __init__(self, name: str, root: Path = Path()) -> None:
        super().__init__(name, root)
        self.commit = commit_of(name, root)
        self._lock = Lock()
        self._listings: dict[str, dict[str, str]] = {}

    @cached_property
    def params(self) -> dict[str, Any]:
        """The settings of this revision."""
        return _yaml(self._shown("params.yaml"))

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """What dvc.lock records of every output (``md5``, ``size`` in bytes), by path."""
        # most of the file says what went in, and YAML is read at 300 KB a second
        lock = _yaml(_NO_OUTPUT.sub("", self._shown("dvc.lock")))
        return {out["path"]: out for stage in lock["stages"].values() for out in (stage or {}).get("outs", [])}

    def has(self, path: str) -> bool:
        """Say whether dvc.lock names ``path`` as an output."""
        return path in self.outputs

    def file(self, path: str) -> Path:
        """Return the cached file of ``path``; raises :class:`UserError` that says what to pull when it is nowhere."""
        if path in self.outputs:
            file = cached(self.outputs[path]["md5"], self.root)
        else:
            folder, name = path.rsplit("/", 1)
            if folder not in self.outputs:
                raise UserError(f"{self.name} has no {path}: its dvc.lock does not name it.")
            listing = self._listing(folder)
            if name not in listing:
                raise UserError(f"{self.name} has no {path}: its {folder} holds {len(listing)} other files.")
            file = cached(listing[name], self.root)
        if file.is_file():
            return file
        with self._lock:
            return self._from_remote(path)

    def tracked(self, path: str) -> Path:
        """Return a copy of a file or folder as the commit has it, links left out."""
        target = self._scratch / path
        if not target.exists() and git("ls-tree", self.commit, path, root=self.root):
            packed = git_bytes("archive", "--format=tar", self.commit, path, root=self.root)
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                for member in filter(tarfile.TarInfo.isfile, archive):  # by name: filters came with Python 3.11.4
                    file = self._scratch / member.name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    held = archive.extractfile(member)
                    file.write_bytes(held.read() if held else b"")
        return target

    @cached_property
    def _scratch(self) -> Path:
        folder = tempfile.mkdtemp(prefix="winnow-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _shown(self, path: str) -> str:
        try:
            return git("show", f"{self.commit}:./{path}", root=self.root)
        except UserError:
            raise UserError(f"{self.name} holds no {path}; it is no version of a Winnow repository.") from None

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            listing = cached(self.outputs[folder]["md5"], self.root)
            if not listing.is_file():
                raise self._missing(folder)
            files = json.loads(listing.read_text(encoding="utf-8"))
            self._listings[folder] = {one["relpath"]: one["md5"] for one in files}
        return self._listings[folder]

    def _from_remote(self, path: str) -> Path:
        """Fetch one output of this revision into a temporary folder, by DVC, from the default remote."""
        if not has_remote(self.root):
            raise self._missing(path)
        target = self._scratch / path
        if target.is_file():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        get = [sys.executable, "-m", "dvc", "get", "--quiet", "--force", ".", path, "--rev", self.commit]
        command = [*get, "-o", str(target)]
        failed = subprocess.run(command, cwd=self.root, capture_output=True, check=False).returncode
        if failed or not target.is_file():
            raise self._missing(path)
        return target

    def _missing(self, path: str) -> UserError:
        return UserError(
            f"the data of {self.name} is not here: {path} is not in DVC's cache; fetch it with "
            f"`git checkout {self.name} && dvc pull && git checkout -`, or rebuild it there with `dvc repro`."
        )


def outputs(name: str, root: Path = Path()) -> Outputs:
    """Return the outputs of the version called ``name``: a Git revision, or ``workspace`` for the working tree."""
    return Workspace(root) if name == WORKSPACE else Revision(name, root)


def _yaml(text: str) -> dict[str, Any]:
    document = parse_yaml(text)
    return document if isinstance(document, dict) else {}
