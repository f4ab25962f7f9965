"""Definitions of tools as the record keeps them: JSON text."""

import json
from typing import Any

from winnow.reading.jsonvalue import RefusedJSON, decode, too_deep, unstorable
from winnow.reading.unusable import Unusable, kind_of
from winnow.records.record import canonical_json


def parsed(raw: str, reason: str, what: str) -> Any:
    """Return the JSON value that a text field holds; what is no strict JSON is :class:`Unusable` for ``reason``."""
    try:
        value, end = decode(raw, len(raw) - len(raw.lstrip()))
    except (RefusedJSON, json.JSONDecodeError) as error:
        raise Unusable(reason, f"{what} is no JSON ({error})") from None
    if raw[end:].strip():
        raise Unusable(reason, f"{what} is no JSON (more text after the value)")
    if problem := too_deep(raw, value) or unstorable(raw, value):
        raise Unusable(reason, f"{what} cannot be used: {problem[1]}")
    return value


def definitions(raw: Any, name: str) -> str | None:
    """Return the definitions in the field ``name`` as JSON text, as the source had them; an empty list is none."""
    if raw is None or raw == "":
        return None
    value = parsed(raw, "bad_tools", repr(name)) if isinstance(raw, str) else raw
    if not isinstance(value, list | dict):
        raise Unusable("bad_tools", f"{name!r} is {kind_of(value)}, not a list of definitions")
    if not value:
        return None
    return raw if isinstance(raw, str) else canonical_json(raw)
