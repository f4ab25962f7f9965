"""Rows of a table that one JSON object holds column by column, or row by row under their index, as pandas writes it.

``to_json`` writes by its ``orient``: ``columns`` (the default) ``{column: {index: cell}}``, ``index``
``{index: {column: cell}}``, ``split`` ``{"columns": […], "index": […], "data": [[…], …]}``; ``to_dict("list")``
``{column: [cell, …]}``.
"""

from collections.abc import Iterator
from typing import Any

_SPLIT = ({"columns", "data"}, {"columns", "index", "data"})


def rows_of(value: dict[str, Any]) -> Iterator[dict[str, Any]] | None:
    """Return the rows of a table in one of these layouts; None for any other object.

    >>> list(rows_of({"q": {"0": "a", "1": "b"}, "a": {"0": "c", "1": "d"}}))
    [{'q': 'a', 'a': 'c'}, {'q': 'b', 'a': 'd'}]
    >>> list(rows_of({"columns": ["q"], "data": [["a"]]})), rows_of({"q": "a", "a": "c"})
    ([{'q': 'a'}], None)
    """
    inside = list(value.values())
    if value.keys() in _SPLIT and _fit(value["columns"], value["data"]):
        return (dict(zip(value["columns"], row, strict=True)) for row in value["data"])
    if len(inside) > 1 and all(isinstance(one, list) and one for one in inside):
        return _of_lists(value) if _are_columns(inside) else None
    if not inside or not all(isinstance(one, dict) and one and one.keys() == inside[0].keys() for one in inside):
        return None
    if _is_index(value):
        return iter(inside)
    if _is_index(inside[0]):
        return ({name: cells[row] for name, cells in value.items()} for row in inside[0])
    return None


def _is_index(keys: Any) -> bool:
    return all(key.isascii() and key.isdigit() for key in keys)


def _fit(columns: Any, rows: Any) -> bool:
    if not isinstance(columns, list) or not isinstance(rows, list) or not rows:
        return False
    names = {name for name in columns if isinstance(name, str)}
    return len(names) == len(columns) and all(isinstance(row, list) and len(row) == len(columns) for row in rows)


def _are_columns(lists: list[list[Any]]) -> bool:
    """Tell whether lists are columns of a table: as long as each other, and no cell an object (a turn, a tool)."""
    return all(len(one) == len(lists[0]) and not any(isinstance(cell, dict) for cell in one) for one in lists)


def _of_lists(value: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True))
