"""What the value of a field of a unit says, by its type: whether a name means what it could mean.

A field whose value says nothing, or is of another type, is not the field that its name suggests.
"""

from collections.abc import Iterator
from typing import Any

_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na"})
_SWITCHES = frozenset({"on", "off", "yes", "no", "true", "false", "low", "medium", "high", "0", "1"})
_LIKES = frozenset(
    [
        *("up", "down", "thumbs_up", "thumbs_down", "thumbsup", "thumbsdown", "like", "dislike", "liked", "disliked"),
        *("good", "bad", "upvote", "downvote", "upvoted", "downvoted", "positive", "negative", "desirable"),
        *("undesirable", "accepted", "rejected", "yes", "no", "true", "false"),
    ]
)


def says(value: Any) -> bool:
    """Tell whether a value holds anything at all: a text that is no mark of a missing cell, or something in it.

    >>> [says(one) for one in (None, "", " NaN ", [], [None, ""], {"path": None}, "a", ["a"], 0)]
    [False, False, False, False, False, False, True, True, True]
    """
    if value is None or isinstance(value, str):
        return value is not None and value.strip().lower() not in _NOTHING
    if isinstance(value, list | dict):
        return any(map(says, value.values() if isinstance(value, dict) else value))
    return True


def text(value: Any) -> bool:
    """Tell whether a value is a text that says something."""
    return isinstance(value, str) and says(value)


def held(value: Any) -> bool:
    """Tell whether a value is a text, a list or an object with something in it; no number and no switch."""
    return isinstance(value, str | list | dict) and says(value)


def thought(value: Any) -> bool:
    """Tell whether a value is reasoning: a text, and no switch of a setting."""
    return text(value) and value.strip().lower() not in _SWITCHES


def listed(value: Any) -> bool:
    """Tell whether a value is a list, an object, or JSON text of one: definitions, calls, turns, masks of tokens."""
    return held(value) and not (isinstance(value, str) and value.strip()[:1] not in ("[", "{"))


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: Any) -> bool | None:
    """Return what a value says as true or false, in words too as a cell of CSV has it; None for all else.

    >>> truth(True), truth("False"), truth(1), truth("no")
    (True, False, None, None)
    """
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def is_truth(value: Any) -> bool:
    """Tell whether a value is true or false."""
    return truth(value) is not None


def is_true(value: Any) -> bool:
    """Tell whether a value is true."""
    return truth(value) is True


def is_false(value: Any) -> bool:
    """Tell whether a value is false."""
    return truth(value) is False


def switch(value: Any) -> bool:
    """Tell whether a value is true or false in one of its spellings."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "false", "yes", "no", "0", "1")
    return isinstance(value, bool) or (is_number(value) and value in (0, 1))


def is_weight(value: Any) -> bool:
    """Tell whether a value is a weight other than 1."""
    return (is_number(value) or isinstance(value, bool)) and value != 1


def liked(value: Any) -> bool:
    """Tell whether a value says of a reply that it was liked, or not."""
    if isinstance(value, str):
        return value.strip().lower().replace(" ", "_").replace("-", "_") in _LIKES
    return isinstance(value, bool) or (is_number(value) and value in (-1, 0, 1))


_SPEAKERS = frozenset({"role", "from", "speaker", "type"})


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text inside a value, those of lists and objects too, but not who speaks it."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack += (inside for name, inside in item.items() if name not in _SPEAKERS)
        elif isinstance(item, list):
            stack += item
