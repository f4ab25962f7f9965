"""What the value of a field of a unit says, by its type: whether a name means what it could mean.

A field whose value says nothing, or is of another type, is not the field that its name suggests.
"""

import re
from collections.abc import Iterator
from typing import Any

_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na"})
_SWITCHES = frozenset({"on", "off", "yes", "no", "true", "false", "low", "medium", "high", "0", "1"})
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")
_MASKS = frozenset({"true", "false", "null", "none"})
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
    """Tell whether a value is a weight other than 1, as text too as a cell of CSV has it.

    >>> is_weight(0.5), is_weight("0.5"), is_weight("1.0"), is_weight("heavy")
    (True, True, False, False)
    """
    if isinstance(value, str):
        value = written_number(value)
    return (is_number(value) or isinstance(value, bool)) and value != 1


def written_number(text: str) -> float | None:
    """Return the number that a text is, as JSON writes one; None for all else.

    >>> written_number(" 0.5"), written_number("1e3"), written_number("nan"), written_number("5 of 7")
    (0.5, 1000.0, None, None)
    """
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def of_switches(value: Any) -> bool:
    """Tell whether a value is a list of masks or weights, one for each turn or step, or the JSON text of one.

    >>> of_switches([0, 1]), of_switches("[true, false]"), of_switches([None]), of_switches(["sports"])
    (True, True, False, False)
    """
    if isinstance(value, str):
        text = value.strip()
        if not (text.startswith("[") and text.endswith("]")):
            return False
        parts = [part.strip().lower() for part in text[1:-1].split(",")]
        return all(part in _MASKS or written_number(part) is not None for part in parts)
    held = [one for one in value if one is not None] if isinstance(value, list) else []
    return bool(held) and all(isinstance(one, bool) or is_number(one) for one in held)


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
