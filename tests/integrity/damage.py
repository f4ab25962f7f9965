"""Kinds of damage, and a count of what is lost: every content that people wrote or bought must be somewhere."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from ruamel.yaml import YAML

from winnow.harness.cache import cache_folder, cached
from winnow.integrity.lock import LOCK, entries, read_lock

Damage = Callable[[], object]
FOLDER, FILE = Path("data/raw/bought"), Path("data/raw/single.jsonl")
"""What the fixtures add with ``dvc add``: a folder of two files, and a file."""
PEOPLE = ("data/raw", "data/benchmarks", "data/labels", "data/ledger", "data/patches", "data/rubrics")
FILES = ("data/prices.yaml", "params.yaml", "CHANGELOG.md", "dvc.yaml", "data/notes.txt", "data/my_old_stage/rows.csv")


def flip(file: Path) -> None:
    """Change one byte and nothing else: size, time and mode stay."""
    status = file.stat()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    _write(file, bytes(data))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(file: Path) -> None:
    """Leave the first half of a file."""
    _write(file, file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    """Leave nothing in a file."""
    _write(file, b"")


def gone(path: Path) -> None:
    """Remove a file or folder."""
    subprocess.run(["rm", "-rf", path], check=True)


def _write(file: Path, data: bytes) -> None:
    mode = file.stat().st_mode
    file.chmod(0o644)
    with file.open("r+b") as out:  # in place: a link stays one
        out.truncate(0)
        out.write(data)
    file.chmod(mode)


def recorded(path: Path) -> str:
    """Return the hash that ``dvc.lock`` or a ``.dvc`` file records for a path."""
    tracker = path.with_name(f"{path.name}.dvc")
    if tracker.exists():
        return str(YAML(typ="safe").load(tracker.read_text(encoding="utf-8"))["outs"][0]["md5"])
    return next(out.md5 for out in entries(read_lock() or {}, "outs") if out.path == path.as_posix())


def object_of(path: Path) -> Path:
    """Return the cached object of a file or the listing of a folder."""
    return cached(recorded(path))


def part_of(folder: Path, number: int = 0) -> Path:
    """Return the cached object of one file of a folder."""
    return cached(json.loads(object_of(folder).read_text(encoding="utf-8"))[number]["md5"])


def valued() -> dict[Path, bytes]:
    """Return the content of what people wrote or bought, by path, with the cached objects of what was added."""
    folders = [file for name in PEOPLE for file in Path(name).rglob("[!.]*")]  # not what waits to be renamed
    return {file: file.read_bytes() for file in [*folders, *map(Path, FILES), *_added_objects()] if file.is_file()}


def _added_objects() -> Iterator[Path]:
    for path in (FOLDER, FILE):
        if path.with_name(f"{path.name}.dvc").exists():
            try:
                yield object_of(path)
                if recorded(path).endswith(".dir"):
                    yield from (part_of(path, number) for number in range(2))
            except (OSError, ValueError, KeyError, TypeError, IndexError):
                continue  # damaged itself


def lost(before: dict[Path, bytes], whole: dict[Path, bytes]) -> list[Path]:
    """Return the paths of ``before`` whose content is nowhere now: not here, in the cache, aside, or in Git.

    A damaged cached object may be gone where the ``whole`` content of it is there.
    """
    here = [file for name in ("data", ".dvc/cache") for file in Path(name).rglob("*")]
    files = [file for file in [*here, *map(Path, FILES)] if file.is_file()]
    there = {_blob(file.read_bytes()) for file in files} | set(_in_git())
    return [
        path
        for path, content in before.items()
        if _blob(content) not in there
        and not (path.is_relative_to(cache_folder()) and path in whole and _blob(whole[path]) in there)
    ]


def _blob(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def _in_git() -> list[str]:
    command = ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def both(*damages: Damage) -> Damage:
    """Return all of these damages as one."""
    return lambda: [damage() for damage in damages]


def write(path: str, text: str) -> Damage:
    """Return the damage of a file that holds ``text``."""

    def damage() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")

    return damage


def edit(path: str, old: str, new: str) -> Damage:
    """Return the damage of a file in which ``old`` is ``new``."""

    def damage() -> None:
        text = Path(path).read_text(encoding="utf-8")
        assert old in text
        Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


def on(act: Callable[[Path], object], path: Path | str | Callable[[], Path]) -> Damage:
    """Return the damage ``act`` of a path, which may depend on what is recorded."""
    return lambda: act(path() if callable(path) else Path(path))


def first(pattern: str) -> Callable[[], Path]:
    """Return a function that finds the first file of a pattern."""
    return lambda: sorted(path for path in Path().glob(pattern) if path.is_file())[0]


def cut_between_stages() -> None:
    """Leave a lock file that is valid and lacks its last stages."""
    text = LOCK.read_text(encoding="utf-8")
    LOCK.write_text(text[: text.index("\n  mix:") + 1], encoding="utf-8")


def broken_change(state: str) -> Damage:
    """Return what a command leaves that was killed while it changed several files."""

    def damage() -> None:
        waiting = Path("data/patches/demo_alpaca/.new.json.winnow-new")
        waiting.parent.mkdir(parents=True, exist_ok=True)
        waiting.write_text("{}", encoding="utf-8")
        step = {"do": "replace", "path": "data/notes.txt", "new": waiting.as_posix()}
        write("data/.journal/changes.json", json.dumps({"state": state, "steps": [step]}))()

    return damage


def receipt(stage: str, old: str, new: str) -> Damage:
    """Return a receipt that says something else, with the lock file of before."""
    return edit(f"data/receipts/{stage}.json", old, new)


def _ended() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def leftover(folder: str) -> Damage:
    """Return the staging folder of a run that was killed."""

    def damage() -> None:
        write(f"{folder}/.tmp/filter-{_ended()}/half", "half")()

    return damage
