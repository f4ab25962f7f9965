"""What a rule may know of the row that a text stands in."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

_SHORT = 300  # characters; a longer context is material, a shorter one may be the question itself

# What rules may take out of a word, so that a word is the same before and after it is cleaned.
_TAKEN_OUT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
    r"|</?[a-zA-Z][^<>]{0,200}>|\[\w{1,3}\]"
)

Turns = tuple[tuple[str, str], ...]
"""Role and content of each turn."""


class Parts(NamedTuple):
    """The texts of one row before any rule acts."""

    system: str = ""
    context: str = ""
    turns: Turns = ()
    rejected: tuple[Turns, ...] = ()
    tools: str = ""


class Said:
    """The row as rules ask for it, read when the first rule does: most texts need no look at the rest of their row."""

    def __init__(self, load: Callable[[], Parts]) -> None:
        self._load = load

    @cached_property
    def parts(self) -> Parts:
        """The texts as they are."""
        return self._load()

    @cached_property
    def asked(self) -> str:
        """What is asked for, in small letters: system prompt, user turns, and a context that is short enough to be part
        of the question.
        """
        system, context, turns, _, _ = self.parts
        users = [content for role, content in turns if role == "user"]
        asked = "\n".join([system, *users, context if len(context) <= _SHORT else ""])
        return _TAKEN_OUT.sub("", asked).lower()

    @cached_property
    def shown(self) -> str:
        """What a reply may build on: all of the prompt, and what tools returned."""
        system, context, turns, _, _ = self.parts
        return "\n".join([system, context, *(content for role, content in turns if role != "assistant")])

    @cached_property
    def replies(self) -> tuple[str, ...]:
        """What assistants say, in the turns and in the rejected replies."""
        lists = (self.parts.turns, *self.parts.rejected)
        return tuple(content for turns in lists for role, content in turns if role == "assistant")

    @property
    def uses_tools(self) -> bool:
        """Whether tools are offered, or spoke."""
        return bool(self.parts.tools) or any(role == "tool" for role, _ in self.parts.turns)


class Row(NamedTuple):
    """The view of a rule: the field of its text (``system``, ``context``, ``instruction``, ``response``), the row."""

    field: str
    said: Said


_ROLES = {"instruction": "user", "response": "assistant"}


def alone(text: str, field: str) -> Row:
    """Return the row of a text of which nothing else is known.

    >>> alone("Hello?", "instruction").said.asked.strip()
    'hello?'
    """
    if role := _ROLES.get(field):
        parts = Parts(turns=((role, text),))
    else:
        parts = Parts(text if field == "system" else "", text if field == "context" else "")
    return Row(field, Said(lambda: parts))
