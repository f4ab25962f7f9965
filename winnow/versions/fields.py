"""Which fields of a record differ, word by word."""

import json
from typing import Any

from winnow.text.worddiff import around_changes, word_diff

Pieces = list[tuple[str, str]]
_WHOLE = ("row_id", "content_hash", "metadata")
_MARKS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}


def field_changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Pieces]:
    """Return the changed fields of a record with the pieces of their word-level difference.

    >>> turn = {"role": "user", "content": "Name two colours"}
    >>> old, new = {"messages": [turn]}, {"messages": [{**turn, "content": "Name three colours"}]}
    >>> field_changes(old, new)
    {'messages[0].content': [('=', 'Name '), ('-', 'two'), ('+', 'three'), ('=', ' colours')]}
    """
    old, new = dict(_flat("", before)), dict(_flat("", after))
    return {
        name: around_changes(word_diff(old.get(name, ""), new.get(name, "")))
        for name in sorted(old.keys() | new.keys())
        if old.get(name, "") != new.get(name, "")
    }


def marked(pieces: Pieces) -> str:
    """Return the pieces of a word-level difference as one text, as ``git diff --word-diff`` marks them.

    >>> marked([("=", "Name "), ("-", "two"), ("+", "three"), ("=", " colours")])
    'Name [-two-]{+three+} colours'
    """
    return "".join(_MARKS[sign].format(text) for sign, text in pieces)


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    """Return the leaves of a record as texts with the names of their places."""
    if isinstance(value, dict):
        parts = [(f"{name}.{key}" if name else key, item) for key, item in value.items() if name or key not in _WHOLE]
    elif isinstance(value, list):
        parts = [(f"{name}[{index}]", item) for index, item in enumerate(value)]
    elif value is None:
        return []
    else:
        return [(name, value if isinstance(value, str) else json.dumps(value))]
    return [leaf for key, item in parts for leaf in _flat(key, item)]
