"""Hypothesis strategies shared by the tests: texts, JSON values, mutations of the native units of every format."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.native import NATIVE

CASES = Path(__file__).parent / "cases"

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["", " ", "\u2028", "a\nb", '"}, {"', "\\", "]", "你好。", "😀", "\x85\x0b\x1f", "é\ufeff", "0" * 300]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
JSON = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4), max_leaves=6
)
HUGE = "x" * 70_000
OBJECTS = st.dictionaries(TEXT, JSON, max_size=4)

ODD = ["\0", "\ud83d", "\udc00x", "\uffff", "\u202e", "e\u0301", "\U0010ffff", "\r\n\t", "\x1b[0m", HUGE]
ODD += ["Human:", "\n\nAssistant:", "[]", '{"name": 1}', "NaN", "null", "1e999", "~2", "s:!x"]
NUMBERS = [0, -1, 2, 2**31, 2**63, 2**70, 0.5, -0.0, 1e308, 5e-324]


def nested(depth: int) -> Any:
    """Return a value nested ``depth`` levels deep, lists and objects in turn.

    >>> nested(3)
    [{'a': []}]
    """
    value: Any = []
    for level in range(1, depth):
        value = [value] if level % 2 == 0 else {"a": value}
    return value


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside ``value``."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in inside for path in ((*here, key), *_places(item, (*here, key)))]


def native(adapter: str) -> list[Any]:
    """Return units that ``adapter`` reads: those of :data:`NATIVE`, else those of its table of cases with a record."""
    table = CASES / f"{adapter}_units.json"
    if adapter in NATIVE or not table.is_file():
        return NATIVE.get(adapter, [])
    return [case["unit"] for case in json.loads(table.read_text(encoding="utf-8")) if "record" in case]


_KINDS = st.sampled_from([None, True, False, "", [], {}, [None], [[]], {"a": {}}, nested(150), nested(250), *NUMBERS])
_MUTATIONS = st.sampled_from(["drop", "replace", "retype", "odd text", "extra", "nest", "swap", "empty"])


def _changed(draw: st.DrawFn, root: Any, way: tuple[Any, ...], places: list[tuple[Any, ...]]) -> None:
    """Change what stands at ``way`` inside ``root``."""
    *above, last = way
    holder = _at(root, above)
    match draw(_MUTATIONS):
        case "drop":
            del holder[last]
        case "replace":
            holder[last] = draw(JSON)
        case "retype":
            holder[last] = copy.deepcopy(draw(_KINDS))
        case "odd text":
            text = holder[last] if isinstance(holder[last], str) else ""
            at = draw(st.integers(0, len(text)))
            holder[last] = text[:at] + draw(st.sampled_from(ODD)) + text[at:]
        case "extra" if isinstance(holder, dict):
            holder[draw(TEXT | st.sampled_from(ODD))] = draw(JSON)
        case "extra":
            holder.append(copy.deepcopy(holder[last]))
        case "nest":
            holder[last] = draw(st.sampled_from([[holder[last]], {"text": holder[last]}, {"a": [holder[last]]}]))
        case "swap":
            other = draw(st.sampled_from(places))
            holder[last] = copy.deepcopy(_at(root, other))
        case "empty":
            holder[last] = type(holder[last])()


def _at(value: Any, way: Sequence[Any]) -> Any:
    for key in way:
        value = value[key]
    return value


@st.composite
def mutated(draw: st.DrawFn, adapter: str) -> Any:
    """Draw a native unit of an adapter with up to three places dropped, retyped, nested, swapped, added to…"""
    root = [copy.deepcopy(draw(st.sampled_from(native(adapter))))]
    for _ in range(draw(st.integers(0, 3))):
        places = [place for place in _places(root) if len(place) > 1]
        if not places:
            break
        _changed(draw, root, draw(st.sampled_from(places)), places)
    return root[0]
