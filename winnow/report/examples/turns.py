"""A record, or a raw unit, as the few texts that a page shows of it."""

import json
from typing import Any, NamedTuple

from winnow.report.format.characters import cut, language_of, language_tag, plain

SHORT = 300  # characters of a text in an example
FULL = 12_000  # characters of a turn in a row shown in full
TURNS = 40  # turns of a row shown in full, from both ends
BUDGET = 40_000  # characters of a row shown in full, about
HIDDEN = -1  # instead of a length: the role is a remark, and there is no text to show
_PARSED = 1_000_000  # longer raw units are shown as they are


class Text(NamedTuple):
    """A text as shown, its language tag, and how many characters it has in all."""

    role: str
    shown: str
    lang: str
    chars: int


def abridged(raw: str) -> tuple[str, str]:
    """Return what to call the beginning of a raw unit, and the unit: an object that is long starts with its texts.

    >>> abridged('{"id": 7}')
    ('raw text', '{"id": 7}')
    >>> abridged('{"id": 7, "scores": [' + "1," * 300 + '1], "text": "Hi"}')
    ('raw text, abridged', '{"text": "Hi", "id": 7, "scores": […]}')
    """
    if len(raw) <= SHORT or len(raw) > _PARSED:
        return "raw text", raw
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return "raw text", raw
    if not isinstance(value, dict):
        return "raw text", raw
    texts = sorted((-len(item), key) for key, item in value.items() if isinstance(item, str))
    ordered = {**{key: value[key] for _, key in texts}, **value}
    parts = (
        f"{json.dumps(key, ensure_ascii=False)}: {_brief(item)}" for key, item in ordered.items() if item is not None
    )
    return "raw text, abridged", "{" + ", ".join(parts) + "}"


def _brief(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return "{…}" if isinstance(value, dict) else "[…]"
    return json.dumps(cut(value, SHORT // 2) if isinstance(value, str) else value, ensure_ascii=False)


def unit_text(raw: str) -> Text:
    """Return the beginning of a raw unit."""
    role, shown = abridged(raw)
    return _text(role, shown, SHORT, language_of(shown[:SHORT]))._replace(chars=len(raw))


def _text(role: str, text: str, longest: int, lang: str | None) -> Text:
    return Text(role, plain(cut(text, longest)), language_tag(lang), len(text))


def _content(message: dict[str, Any]) -> str:
    """Return the text of a turn and the tools that it calls."""
    calls = [f"→ {call['name']}({call['arguments']})" for call in message["tool_calls"] or []]
    return "\n".join(part for part in (message["content"] or "", *calls) if part)


def _background(row: dict[str, Any], longest: int) -> list[Text]:
    lang = row["instruction_language"]
    return [_text(name, row[name], longest, lang) for name in ("system", "context") if row[name]]


def short(row: dict[str, Any]) -> tuple[Text, ...]:
    """Return background, instruction and response, each cut."""
    messages = row["messages"]
    users = [message for message in messages[:-1] if message["role"] == "user"]
    role = f"instruction, turn {len(messages) - 1} of {len(messages)}" if len(messages) > 2 else "instruction"
    return (
        *_background(row, SHORT // 2),
        _text(role, _content(users[-1]) if users else "", SHORT, row["instruction_language"]),
        _text("response", _content(messages[-1]) if messages else "", SHORT, row["response_language"]),
    )


def full(row: dict[str, Any]) -> tuple[Text, ...]:
    """Return the turns and the best of the rejected replies, all together some :data:`BUDGET` characters."""
    turns = [(text.role, text.shown, row["instruction_language"]) for text in _background(row, FULL)]
    for message in row["messages"]:
        lang = row["response_language" if message["role"] == "assistant" else "instruction_language"]
        if message["reasoning"]:
            turns.append(("reasoning", message["reasoning"], lang))
        turns.append((message["role"], _content(message), lang))
    turns += [
        ("rejected", _content(candidate["messages"][-1]), row["response_language"])
        for candidate in (row["rejected"] or [])[:1]
        if candidate["messages"]
    ]
    left, texts = BUDGET, []
    hidden = max(len(turns) - TURNS, 0)
    for role, text, lang in (*turns[: TURNS // 2], *turns[TURNS // 2 + hidden :]):
        texts.append(_text(role, text, max(SHORT, min(FULL, left)), lang))
        left -= len(texts[-1].shown)
    if hidden:
        texts.insert(TURNS // 2, Text(f"{hidden} turns not shown", "", "", HIDDEN))
    return tuple(texts)
