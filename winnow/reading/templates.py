"""Chat templates and transcripts inside one text: a table of their marks, and the turns between them.

A text *about* a template must stay as it is, so a text is read as turns on evidence alone: a mark at its start (or an
open mark of the assistant at its end), and speakers who take turns from there on. Marks that nobody writes by chance
(``special``) and that do not make turns are refused by name: trained on, they would teach a second template. Names at
the start of lines (``Human:``) are turns of a prompt only where it ends with the open name of the assistant; a prompt
that quotes a dialogue and asks about it is left alone.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from winnow.reading.adapter import Unusable
from winnow.reading.marks import BEGIN, BOILERPLATE, LEFT, OPEN, TEMPLATES, Template, end_of, is_closed, may_carry
from winnow.reading.names import ROLES
from winnow.records.record import Message

_EXTRA: Mapping[str, str] = {
    "[inst]": "user",
    "[/inst]": "assistant",
    "[system_prompt]": "system",
    "function response": "tool",
    "instruction": "user",
    "instructions": "user",
    "input": "context",
    "context": "context",
    "response": "assistant",
    "output": "assistant",
    "ai_agent": "assistant",
}
"""What marks call a speaker beyond the names of :data:`~winnow.reading.names.ROLES`; ``context`` is Alpaca's input."""
_FOLLOWS = {"user": ("", "assistant"), "assistant": ("user", "tool"), "tool": ("assistant", "tool")}
_TAIL = 60  # characters that hold the open mark of an assistant
_SYSTEM = re.compile(r"\s*<<SYS>>\n?(.*?)\n?<</SYS>>\s*", re.DOTALL)


class Transcript(NamedTuple):
    """The turns of a text, after the system prompt; ``open`` says that it ends where the assistant is to reply."""

    template: Template
    system: str | None
    context: str | None
    turns: list[Message]
    open: bool


def transcript(text: str) -> Transcript | None:
    """Return the turns of a text that as a whole is a conversation with a reply, None for any other text.

    >>> read = transcript("### Human: Who painted it?### Assistant: Nobody knows.")
    >>> [(turn.role, turn.content) for turn in read.turns]
    [('user', 'Who painted it?'), ('assistant', 'Nobody knows.')]
    >>> transcript("What does <|im_start|> mean?") is None
    True
    """
    for template in TEMPLATES:
        read = _read(text, template)
        if read is not None and any(turn.role == "assistant" for turn in read.turns):
            return read
    return None


def whole(text: str) -> Transcript | None:
    """Return the turns of a text that can be nothing but a transcript: it carries special marks."""
    if not may_carry(text):
        return None
    read = transcript(text)
    return read if read and read.template.special and _carries(text, read.template) else None


def prompt(text: str, name: str) -> Transcript | None:
    """Return the turns of a prompt that carries a template, None for a plain one; ``name`` is its field.

    Raises :class:`Unusable` where special marks are there and make no turns that a reply can follow.
    """
    if not may_carry(text):
        return None
    for template in TEMPLATES:
        read = _read(text, template)
        carried = template.special and _carries(text, template)
        if read is not None and (read.open or (carried and read.turns[-1].role in ("user", "tool"))):
            return read
        if carried:
            raise Unusable(
                "chat_template", f"{name!r} carries marks of the chat template {template.name} that make no turns"
            )
    return None


def carries(text: str) -> bool:
    """Tell whether a text carries the special marks of any template."""
    return any(template.special and _carries(text, template) for template in TEMPLATES)


def reply(text: str, to: Transcript, name: str) -> str:
    """Return a reply to a prompt that carries a template, without the marks that open and close it."""
    body = text
    if (opening := to.template.mark.match(body, len(body) - len(body.lstrip()))) and _role(opening) == "assistant":
        body = body[opening.end() :]
    body = _trimmed(body)
    if to.template.special and (LEFT.search(body) or to.template.mark.search(body)):
        raise Unusable("chat_template", f"{name!r} goes on with marks of the chat template {to.template.name}")
    return body


def _carries(text: str, template: Template) -> bool:
    """Tell whether the special marks of a template are used in a text, and not only spoken about."""
    whole = text.rstrip()
    if whole.endswith(OPEN) and template.mark.search(whole, max(len(whole) - _TAIL, 0)):
        return True
    body = _body(text)
    first = template.mark.match(body) if len(body) == len(text.lstrip()) else template.mark.search(body)
    if first is None:
        return False
    return first.group().endswith("\n") or template.mark.search(body, first.end()) is not None or is_closed(body)


def _body(text: str) -> str:
    """Return a text without white space and the tokens that open a text."""
    opening = BEGIN.match(text)
    return text[opening.end() :] if opening else text


def _role(mark: re.Match[str]) -> str | None:
    name = mark.group(1).casefold()
    return ROLES.get(name) or _EXTRA.get(name)


def _trimmed(content: str) -> str:
    """Return content without the tokens and line breaks around it; an indent of its first line stays."""
    content = content[: end_of(content)].lstrip("\n")
    return content[1:] if content.startswith(" ") and not content.startswith("  ") else content


def _read(text: str, template: Template) -> Transcript | None:
    body = _body(text)
    marks = list(template.mark.finditer(body))
    if not marks:
        return None
    preface = BOILERPLATE.sub("", _trimmed(body[: marks[0].start()])).strip()
    if preface and not template.preface:
        return None
    turns = [Message("system", preface)] if preface else []
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    for mark, end in zip(marks, ends, strict=True):
        role, content = _role(mark), _trimmed(body[mark.end() : end])
        if role is None or LEFT.search(content):
            return None
        if role == "user" and (prompted := _SYSTEM.match(content)):
            turns.append(Message("system", prompted.group(1)))
            content = content[prompted.end() :]
        turns.append(Message(role, content))
    return _ordered(turns, template)


def _ordered(turns: list[Message], template: Template) -> Transcript | None:
    """Return turns in which the speakers take turns as a transcript, None for any others."""
    system = turns.pop(0).content or None if turns[0].role == "system" else None
    context = None
    if len(turns) > 1 and turns[1].role == "context":
        context = turns.pop(1).content or None
    unsaid = len(turns) > 1 and turns[-1].role in ("user", "assistant") and not turns[-1].content
    is_open = unsaid and turns[-1].role == "assistant"
    if unsaid:
        turns.pop()
    before = ""
    for turn in turns:
        if before not in _FOLLOWS.get(turn.role, ()):
            return None
        before = turn.role
    return Transcript(template, system, context, turns, is_open) if turns else None
