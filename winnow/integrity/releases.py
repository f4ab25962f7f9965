"""Checks of tagged releases in DVC's cache: their data is still there, and whole.

``dvc gc --workspace`` deletes the data of tags, and DVC hands out damaged objects. A release that is missing is a note
and no fault, since ``git clone`` brings no data; a damaged object is a fault.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ruamel.yaml.error import YAMLError

from winnow.harness.cache import cache_folder, has_remote
from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.integrity.aside import DAMAGED
from winnow.integrity.copies import damaged_objects
from winnow.integrity.finding import Finding
from winnow.versions.git import git
from winnow.versions.outputs import Revision

RELEASED = ("data/export", "data/index.parquet")
_WRONG = (YAMLError, ValueError, TypeError, KeyError, AttributeError)


class Held(NamedTuple):
    """What the cache has of one tag: how many files it should have, how many of these are missing, and the hash and
    path of each cached object that must be read: all of them, or those of a folder whose size tells of damage.
    """

    files: int
    missing: int
    doubtful: dict[str, str]


def releases(checked: Collection[str] = (), *, deep: bool = False, everything: bool = False) -> Iterator[Finding]:
    """Look for the data of every annotated tag in DVC's cache: release and index, or with ``everything`` all outputs.

    Sizes are compared with those that the tag's ``dvc.lock`` records; ``deep`` reads the bytes too. ``checked`` are
    hashes of objects whose bytes were read already.
    """
    cache = cache_folder()
    doubtful: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for tag in _tags():
        try:
            held = _held(cache, _outputs(Revision(tag), everything), deep)
        except UserError:
            continue  # no version of the data
        except _WRONG:
            yield Finding("releases", f"the dvc.lock of {tag} cannot be read", "a newer tag has to do", note=True)
            continue
        for md5, path in held.doubtful.items():
            doubtful[md5].append((tag, path))
        if held.missing == held.files:
            yield Finding("releases", f"the data of {tag} is not in DVC's cache", _bring(tag, everything), note=True)
        elif held.missing:
            problem = f"{held.missing:,} of {held.files:,} files of {tag} are not in DVC's cache"
            yield Finding("releases", problem, _bring(tag, everything), note=True)
    for md5 in damaged_objects(doubtful.keys() - set(checked)):
        tag, path = doubtful[md5][0]
        more = f" and of {len(doubtful[md5]) - 1:,} more tags" if len(doubtful[md5]) > 1 else ""
        away = f"run `mkdir -p {DAMAGED} && mv -n {_object(cache, md5)} {DAMAGED}`"
        fix = f"{away}, then {_bring(tag, everything).removeprefix('run ')}"
        yield Finding("releases", f"the cached copy of {path} of {tag}{more} is damaged", fix)


def _tags() -> list[str]:
    """Return the annotated tags, oldest version first; one without words is a mark of one's own."""
    lines = git("for-each-ref", "--sort=version:refname", "--format=%(objecttype) %(refname:short)", "refs/tags")
    return [line.removeprefix("tag ") for line in lines.splitlines() if line.startswith("tag ")]


def _bring(tag: str, everything: bool) -> str:
    """Return how the data of a tag comes back."""
    if has_remote():
        return "run `dvc fetch --all-tags" + ("`" if everything else f" {' '.join(RELEASED)}`")
    again = f"git checkout {tag} && dvc repro && git checkout - && dvc checkout"
    return f"run `{again}`, for there is no remote to fetch from"


def _outputs(revision: Revision, everything: bool) -> dict[str, dict[str, Any]]:
    """Return what a revision keeps in DVC's cache, by path, with hash and size; Git brings its own files itself."""
    if not everything:
        return {path: out for path, out in revision.outputs.items() if path in RELEASED}
    in_git = set(git("ls-tree", "-r", "-z", "--name-only", revision.commit).split("\0"))
    outs = {path: out for path, out in revision.outputs.items() if path not in in_git}
    for name in sorted(in_git):
        if name.endswith(".dvc"):
            added = parse_yaml(git("show", f"{revision.commit}:./{name}")) or {}
            folder = PurePosixPath(name).parent
            outs |= {(folder / out["path"]).as_posix(): out for out in added.get("outs", []) if "md5" in out}
    return outs


def _held(cache: Path, outs: dict[str, dict[str, Any]], deep: bool) -> Held:
    wanted, missing, doubtful = 0, 0, dict[str, str]()
    for path, out in outs.items():
        folder = out["md5"].endswith(".dir")
        files = _listed(cache, path, out["md5"]) if folder else {path: out["md5"]}
        if files is None:
            count = out.get("nfiles", 1)
            wanted, missing = wanted + count, missing + count
            continue
        sizes = {name: _size(_object(cache, md5)) for name, md5 in files.items()}
        lacking = sum(size is None for size in sizes.values())
        wanted, missing = wanted + len(files), missing + lacking
        total = sum(size or 0 for size in sizes.values())
        size = out.get("size", total)
        if deep or total > size or (total < size and not lacking):
            doubtful |= {md5: name for name, md5 in files.items() if sizes[name] is not None}
        if folder:
            doubtful[out["md5"]] = path  # small, and the key to the rest
    return Held(wanted, missing, doubtful)


def _listed(cache: Path, path: str, md5: str) -> dict[str, str] | None:
    """Return the hash of each file of a folder by its path, none of a damaged listing; ``None`` without a listing."""
    try:
        listed = json.loads(_object(cache, md5).read_text(encoding="utf-8"))
        return {f"{path}/{one['relpath']}": one["md5"] for one in listed}
    except OSError:
        return None
    except _WRONG:
        return {}


def _size(file: Path) -> int | None:
    """Return the bytes of a file, ``None`` where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return None


def _object(cache: Path, md5: str) -> Path:
    return cache / md5[:2] / md5[2:]
