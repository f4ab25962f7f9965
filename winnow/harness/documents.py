"""Readers of files that people write: YAML as DVC reads it, strict JSON; a fault is one sentence with its place."""

import json
import re
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError

_ALIAS = re.compile(r"(?:^|[\s\[{,:])\*[^\s]", re.MULTILINE)
_ROOM = 100_000  # characters and nodes that the aliases of one document may add to it


def parse_yaml(text: str, *, pure: bool = False) -> Any:
    """Return the value of a YAML text; ``pure`` reads it as DVC reads ``params.yaml`` (YAML 1.2), and slowly.

    Raises ruamel's :class:`YAMLError` for what is no YAML, and for a text of a few lines that would fill the memory:
    aliases that expand to much more than the text, or nesting that no reader follows.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        if not _ALIAS.search(text):
            return YAML(typ="safe", pure=pure).load(text)
        yaml = YAML(typ="safe", pure=True)
        root = yaml.compose(text)
        if root is None:
            return None
        if _expanded(root, {}) > len(text) + _ROOM:
            raise YAMLError("its aliases expand to far more than it holds")
        return yaml.constructor.construct_document(root)
    except RecursionError:
        raise YAMLError("it is nested too deeply") from None


def _expanded(node: Any, sizes: dict[int, float]) -> float:
    """Return how many characters and nodes a node stands for with its aliases written out; one in itself, infinity."""
    if id(node) not in sizes:
        sizes[id(node)] = float("inf")  # until it is known: an alias to what it stands in
        if isinstance(node.value, str):
            sizes[id(node)] = 1 + len(node.value)
        else:
            inside = (one for item in node.value for one in (item if isinstance(item, tuple) else (item,)))
            sizes[id(node)] = 1 + sum(_expanded(one, sizes) for one in inside)
    return sizes[id(node)]


def read_map(path: Path, shown: str = "", empty: str = "entries: it must be a map") -> dict[str, Any]:
    """Return the map in the YAML file ``path``.

    A file that is missing, is no YAML or no map, or has a key twice is a :class:`UserError`, which names the file
    ``shown`` and, where it has no map, says that it holds no ``empty``.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    shown = shown or str(path)
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"), pure=True)
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
