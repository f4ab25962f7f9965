"""What a reply says, read so that nothing is guessed: the fields of one candidate or of several, or a reason code."""

from collections.abc import Mapping, Sequence
from typing import Any

from winnow.recipes.recipe import ITEMS, OUTPUT, TEXT, TEXTS, YES_NO, Step
from winnow.replies.form import DECODER, json_object, without_thought
from winnow.replies.stage import Unusable

READER = 1
"""The version of this reader. A round keeps the one that it was bought for; a change here comes as a second reader."""

Item = dict[str, Any] | str
"""The fields of one candidate, or the reason for which its part of the reply has none."""


def read(step: Step, reply: str, *, cut: bool = False) -> list[Item]:
    """Return what a reply says of each candidate; of one that was ``cut`` the whole items.

    Raises :class:`~winnow.replies.stage.Unusable` with the reason for which the reply says nothing at all.

    >>> step = Step("task", {"en": "Write a task."}, {}, {"instruction": "text"})
    >>> read(step, 'Sure: {"instruction": "Name a river."}')
    [{'instruction': 'Name a river.'}]
    """
    text = without_thought(reply)
    if step.answers:
        if cut:
            raise Unusable("cut")
        if not text.strip():
            raise Unusable("empty")
        return [{OUTPUT: text.strip()}]
    if step.items > 1:
        return [_item(step, value) for value in (_whole_items(text) if cut else _items(text))]
    if cut:
        raise Unusable("cut")
    item = _item(step, _first_object(text))
    if isinstance(item, str):
        raise Unusable(item)
    return [item]


def _first_object(text: str) -> Mapping[str, Any]:
    """Return the object that ``text`` is, or else the first one that stands in it."""
    try:
        return json_object(text)
    except Unusable:
        start = text.find("{")
        if start < 0:
            raise
    try:
        value, _ = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        raise Unusable("unparsed") from None
    if not isinstance(value, dict):
        raise Unusable("unparsed")
    return value


def _items(text: str) -> Sequence[Any]:
    value = _first_object(text)
    if ITEMS not in value:
        raise Unusable("missing_field")
    if not isinstance(value[ITEMS], list):
        raise Unusable("unparsed")
    return value[ITEMS]


def _whole_items(text: str) -> Sequence[Any]:
    """Return the items before the place where a reply was cut.

    >>> _whole_items('{"items": [{"a": 1}, {"a": 2}, {"a"')
    [{'a': 1}, {'a': 2}]
    """
    body = text
    start = body.find(f'"{ITEMS}"')
    at = body.find("[", start) + 1
    if start < 0 or at == 0:
        raise Unusable("cut")
    found: list[Any] = []
    while True:
        at += len(body[at:]) - len(body[at:].lstrip(" \t\r\n,"))
        try:
            value, at = DECODER.raw_decode(body, at)
        except (ValueError, RecursionError, Unusable):
            return found
        found.append(value)


def _item(step: Step, value: Any) -> Item:
    """Return the fields of one object, or why it has not what the step reads; other fields are passed over."""
    if not isinstance(value, dict):
        return "unparsed"
    fields: dict[str, Any] = {}
    for name, kind in step.reads.items():
        if name not in value:
            return "missing_field"
        found = value[name]
        if kind == YES_NO:
            if not isinstance(found, bool):
                return "wrong_type"
            fields[name] = found
        elif kind == TEXTS:
            if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
                return "wrong_type"
            fields[name] = [one.strip() for one in found if one.strip()]
            if not fields[name]:
                return "missing_field"
        elif not isinstance(found, str):
            return "wrong_type"
        elif kind == TEXT and not found.strip():
            return "missing_field"
        else:
            fields[name] = found.strip()
    return fields
