"""Checks of outputs against ``dvc.lock`` and ``.dvc`` files, and of DVC's cached objects against their names.

What a stage wrote can be written again, so it may be given up; what ``dvc add`` recorded can not. Nothing is deleted:
a repair renews one copy from the other or moves a damaged one aside.
"""

import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ruamel.yaml.error import YAMLError

from winnow.harness.cache import cached, has_remote
from winnow.harness.digests import file_md5, files_below
from winnow.harness.documents import parse_yaml
from winnow.harness.processes import map_buckets
from winnow.integrity.aside import DAMAGED
from winnow.integrity.copies import Copies, damaged_objects, give_up, object_aside, renew, restore
from winnow.integrity.finding import Finding
from winnow.integrity.lock import Entry
from winnow.integrity.trees import below
from winnow.versions.git import git

REPRO = "run dvc repro"
FIX = "run `winnow verify --fix`"
LOST = f"nothing here can rebuild it, so no copy is touched: take it {{}}, and move what is here to {DAMAGED} before"


def dvc_files() -> list[Path]:
    """Return the ``.dvc`` files that Git has, and those below ``data`` that nobody has committed yet."""
    tracked = {Path(name) for name in git("ls-files", "-z", "*.dvc").split("\0") if name}
    return sorted(path for path in tracked | set(Path("data").rglob("*.dvc")) if path.is_file())


def added() -> tuple[list[Entry], list[Finding]]:
    """Return every output that the ``.dvc`` files name, and a finding for each file that cannot be read."""
    outs, findings = [], []
    for file in dvc_files():
        try:
            document = parse_yaml(file.read_text(encoding="utf-8"))
            listed = [one for one in document["outs"] if "md5" in one]
            outs += [Entry(file.as_posix(), (file.parent / one["path"]).as_posix(), one["md5"]) for one in listed]
        except (OSError, YAMLError, ValueError, TypeError, KeyError):
            fix = f"take it from Git (`git log --oneline -- {file}` lists its versions), or dvc add the data again"
            findings.append(
                Finding("outputs", f"{file} cannot be read, so nobody knows what its data is", fix, blocks=True)
            )
    return outs, findings


def copies(outs: Sequence[Entry]) -> list[Copies]:
    """Read every file of ``outs`` here and in DVC's cache, by all workers."""
    files = [file for out in outs for file in files_below(Path(out.path))]
    here = {file.as_posix(): md5 for file, md5 in zip(files, map_buckets(file_md5, files), strict=True)}
    listings = damaged_objects({out.md5 for out in outs if out.md5.endswith(".dir") and cached(out.md5).is_file()})
    some = [Copies(out, here, listings) for out in outs]
    contents = {md5 for one in some for md5 in one.objects if not md5.endswith(".dir") and cached(md5).is_file()}
    damaged = frozenset([*listings, *damaged_objects(contents)])
    in_git = set(git("ls-files", "-z", "metrics").split("\0"))
    return [Copies(out, here, damaged, out.path in in_git) for out in outs]


def outputs(some: Sequence[Copies]) -> Iterator[Finding]:
    """Find outputs that are missing, damaged or edited."""
    wrong = [one for one in some if not one.is_whole_here]
    bring_back = partial(restore, [one for one in wrong if one.is_recoverable])
    if wrong and len(wrong) == len(some) and not any(one.is_here or one.damaged_objects for one in some):
        if all(one.is_recoverable or one.in_git for one in some):
            yield Finding("outputs", "no output is here", "run `dvc checkout`, then dvc repro", bring_back)
            return
        again = "" if any(one.was_added for one in some) else ", or dvc repro"
        yield Finding("outputs", "no output is here", f"run dvc pull{again}", blocks=not again)
        return
    blocked = any(one.was_added and not one.is_recoverable for one in wrong)
    for one in wrong:
        for problem in _problems(one):
            if one.is_recoverable:
                yield Finding("outputs", problem, _restoring(one), bring_back)
            elif one.was_added:
                yield Finding(
                    "outputs", f"{problem}, and DVC's cache does not have it whole", _finding_it(one), blocks=True
                )
            elif blocked or not (one.is_here or one.damaged_objects):
                yield Finding("outputs", problem, REPRO)
            else:
                fix = f"{FIX}, which moves what is damaged to {DAMAGED}, then dvc repro"
                yield Finding("outputs", problem, fix, partial(give_up, one))


def _restoring(one: Copies) -> str:
    if not one.is_here:
        return f"run `dvc checkout {one.target}`"
    meant = f"; or `dvc add {one.path}` if the edit is meant" if one.was_added else ""
    return f"{FIX}, which moves it to {DAMAGED} and checks out what was recorded{meant}"


def _finding_it(one: Copies) -> str:
    """Return where data that was added may be found, all copies here being damaged."""
    if not one.is_here and not one.damaged_objects and has_remote():
        return f"run `dvc pull {one.target}`"
    tags = git("tag", "--list").split()
    command = ["git", "grep", "-l", "-F", one.out.md5, *tags, "--", one.out.owner]
    with_it = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split() if tags else []
    places = ["from the remote (dvc pull in a new clone)"] if has_remote() else []
    if with_it:
        places.append(f"from a clone or cache that has the release {', '.join(name.split(':')[0] for name in with_it)}")
    places.append("from a colleague's clone or where it came from")
    return LOST.format(", or ".join(places))


def _problems(one: Copies) -> list[str]:
    """Return what is wrong with an output, by file where it is a folder whose files are known."""
    if not one.is_here:
        return [f"{one.path} is missing"]
    edited = f"is not what {one.out.owner} {'records' if one.was_added else 'wrote'}: it was edited or damaged"
    if one.files is None or list(one.files) == [one.path]:
        return [f"{one.path} {edited}"]
    there = {f"{one.path}/{name}": md5 for name, md5 in below(one.path, one.here).items()}
    problems = []
    for path in sorted(one.files.keys() | there.keys()):
        if path not in there:
            problems.append(f"{path} is missing")
        elif path not in one.files:
            problems.append(f"{path} was not written by {one.out.owner}")
        elif there[path] != one.files[path]:
            problems.append(f"{path} {edited}")
    return problems


def cache(some: Sequence[Copies]) -> Iterator[Finding]:
    """Find cached objects whose bytes are not their name: DVC trusts a read-only file and hands it on.

    Of what was added and has no whole copy here, nothing is said or done: that is a finding of the output.
    """
    damaged = {md5: (one, path) for one in some for md5, path in one.damaged_objects.items()}
    whole = {
        md5: path
        for one in some
        for md5, path in one.damaged_objects.items()
        if one.here.get(path) == md5 or (path == one.path and one.is_whole_here)
    }
    kept = {md5 for one in some if one.was_added for md5 in one.damaged_objects}
    for md5, (one, path) in sorted(damaged.items()):
        problem = f"the cached copy of {path} is damaged"
        if md5 in whole:
            repair = partial(renew, md5, whole[md5], one.here)
            yield Finding("cache", problem, f"{FIX}, which writes it again from {whole[md5]}", repair)
        elif md5 not in kept:
            fix = f"{FIX}, which moves it to {DAMAGED}, then dvc repro"
            yield Finding("cache", problem, fix, partial(object_aside, md5, path))
