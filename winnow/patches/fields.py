"""Texts of a record by the name of their field: ``messages[1].content``."""

import re
from typing import Any

_NUMBER = r"\[(?:0|[1-9][0-9]*)\]"
EDITABLE = re.compile(rf"system|context|(?:rejected{_NUMBER}\.)?messages{_NUMBER}\.(?:content|reasoning)")
"""The names of the fields that a patch may edit."""

_STEP = re.compile(r"([a-z]+)(?:\[([0-9]+)\])?")


def get(record: dict[str, Any], name: str) -> str | None:
    """Return the text of an :data:`EDITABLE` field, empty where it is null; ``None`` where the record has no such
    place.

    >>> record = {"messages": [{"content": "Hi", "reasoning": None}], "context": None}
    >>> [get(record, name) for name in ("messages[0].content", "messages[0].reasoning", "messages[1].content")]
    ['Hi', '', None]
    """
    place, key = _place(record, name)
    return None if place is None else place[key] or ""


def put(record: dict[str, Any], name: str, text: str) -> None:
    """Set the text of a field in place; the record must have it (:func:`get` gives a text). Only a turn's content
    may be empty, all else becomes null.

    >>> record = {"messages": [{"content": "Hi"}], "context": "Met before."}
    >>> put(record, "messages[0].content", "Hello"); put(record, "context", ""); record
    {'messages': [{'content': 'Hello'}], 'context': None}
    """
    place, key = _place(record, name)
    if place is None:
        raise KeyError(name)
    place[key] = text if text or key == "content" else None


def names(record: dict[str, Any]) -> list[str]:
    """Return the names of all texts of a record that may be edited, without those of reasoning that it does not have.

    >>> names({"messages": [{"content": "Hi", "reasoning": None}], "rejected": None})
    ['system', 'context', 'messages[0].content']
    """
    fields = ["system", "context", *_turns("messages", record["messages"])]
    for number, one in enumerate(record["rejected"] or ()):
        fields += _turns(f"rejected[{number}].messages", one["messages"])
    return fields


def _turns(where: str, turns: list[dict[str, Any]]) -> list[str]:
    fields = []
    for number, turn in enumerate(turns):
        fields += [f"{where}[{number}].{key}" for key in ("content", "reasoning") if key == "content" or turn[key]]
    return fields


def _place(record: dict[str, Any], name: str) -> tuple[dict[str, Any] | None, str]:
    *steps, last = name.split(".")
    here: Any = record
    for step in steps:
        match = _STEP.fullmatch(step)
        turns = here.get(match[1]) if match else None
        if match is None or turns is None or int(match[2]) >= len(turns):
            return None, last
        here = turns[int(match[2])]
    return here, last
