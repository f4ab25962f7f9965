"""The code that a stage depends on: digests that ignore comments and docstrings, written to and checked against
``data/code``.

The stage ``code`` writes one small file for each *unit* of code: a room (``data/code/storage`` for the folder
``winnow/storage``) or a script (``data/code/stages/filter``). The file has one line for each source file: its path and
its digest. The other stages depend on these files and not on the source, so a change of a comment ends at ``code``,
with equal bytes. Nothing makes DVC run ``code`` in time, though: ``dvc repro --single-item`` and ``--downstream`` skip
it, and source can be edited while a run goes on. So every stage checks the units that it depends on
(:func:`difference`).

Code that is installed rather than checked out would come in here: :func:`units` would also name the folders of the
user's own code (``own/``), and :func:`listing` would return the digests that a committed ``code.lock`` holds for the
installed version, where it now reads ``winnow``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from winnow.harness.digests import file_md5, files_below
from winnow.harness.errors import UserError
from winnow.harness.syntax import code_digest

FOLDER = Path("data/code")
_RECEIPT = Path("data/receipts/code.json")


def units() -> list[str]:
    """Return all units of code in the working directory: rooms, then scripts as ``stages/<stage>``."""
    rooms = sorted(package.parent.name for package in Path("winnow").glob("*/__init__.py"))
    return rooms + sorted(script.with_suffix("").as_posix() for script in Path("stages").glob("[!_]*.py"))


def units_among(paths: Iterable[str]) -> list[str]:
    """Return the units whose files in ``data/code`` are among the dependencies ``paths`` of a stage.

    >>> units_among(["data/clean/records", "data/code/storage", "data/code/stages/filter"])
    ['storage', 'stages/filter']
    """
    return [path.removeprefix(f"{FOLDER}/") for path in paths if path.startswith(f"{FOLDER}/")]


def sources(unit: str) -> list[str]:
    """Return the files and folders of a unit, with the ``__init__.py`` above them, which every import of it runs.

    >>> sources("storage"), sources("stages/filter")
    (['winnow/__init__.py', 'winnow/storage'], ['stages/__init__.py', 'stages/filter.py'])
    """
    if unit.startswith("stages/"):
        return ["stages/__init__.py", f"{unit}.py"]
    return ["winnow/__init__.py", f"winnow/{unit}"]


def listing(unit: str) -> str:
    """Return the content of a unit's file in ``data/code``: the path and the digest of each source file, by path."""
    return "".join(f"{file.as_posix()} {source_digest(file)}\n" for file in _files(unit))


def source_digest(file: Path) -> str:
    """Return the digest of a source file as 32 hex digits: of a Python file's code, of any other file's bytes.

    Raises :class:`UserError` for a Python file with a syntax error.
    """
    data = file.read_bytes()
    if file.suffix != ".py":
        return hashlib.blake2b(data, digest_size=16).hexdigest()
    try:
        return code_digest(data)
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{file} is no Python: {str(error).replace('<unknown>, ', '')}; fix it there.") from None


def difference(unit: str) -> str | None:
    """Return, to begin a sentence with, where a unit's source is not what ``data/code`` lists; None where it is.

    A unit without a file in ``data/code`` is no difference: DVC runs no stage whose dependency is missing, and so
    records nothing.

    A source file is only parsed where its bytes are not those that the stage ``code`` read: hashing bytes takes a
    hundredth of the time.
    """
    file_of_unit = FOLDER / unit
    if not file_of_unit.is_file():
        return None
    lines = file_of_unit.read_text(encoding="utf-8", errors="replace").splitlines()
    listed = {path: digest for path, _, digest in (line.rpartition(" ") for line in lines)}
    read = _bytes_read_for(file_of_unit)
    for file in _files(unit):
        path = file.as_posix()
        if path not in listed or (read.get(path) != file_md5(file) and listed[path] != source_digest(file)):
            return f"{path} is not the code that {file_of_unit} lists"
        del listed[path]
    return f"{min(listed)} is missing, which {file_of_unit} lists" if listed else None


def _files(unit: str) -> list[Path]:
    return [file for path in sources(unit) for file in files_below(Path(path))]


def _bytes_read_for(file_of_unit: Path) -> Mapping[str, str]:
    """Return the MD5 of each source file as the stage ``code`` read it when it wrote ``file_of_unit`` as it stands.

    The map is empty where the receipt of ``code`` is missing, damaged or of another version of that file.
    """
    try:
        receipt = json.loads(_RECEIPT.read_text(encoding="utf-8"))
        current = receipt["outputs"][file_of_unit.as_posix()] == file_md5(file_of_unit)
        return dict(receipt["inputs"]) if current else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
