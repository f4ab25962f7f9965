"""A version: the outputs that a Git revision's ``dvc.lock`` names, read from DVC's cache without a checkout."""

import configparser
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
from platformdirs import site_config_dir, user_config_dir
from ruamel.yaml import YAML

from winnow.harness.errors import UserError
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import read_rows, read_table

WORKSPACE = "workspace"
_NO_OUTPUT = re.compile(r"^    (?:cmd|deps|params):.*\n(?:(?:     |    -).*\n|\n)*", re.MULTILINE)


def git(*arguments: str) -> str:
    """Return what ``git`` prints; its failure is a :class:`UserError` with its own last words."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise UserError(f"git {arguments[0]} failed: {words[-1] if words else 'no message'}.")
    return done.stdout


class Version:
    """The outputs of one version, by their path in the repository; ``name`` is a revision or ``workspace``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def table(self, path: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table that is one file."""
        return read_table(self.file(path), columns)

    def bucket(self, folder: str, bucket: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read one bucket of the table in ``folder``."""
        return read_table(self.file(part(Path(folder), bucket).as_posix()), columns)

    def row(self, folder: str, row_id: str) -> dict[str, Any] | None:
        """Return the row with this id of the table in ``folder``, ``None`` where there is none."""
        path = part(Path(folder), bucket_of(row_id, self.buckets)).as_posix()
        rows = read_rows(self.file(path), "row_id", row_id).to_pylist()
        return rows[0] if rows else None

    @cached_property
    def buckets(self) -> int:
        """The number of files that every table of this version is cut into."""
        return int(self.params()["buckets"])

    def file(self, path: str) -> Path:
        """Return where the content of the output ``path`` lies now."""
        raise NotImplementedError

    def params(self) -> dict[str, Any]:
        """Return the settings of this version."""
        raise NotImplementedError


class Workspace(Version):
    """The files as they stand in the working tree."""

    def __init__(self) -> None:
        super().__init__(WORKSPACE)

    def file(self, path: str) -> Path:
        """Return ``path`` itself."""
        return Path(path)

    def params(self) -> dict[str, Any]:
        """Return ``params.yaml`` of the working tree."""
        return _yaml(Path("params.yaml").read_text(encoding="utf-8"))


class Revision(Version):
    """The files of a commit, tag or branch: hashes from its ``dvc.lock``, bytes from DVC's cache, else its remote."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.commit = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip() if _known(name) else ""
        if not self.commit:
            raise UserError(f"there is no revision {name!r}; `git log --oneline` and `git tag` list what there is.")
        self._fetched: tempfile.TemporaryDirectory[str] | None = None
        self._fetching = Lock()
        self._listings: dict[str, dict[str, str]] = {}

    def params(self) -> dict[str, Any]:
        """Return ``params.yaml`` of this revision."""
        return _yaml(self._shown("params.yaml"))

    def file(self, path: str) -> Path:
        """Return the cached file of ``path``; raises :class:`UserError` that says what to pull when it is nowhere."""
        if path in self.outputs:
            found = cached(self.outputs[path]["md5"])
        else:
            folder, name = path.rsplit("/", 1)
            if folder not in self.outputs:
                raise UserError(f"{self.name} has no {path}: its dvc.lock does not name it.")
            listing = self._listing(folder)
            if name not in listing:
                raise UserError(f"{self.name} has no {path}: its {folder} holds {len(listing)} other files.")
            found = cached(listing[name])
        if found.is_file():
            return found
        with self._fetching:
            return self._from_remote(path)

    def _shown(self, path: str) -> str:
        try:
            return git("show", f"{self.commit}:{path}")
        except UserError:
            raise UserError(f"{self.name} holds no {path}; it is no version of a Winnow repository.") from None

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """What dvc.lock records of every output (``md5``, ``size`` in bytes), by path."""
        # most of the file says what went in, and YAML is read at 300 KB a second
        lock = _yaml(_NO_OUTPUT.sub("", self._shown("dvc.lock")))
        return {out["path"]: out for stage in lock["stages"].values() for out in (stage or {}).get("outs", [])}

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            listing = cached(self.outputs[folder]["md5"])
            if not listing.is_file():
                raise self._missing(folder)
            files = json.loads(listing.read_text(encoding="utf-8"))
            self._listings[folder] = {one["relpath"]: one["md5"] for one in files}
        return self._listings[folder]

    def _from_remote(self, path: str) -> Path:
        """Fetch one output of this revision into a temporary folder, by DVC, from the default remote."""
        if not has_remote():
            raise self._missing(path)
        self._fetched = self._fetched or tempfile.TemporaryDirectory(prefix="winnow-")
        target = Path(self._fetched.name) / path
        if target.is_file():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "dvc",
            "get",
            "--quiet",
            "--force",
            ".",
            path,
            "--rev",
            self.commit,
            "-o",
            str(target),
        ]
        if subprocess.run(command, capture_output=True, check=False).returncode or not target.is_file():
            raise self._missing(path)
        return target

    def _missing(self, path: str) -> UserError:
        return UserError(
            f"the data of {self.name} is not here: {path} is not in DVC's cache; fetch it with "
            f"`git checkout {self.name} && dvc pull && git checkout -`, or rebuild it there with `dvc repro`."
        )


def version(name: str) -> Version:
    """Return the version called ``name``: a Git revision, or ``workspace`` for the files as they stand."""
    return Workspace() if name == WORKSPACE else Revision(name)


def _known(name: str) -> bool:
    command = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    return not name.startswith("-") and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _yaml(text: str) -> dict[str, Any]:
    document = YAML(typ="safe").load(text)
    return document if isinstance(document, dict) else {}


def cached(md5: str) -> Path:
    """Return where DVC's cache keeps the object with this hash."""
    return cache_folder() / md5[:2] / md5[2:]


def has_remote() -> bool:
    """Say whether DVC's configuration names a default remote."""
    return bool(_setting("core", "remote")[0])


def _setting(section: str, name: str) -> tuple[str, Path]:
    """Return a setting of DVC's configuration and the folder of the file that has it; an empty text where none has.

    DVC reads four files, the nearest first: local, the repository's, the user's, the machine's.
    """
    user = os.environ.get("DVC_GLOBAL_CONFIG_DIR") or user_config_dir("dvc", "iterative")
    machine = os.environ.get("DVC_SYSTEM_CONFIG_DIR") or site_config_dir("dvc", "iterative")
    for file in (Path(".dvc/config.local"), Path(".dvc/config"), Path(user, "config"), Path(machine, "config")):
        config = configparser.ConfigParser(interpolation=None, strict=False)
        config.read(file, encoding="utf-8")
        if found := config.get(section, name, fallback=""):
            return found, file.parent
    return "", Path(".dvc")


def cache_folder() -> Path:
    """Return the folder of DVC's cached objects: below ``.dvc/cache`` unless its configuration names another."""
    name, base = _setting("cache", "dir")
    return base / (name or "cache") / "files" / "md5"  # an absolute path replaces what stands before it
