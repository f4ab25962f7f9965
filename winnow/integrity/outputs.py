"""Checks of outputs against ``dvc.lock``, of cached objects against their names, and of files that no stage writes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from winnow.harness.digests import file_md5, files_below
from winnow.harness.documents import parse_yaml
from winnow.harness.processes import map_buckets
from winnow.integrity.finding import Finding
from winnow.integrity.lock import Entry, Lock, entries
from winnow.integrity.trees import below, entry_hash, listing
from winnow.versions.cache import cached
from winnow.versions.git import git

REPRO = "run dvc repro"
DVC = (sys.executable, "-m", "dvc")  # also where the environment is not activated


def recorded(lock: Lock) -> list[Entry]:
    """Return every output that ``dvc.lock`` and the ``.dvc`` files name."""
    outs = list(entries(lock, "outs"))
    for name in git("ls-files", "-z", "*.dvc").split("\0"):
        if name and Path(name).is_file():
            document = parse_yaml(Path(name).read_text(encoding="utf-8")) or {}
            folder = Path(name).parent
            outs += [
                Entry(name, (folder / one["path"]).as_posix(), one["md5"])
                for one in document.get("outs", [])
                if "md5" in one
            ]
    return outs


def hashes(paths: Sequence[str]) -> dict[str, str]:
    """Return the hash of every file that ``paths`` are or hold, by path, computed by all workers."""
    files = [file for path in paths for file in files_below(Path(path))]
    md5s = map_buckets(file_md5, files)
    return {file.as_posix(): md5 for file, md5 in zip(files, md5s, strict=True)}


def outputs(outs: Sequence[Entry], here: dict[str, str]) -> list[Finding]:
    """Find outputs that are missing, damaged or edited; ``here`` are the hashes of their files as they stand."""
    in_git = set(git("ls-files", "-z", "metrics").split("\0"))  # DVC only records these and brings none back
    missing = {
        out.path: out.path not in in_git and cached(out.md5).is_file() for out in outs if not Path(out.path).exists()
    }
    if missing and len(missing) == len(outs):
        return [Finding("outputs", "no output is here", "run dvc pull, or dvc repro")]
    bring_back = partial(_run, *DVC, "checkout", "--quiet", *(path for path, there in missing.items() if there))
    findings = [
        Finding("outputs", f"{path} is missing", f"run `dvc checkout {path}`", bring_back)
        if there
        else Finding("outputs", f"{path} is missing", REPRO)
        for path, there in missing.items()
    ]
    for owner, path, md5 in outs:
        if path not in missing and entry_hash(path, here) != md5:
            # DVC believes in a file of the old size and time: only one that is gone is brought back
            back = path not in in_git and cached(md5).is_file()
            fix = f"run `rm -r {path}; dvc checkout {path}`" if back else REPRO
            findings += [Finding("outputs", problem, fix) for problem in _differences(owner, path, md5, here)]
    return findings


def _differences(owner: str, path: str, md5: str, here: dict[str, str]) -> list[str]:
    wanted = _listed(md5) if md5.endswith(".dir") else None
    if wanted is None:
        return [f"{path} is not what {owner} wrote: it was edited or damaged"]
    there, problems = below(path, here), []
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            problems.append(f"{path}/{name} is missing")
        elif name not in wanted:
            problems.append(f"{path}/{name} was not written by {owner}")
        elif there[name] != wanted[name]:
            problems.append(f"{path}/{name} is not what {owner} wrote: it was edited or damaged")
    return problems


def _listed(md5: str) -> dict[str, str] | None:
    """Return the files of a folder with their hashes, as the cache lists them; ``None`` if it cannot."""
    file = cached(md5)
    if not file.is_file() or not _whole(md5):
        return None
    return {one["relpath"]: one["md5"] for one in json.loads(file.read_text(encoding="utf-8"))}


def objects(outs: Sequence[Entry], here: dict[str, str]) -> dict[str, str]:
    """Return the path of the content of every cached object of ``outs``, by its hash."""
    paths: dict[str, str] = {}
    for _, path, md5 in outs:
        paths[md5] = path
        if md5.endswith(".dir"):
            paths |= {one: f"{path}/{name}" for name, one in (_listed(md5) or below(path, here)).items()}
    return paths


def cache(outs: Sequence[Entry], here: dict[str, str]) -> list[Finding]:
    """Find cached objects whose bytes are not their name: DVC trusts a read-only file and hands it on."""
    paths, findings = objects(outs, here), []
    for md5 in damaged(md5 for md5 in paths if cached(md5).is_file()):
        problem, repair = f"the cached copy of {paths[md5]} is damaged", partial(_renew, md5, paths[md5], here)
        findings.append(Finding("cache", problem, f"run `rm -f {cached(md5)}`, then dvc repro", repair))
    return findings


def damaged(hashes: Iterable[str]) -> list[str]:
    """Return those of the cached objects ``hashes`` whose bytes have another hash, in order."""
    there = sorted(hashes)
    return [md5 for md5, whole in zip(there, map_buckets(_whole, there), strict=True) if not whole]


def _whole(md5: str) -> bool:
    return file_md5(cached(md5)) == md5.removesuffix(".dir")


def _renew(md5: str, path: str, here: dict[str, str]) -> None:
    """Rewrite a cached object from its output where that is whole; else delete it, so that the stage runs again."""
    file = cached(md5)
    file.chmod(0o644)
    file.unlink()
    if entry_hash(path, here) == md5 and Path(path).exists():
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        if md5.endswith(".dir"):
            fresh.write_bytes(listing(below(path, here)))
        else:
            shutil.copyfile(path, fresh)
        fresh.chmod(0o444)
        fresh.replace(file)


def strays(outs: Sequence[Entry]) -> list[Finding]:
    """Find ignored files below ``data`` and tracked metrics that no stage writes: a stage that is gone left them."""
    owned = {out.path for out in outs}
    ignored = git("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "data").split("\0")
    tracked = git("ls-files", "-z", "metrics").split("\0")
    findings = []
    for name, remove in [*((one, "rm") for one in ignored), *((one, "git rm") for one in tracked)]:
        path = Path(name)
        ours = any(map(path.is_relative_to, ("data/.tmp", "data/.ask", "data/.journal")))
        kept = not name or not path.exists() or ours or path.name in (".gitignore", ".gitkeep")
        if not kept and owned.isdisjoint({name, *(parent.as_posix() for parent in path.parents)}):
            findings.append(Finding("strays", f"{name} belongs to no stage", f"run `{remove} {name}`"))
    return findings


def stale() -> list[Finding]:
    """Find stages whose code, inputs or settings are not those that ``dvc.lock`` records."""
    done = subprocess.run([*DVC, "status", "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        return [Finding("status", f"dvc status failed ({words[-1] if words else 'no message'})", "fix that first")]
    changed = ", ".join(sorted(json.loads(done.stdout or "{}")))
    return [Finding("status", f"not up to date: {changed}", REPRO)] if changed else []


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
