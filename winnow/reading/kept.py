"""Fields that a source's entry keeps as metadata whatever their names (``metadata``): out of an adapter's sight."""

from collections.abc import Mapping
from typing import Any

from winnow.records.record import Record


def without(value: Any, names: frozenset[str]) -> tuple[Any, dict[str, Any]]:
    """Return a unit without the fields ``names``, and those fields: of the unit, and of its turns by their list."""
    if not isinstance(value, dict):
        return value, {}
    left: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for name, content in value.items():
        if name in names:
            kept[name] = content
            continue
        if isinstance(content, dict) and any(isinstance(one, list | dict) for one in content.values()):
            content, inner = _of_columns(content, names)
            if inner:
                kept[name] = inner
        elif isinstance(content, list) and any(isinstance(one, dict) and not names.isdisjoint(one) for one in content):
            kept[name] = [_only(one, names) for one in content]
            content = [_but(one, names) for one in content]
        left[name] = content
    return left, kept


def _of_columns(content: dict[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return turns that stand as columns (HF ``Sequence``), or by name (MOSS), without the fields, and those."""
    if all(isinstance(one, dict) for one in content.values()):
        inner = {name: only for name, one in content.items() if (only := _only(one, names))}
        return {name: _but(one, names) for name, one in content.items()}, inner
    if all(isinstance(one, list) for one in content.values()):
        return _but(content, names), _only(content, names)
    return content, {}


def _only(value: Any, names: frozenset[str]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name in names} if isinstance(value, dict) else {}


def _but(value: Any, names: frozenset[str]) -> Any:
    return {name: one for name, one in value.items() if name not in names} if isinstance(value, dict) else value


def keep(record: Record, kept: Mapping[str, Any]) -> None:
    """Put the fields that :func:`without` took out of a unit into the metadata of its record.

    What the adapter noted under such a name stays: the source's field then goes by ``source_`` and the name.
    """
    for name, value in kept.items():
        there: Any = record.metadata.get(name)
        if _are_turns(there, value):
            value = [{**one, **more} for one, more in zip(there, value, strict=True)]
        record.metadata[name if there is None or _are_turns(there, value) else f"source_{name}"] = value


def _are_turns(there: Any, value: Any) -> bool:
    """Tell whether two values are lists of as many objects: what is left of the same turns."""
    if not isinstance(there, list) or not isinstance(value, list) or len(there) != len(value):
        return False
    return all(isinstance(one, dict) for one in (*there, *value))
