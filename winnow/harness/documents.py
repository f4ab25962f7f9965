"""Readers of files that people write: YAML as DVC reads it, strict JSON; a fault is one sentence with its place."""

import json
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError


def read_map(path: Path, shown: str = "", empty: str = "entries: it must be a map") -> dict[str, Any]:
    """Return the map in the YAML file ``path``.

    A file that is missing, is no YAML or no map, or has a key twice is a :class:`UserError`, which names the file
    ``shown`` and, where it has no map, says that it holds no ``empty``.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    shown = shown or str(path)
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{shown} is missing; restore it from Git.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UserError(f"{shown}, line {line}: {' '.join(str(error.problem).split())}; fix the YAML there.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{shown} is no YAML in UTF-8 ({' '.join(str(error).split())}); fix it.") from None
    if not isinstance(document, dict):
        raise UserError(f"{shown} holds no {empty}.")
    return document


def read_json(path: Path) -> Any:
    """Return the value in the JSON file ``path``.

    Raises :class:`ValueError`, whose text ends a sentence that begins with the file. A key that stands twice is an
    error (Git merges two edits of one file into that without a conflict), as is NaN.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        conflict = b"<<<<<<<" in path.read_bytes()
        problem = "holds conflict marks of Git" if conflict else f"is no JSON ({str(error).splitlines()[0]})"
        raise ValueError(problem) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands in it twice")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
