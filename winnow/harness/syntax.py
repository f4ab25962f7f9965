"""A digest of Python code that ignores comments, layout and docstrings, and is the same under every supported Python.

The digest is of the syntax tree: its node classes and their fields. Tokens, ``ast.dump`` and ``ast.unparse`` differ
between versions of Python, which add fields to nodes and cut the literal text of f-strings differently.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

_NO_MEANING = frozenset({"ctx", "kind", "type_comment"})
"""Fields of nodes that follow from where the node stands, or that Python ignores when it runs code."""


def code_digest(source: bytes) -> str:
    """Return the digest of a Python file's code as 32 hex digits.

    Raises :class:`SyntaxError` or :class:`ValueError` where ``source`` is no Python.

    >>> code_digest(b"a = 1") == code_digest(b"'A number.'\\na = (1)  # one")
    True
    """
    parts: list[str] = []
    _describe(ast.parse(source), parts.append)
    return hashlib.blake2b("".join(parts).encode(), digest_size=16).hexdigest()


def _describe(value: Any, write: Callable[[str], None]) -> None:
    if isinstance(value, ast.AST):
        write(type(value).__name__ + "(")
        for name, field in _fields(value):
            write(name + "=")
            _describe(field, write)
        write(")")
    elif isinstance(value, list):
        write("[")
        for item in value:
            _describe(item, write)
            write(",")
        write("]")
    elif isinstance(value, str):
        write(json.dumps(value))  # repr escapes other characters under each version of Unicode
    elif isinstance(value, int) and not isinstance(value, bool):
        write(hex(value))  # Python refuses to write a number of more than 4,300 decimal digits
    else:
        write(repr(value))


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a node that hold something, by name.

    An empty field is left out, so that a Python whose nodes have more fields (3.12 added ``type_params``) describes
    older code in the same way.
    """
    for name in node._fields:
        field = getattr(node, name, None)
        if field is None or name in _NO_MEANING:
            continue
        if isinstance(field, list):
            field = [item for item in field if not _is_bare_text(item)]
            field = list(_joined(field)) if isinstance(node, ast.JoinedStr) else field
        if field != []:
            yield name, field


def _is_bare_text(item: Any) -> bool:
    """Return whether ``item`` is a statement that is a string and nothing else, such as a docstring."""
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)


def _joined(parts: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the parts of an f-string, adjacent literal texts as one: where they are cut differs between Pythons."""
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            yield ast.Constant(text)
            text = ""
            yield part
    yield ast.Constant(text)
