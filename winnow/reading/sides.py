"""Prompts and replies that stand in fields of their own: texts, turns of any chat layout, or either as JSON text."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from winnow.reading import chat, templates
from winnow.reading import turns as layouts
from winnow.reading.adapter import Unusable, kind_of
from winnow.records.record import Message


def turns(content: Any, name: str, role: str) -> list[Message]:
    """Read the field ``name``: a text (a turn of ``role``), one turn, or a list of turns, of any chat layout.

    A text may be the JSON of such a list, or as a whole a transcript.
    """
    if isinstance(content, str):
        return _turns_of_text(content, name, role)
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"{name!r} is {kind_of(content)}, neither text nor turns")
    if not content:
        raise Unusable("empty_list", f"{name!r} holds no turn")
    return [message for number, one in enumerate(content, 1) for message in layouts.turn(one, number)]


def _turns_of_text(content: str, name: str, role: str) -> list[Message]:
    if content.startswith("[{") and layouts.is_list_of_turns(listed := layouts.quietly(content, name)):
        return turns(listed, name, role)
    carried = templates.whole(content) if role == "assistant" else templates.prompt(content, name)
    if carried is None:
        return [Message(role, content)]
    return [*([Message("system", carried.system)] if carried.system else []), *carried.turns]


def of_turns(value: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return what the turns in the fields ``names`` hold beside what was read of them."""
    held = {}
    for name in sorted(names):
        listed = [value[name]] if isinstance(value.get(name), dict) else value.get(name)
        if isinstance(listed, list):
            held[name] = chat.beside((one for one in listed if isinstance(one, dict)), layouts.used_of(listed))
    return {name: extra for name, extra in held.items() if extra}


def prompt_of(read: list[Message]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns of a prompt, which must end where a reply can follow."""
    system, read = chat.split_system(read, "prompt")
    if read[-1].role not in ("user", "tool"):
        raise Unusable("wrong_order", f"the prompt ends with a turn of the {read[-1].role}")
    return system, read


def after_history(value: Mapping[str, Any], prompt: list[Message]) -> list[Message]:
    """Return the turns of a prompt behind the exchanges of the field ``history``; a system turn stays the first."""
    before = layouts.history(value.get("history"), "history")
    head = 1 if prompt and prompt[0].role == "system" else 0
    return [*prompt[:head], *before, *prompt[head:]]


def check_reply(reply: list[Message], name: str) -> None:
    """Raise :class:`Unusable` unless turns are one reply: of the assistant, with the answers of its tools."""
    if stray := next((one.role for one in reply if one.role not in ("assistant", "tool")), None):
        raise Unusable("not_one_reply", f"{name!r} goes on with a turn of the {stray}")
    if reply[0].role != "assistant" or reply[-1].role != "assistant":
        raise Unusable("not_one_reply", f"{name!r} does not start and end with the assistant")
    if any(one.role == other.role == "assistant" and not one.tool_calls for one, other in pairwise(reply)):
        raise Unusable("not_one_reply", f"{name!r} has two turns of the assistant in a row: one reply, or two of them")
