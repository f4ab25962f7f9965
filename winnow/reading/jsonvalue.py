"""Decode JSON strictly: what two readers could read in two ways is refused, with a reason code."""

import json
import math
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 200  # levels; far below what Python's JSON reader and writer hold, so that no stack decides
NUMBERS = frozenset({"number_too_long", "non_finite_number"})
_TOO_DEEP = ("too_deep", f"nested more than {MAX_DEPTH} levels deep")


class RefusedJSON(ValueError):
    """JSON that is well-formed for some readers and is refused here; ``reason`` is the code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def _constant(text: str) -> Any:
    raise RefusedJSON("non_finite_number", f"{text} is no JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise RefusedJSON("duplicate_key", f"the key {name!r} stands twice")
    return value


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise RefusedJSON("non_finite_number", "a number is larger than any that can be held")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)


def decode(text: str, start: int, *, cells: bool = False) -> tuple[Any, int]:
    """Decode one JSON value at ``start`` of ``text``; return it and where it ends.

    ``cells``: the value is a raw unit, whose fields are cells of a table: NaN as a whole cell is a missing one, null,
    as pandas writes it. Deeper inside a unit, and in every other value, NaN is no JSON.

    Raises ``json.JSONDecodeError`` (with a position) for what is no JSON, :class:`RefusedJSON` for duplicate keys
    and NaN, and for nesting that is too deep and numbers that are too large.

    >>> decode('{"a": 1} ', 0), decode('{"a": NaN}', 0, cells=True)
    (({'a': 1}, 8), ({'a': None}, 10))
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        raise RefusedJSON(*_TOO_DEEP) from None
    except json.JSONDecodeError:
        raise
    except RefusedJSON as error:
        if cells and error.reason == "non_finite_number":
            return _with_missing_cells(text, start, error)
        raise
    except ValueError:
        raise RefusedJSON("number_too_long", "a whole number has thousands of digits") from None


def _with_missing_cells(text: str, start: int, refused: RefusedJSON) -> tuple[Any, int]:
    """Decode a unit whose fields hold NaN; raise ``refused`` where NaN, or infinity, stands anywhere else."""
    nan, count = object(), 0

    def constant(name: str) -> Any:
        nonlocal count
        if name != "NaN":
            raise refused
        count += 1
        return nan

    decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=constant, parse_float=_float)
    try:
        value, end = decoder.raw_decode(text, start)
    except RecursionError:
        raise RefusedJSON(*_TOO_DEEP) from None
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise refused from None
    missing = [name for name, cell in value.items() if cell is nan] if isinstance(value, dict) else []
    if len(missing) != count:
        raise refused
    return value | dict.fromkeys(missing), end


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value, the keys of its objects too."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def too_deep(raw: str, value: Any) -> tuple[str, str] | None:
    """Return reason and detail if ``value`` is nested more than :data:`MAX_DEPTH` levels deep.

    >>> too_deep("[[1]]", [[1]]) is None
    True
    """
    if raw.count("{") + raw.count("[") <= MAX_DEPTH:
        return None
    level = [value]
    for _ in range(MAX_DEPTH):
        inside = (item.values() if isinstance(item, dict) else item for item in level)
        level = [child for children in inside for child in children if isinstance(child, dict | list)]
        if not level:
            return None
    return _TOO_DEEP


def unstorable(raw: str, value: Any) -> tuple[str, str] | None:
    """Return reason and detail if a string of ``value`` cannot be stored as text: a lone surrogate or a NUL.

    Only escapes can bring either into valid UTF-8, so ``raw`` is looked at first.

    >>> unstorable('"\\\\ud800"', "\\ud800")[0]
    'lone_surrogate'
    >>> unstorable('"\\\\u00e9"', "é") is None
    True
    """
    if "\\u" not in raw:
        return None
    lowered = raw.lower()
    if "\\ud" in lowered:
        for text in strings(value):
            try:
                text.encode()
            except UnicodeEncodeError as error:
                return "lone_surrogate", f"half of a surrogate pair (\\u{ord(text[error.start]):04x}) is no character"
    if "\\u0000" in lowered and any("\x00" in text for text in strings(value)):
        return "nul_character", "a text holds the character NUL (\\u0000)"
    return None


def unfit(raw: str, value: Any) -> tuple[str, str] | None:
    """Return reason and detail if ``value`` is too deep or unstorable. The raw text of most units rules both out.

    >>> unfit('{"a": 1}', {"a": 1}) is None
    True
    """
    if "\\u" not in raw and raw.count("{") + raw.count("[") <= MAX_DEPTH:
        return None
    return too_deep(raw, value) or unstorable(raw, value)
