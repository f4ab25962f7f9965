"""What content parts and calls of a turn hold beside what is read of them: caches, citations, masks of parts."""

from collections.abc import Mapping
from typing import Any

from winnow.reading.names import CONTENT_KEYS
from winnow.reading.placing import OfTurns
from winnow.reading.training import kind_named

ARGUMENTS = ("arguments", "parameters", "args", "input")
"""Where a call has what it is called with: OpenAI, Llama, LangChain, Anthropic."""
_OF_CALL = frozenset({"id", "index", "name", "function", *ARGUMENTS})
_OF_PART = frozenset(
    [
        *("type", "text", "value", "thinking", "thought", "id", "name", "input", "tool_use_id", "content"),
        *("functionCall", "functionResponse"),
    ]
)


def inside(turn: Mapping[str, Any]) -> dict[str, OfTurns]:
    """Return what the content parts and the calls of a turn hold beside what is read of them, by their field."""
    held = {}
    for name, content in turn.items():
        if not isinstance(content, list | dict):
            continue
        listed = [content] if isinstance(content, dict) else content
        if name in CONTENT_KEYS:
            held[name] = OfTurns(_others(one, _OF_PART) for one in listed)
        elif (kind := kind_named(name)) and kind.name == "calls":
            held[name] = OfTurns(_of_call(one) for one in listed)
    return {name: others for name, others in held.items() if any(others)}


def _others(held: Any, used: frozenset[str]) -> dict[str, Any]:
    """Return the fields of an object beside the ``used`` ones, but those that are empty."""
    fields = held.items() if isinstance(held, dict) else ()
    return {name: one for name, one in fields if name not in used and one is not None and one not in ("", [], {})}


def _of_call(call: Any) -> dict[str, Any]:
    others = _others(call, _OF_CALL)
    if others.get("type") == "function":
        del others["type"]
    function = call.get("function") if isinstance(call, dict) else None
    return others | _others(function, frozenset({"name", *ARGUMENTS}))
