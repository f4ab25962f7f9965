"""The form of replies that are JSON: how a schema is sent, and how an object is read so that nothing is guessed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from winnow.replies.stage import Unusable

JSON_SCHEMA, JSON_OBJECT_SCHEMA, JSON_OBJECT, TEXT = "json_schema", "json_object_schema", "json_object", "text"
FORMS = (JSON_SCHEMA, JSON_OBJECT_SCHEMA, JSON_OBJECT, TEXT)
"""How a reply is asked for, from structured output to the prompt's words alone."""

_FENCE = re.compile(r"(?im)^[ \t]*```(?:json)?[ \t]*\n((?:(?![ \t]*```).*\n)*)[ \t]*```[ \t]*$")


def wire(form: str, name: str, properties: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the body's ``response_format`` for an object of these properties, all required.

    ``json_schema`` is OpenAI's structured output, which vLLM and llama.cpp's own server take too;
    ``json_object_schema`` is the older way of llama-cpp-python and some hosts; ``text`` has none.
    """
    if form == TEXT:
        return None
    if form == JSON_OBJECT:
        return {"type": "json_object"}
    schema = {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
    if form == JSON_OBJECT_SCHEMA:
        return {"type": "json_object", "schema": schema}
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def without_thought(text: str) -> str:
    """Return the text behind a thought that stands at its start; a template may have opened the thought itself.

    >>> without_thought("<think>Hm.</think>9"), without_thought("Hm.</think>9"), without_thought("9 <think>")
    ('9', '9', '9 <think>')
    """
    thought, end, rest = text.lstrip().removeprefix("<think>").partition("</think>")
    return rest if end and "<think>" not in thought else text


def without_fence(text: str) -> str:
    """Return what stands inside the only fence of Markdown, whatever stands around it; the text where there is none.

    >>> without_fence('Here it is:\\n```json\\n{"a": 1}\\n```\\nI hope that this helps.')
    '{"a": 1}\\n'

    Raises :class:`Unusable` where there are several.
    """
    fences = _FENCE.findall(text)
    if len(fences) > 1:
        raise Unusable("unparsed")
    return str(fences[0]) if fences else text.strip()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unusable("unparsed")
    return fields


DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_once)
"""Takes line breaks inside texts, and raises :class:`Unusable` where a key stands twice."""


def json_object(text: str) -> Mapping[str, Any]:
    """Return the one JSON object that ``text`` is, or the one in its only fence.

    Raises :class:`Unusable`, ``unparsed``, for anything else.
    """
    try:
        fields = DECODER.decode(without_fence(text))
    except (ValueError, RecursionError):
        raise Unusable("unparsed") from None
    if not isinstance(fields, dict):
        raise Unusable("unparsed")
    return fields
