"""How sources call the columns of conversations, the keys of a turn, and the speakers: one table each."""

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = (
    *("messages", "conversations", "conversation", "dialogue", "dialog", "dialogues", "dialogs"),
    *("chat", "turns", "contents", "items", "data"),
)
OF_TEXTS = frozenset({"conversations", "conversation", "dialogue", "dialog", "data"})
"""Columns whose texts are an exchange: UltraChat, LIMA. (``turns`` of MT-Bench are the user's alone.)"""
_NAMES = {
    "system": "system developer",
    "user": "user human prompter usr 用户 人类",
    "assistant": "assistant gpt chatgpt bot chatbot model ai bing bard claude moss function_call tool_call 助手",
    "tool": "tool function observation tool_response tool_result function_response function_result ipython",
}
ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
"""The names that sources give to speakers, in lower case."""
CALLS = frozenset({"function_call", "tool_call"})  # speakers whose text is the JSON of a call
ROLE_KEYS = ("role", "from", "speaker", "sender", "author")
CONTENT_KEYS = ("content", "value", "parts", "text", "message", "utterance", "markdown")
_ASKS = ("input", "user", "human", "question", "prompt", "query", "Human", "User")
_ANSWERS = ("output", "assistant", "gpt", "bot", "answer", "response", "completion", "Assistant", "MOSS")


def role_of(speaker: Any) -> str | None:
    """Return the role of a speaker as a source calls him, None for an unknown one."""
    return ROLES.get(speaker) or ROLES.get(speaker.casefold()) if isinstance(speaker, str) else None


def first_of(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """Return the first of ``names`` that holds something, else the first that is there."""
    there = [name for name in names if name in fields]
    return next((name for name in there if fields[name] is not None), there[0] if there else None)


def is_turn(value: Any) -> bool:
    """Tell whether a value is a turn with a known speaker and content.

    >>> is_turn({"speaker": "human", "text": "Hi"}), is_turn({"from": "2024", "value": 3}), is_turn("Hi")
    (True, False, False)
    """
    if not isinstance(value, dict) or (key := first_of(value, ROLE_KEYS)) is None:
        return False
    told = first_of(value, CONTENT_KEYS) is not None or "tool_calls" in value or "function_call" in value
    return told and role_of(value[key]) is not None


def exchange_keys(fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the keys of what the user says and of the reply to it, of a turn that holds both."""
    asks, answers = first_of(fields, _ASKS), first_of(fields, _ANSWERS)
    return (asks, answers) if asks and answers else None
