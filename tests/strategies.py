"""Hypothesis strategies shared by the tests: texts, JSON values, native units of every format and their mutations."""

import copy
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12) | st.sampled_from(
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

_CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
NATIVE: dict[str, list[dict[str, Any]]] = {
    "alpaca": [
        {"instruction": "Name a tree.", "input": "", "output": "Oak."},
        {
            "id": 7,
            "instruction": "续写",
            "input": "春天",
            "output": ["来了", "走了"],
            "system": "s",
            "history": [["a", "b"]],
        },
    ],
    "dolly": [{"instruction": "Why?", "context": "Because.", "response": "So.", "category": "closed_qa"}],
    "messages": [
        {
            "id": "m1",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": [{"type": "text", "text": "1+1?"}]},
                {"role": "assistant", "content": None, "tool_calls": [_CALL]},
                {"role": "tool", "content": "2", "tool_call_id": "c1"},
                {"role": "assistant", "content": "2", "reasoning": "easy", "weight": 1},
            ],
            "tools": [{"type": "function", "function": {"name": "add"}}],
        }
    ],
    "oasst": [
        {
            "message_tree_id": "r",
            "prompt": {
                "message_id": "r",
                "text": "Hi",
                "role": "prompter",
                "replies": [
                    {
                        "message_id": "a",
                        "parent_id": "r",
                        "text": "Hello",
                        "role": "assistant",
                        "rank": 0,
                        "replies": [],
                    },
                    {"message_id": "b", "parent_id": "r", "text": "Go", "role": "assistant", "rank": 1, "replies": []},
                ],
            },
        },
        {"message_id": "f", "parent_id": None, "text": "Flat", "role": "prompter", "message_tree_id": "f"},
    ],
}


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside ``value``."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, found in inside for path in ((*here, key), *_places(found, (*here, key)))]


@st.composite
def mutated(draw: st.DrawFn, adapter: str) -> dict[str, Any]:
    """Draw a native unit with one to three places dropped, replaced by anything, doubled or added to."""
    value = copy.deepcopy(draw(st.sampled_from(NATIVE[adapter])))
    for _ in range(draw(st.integers(1, 3))):
        places = _places(value)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder = value
        for key in way:
            holder = holder[key]
        match draw(st.sampled_from(["drop", "replace", "retype", "extra"])):
            case "drop":
                del holder[last]
            case "replace":
                holder[last] = draw(JSON | st.just(HUGE))
            case "retype":
                holder[last] = draw(st.sampled_from([None, True, 0, 2**40, 1.5, "", [], {}, [None], [[]], {"a": {}}]))
            case "extra" if isinstance(holder, dict):
                holder[draw(TEXT)] = draw(JSON)
            case "extra":
                holder.append(copy.deepcopy(holder[last]))
    return value
