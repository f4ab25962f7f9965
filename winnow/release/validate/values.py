"""Small questions about values that the checks of all consumers ask."""

import json
from collections.abc import Iterable
from typing import Any


def is_list_of_objects(value: Any) -> bool:
    """Return whether a value is a list, not empty, of objects: a list of messages.

    >>> is_list_of_objects([{}]), is_list_of_objects([]), is_list_of_objects(["a"])
    (True, False, False)
    """
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def parsed(text: str) -> Any:
    """Return the JSON value of a text, ``...`` where it is none.

    >>> parsed("[1]"), parsed("oops")
    ([1], Ellipsis)
    """
    try:
        return json.loads(text)
    except ValueError:
        return ...


def first(problems: Iterable[str]) -> str:
    """Return the first problem, an empty text where there is none.

    >>> first(["", "b", "c"]), first([])
    ('b', '')
    """
    return next(filter(None, problems), "")


def shown(value: Any) -> str:
    """Return a value for a message, cut.

    >>> shown("user"), shown(list(range(100)))
    ('"user"', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 41 else f"{text[:40]}…"
