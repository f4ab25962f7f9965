"""The content of a turn that is made of parts: OpenAI's, LLaMA-Factory's v1, Anthropic's and Gemini's.

Texts are joined by line breaks, and so are thoughts. A part that is no text (a picture, a sound, encrypted thoughts) is
quarantined: a conversation without what it speaks about is no training row.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from winnow.reading.adapter import Unusable, expect, kind_of
from winnow.reading.chat import calls
from winnow.records.record import ToolCall

_TEXTS = ("text", "input_text", "output_text")
_THOUGHTS = ("reasoning", "thinking", "thought")
_HELD = ("text", "value", "thinking")  # where a part holds its text


class Said(NamedTuple):
    """What a turn says: text, reasoning, the tools that it calls, and the answers of tools with the ids of calls."""

    text: str
    reasoning: str | None = None
    calls: tuple[ToolCall, ...] = ()
    answers: tuple[tuple[str | None, str], ...] = ()


def said(content: Sequence[Any], where: str) -> Said:
    """Read the parts of one turn; ``where`` names the turn in the reason of one that cannot be read."""
    texts: list[str] = []
    thoughts: list[str] = []
    called: list[ToolCall] = []
    answers: list[tuple[str | None, str]] = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
            continue
        match expect(part, dict, f"a content part of {where}").get("type"):
            case kind if kind in _TEXTS:
                texts.append(_text(part, where))
            case kind if kind in _THOUGHTS:
                thoughts.append(_text(part, where))
            case "tool_call":
                called += calls(part.get("value"), where)
            case "tool_use":
                called.append(_call(part, "input", where))
            case "tool_result":
                answers.append((_id(part, "tool_use_id", where), plain(part.get("content") or "", where)))
            case None if _gemini(part, where, texts, thoughts, called, answers):
                pass
            case kind:
                kind = repr(kind) if kind is not None else "none that is known"
                raise Unusable("not_text", f"{where} has a content part of type {kind}; only text can be used")
    return Said("\n".join(texts), "\n".join(thoughts) or None, tuple(called), tuple(answers))


def plain(content: Any, where: str) -> str:
    """Return content that can only be text: a text, or parts of text alone (``{"parts": […]}`` too)."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and content.get("parts") is not None:
        content = content["parts"]
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"the content of {where} is {kind_of(content)}, not text")
    read = said(content, where)
    if read != Said(read.text):
        raise Unusable("not_text", f"{where} has a content part that is no text")
    return read.text


def _text(part: dict[str, Any], where: str) -> str:
    held = [part[name] for name in _HELD if isinstance(part.get(name), str)]
    if not held and isinstance(part.get("thinking"), list):  # Mistral's thoughts are parts themselves
        return plain(part["thinking"], where)
    if len(held) != 1:
        raise Unusable("wrong_type", f"a text part of {where} holds {'two texts' if held else 'no text'}")
    return str(held[0])


def _gemini(
    part: dict[str, Any],
    where: str,
    texts: list[str],
    thoughts: list[str],
    called: list[ToolCall],
    answers: list[tuple[str | None, str]],
) -> bool:
    """Read one of Gemini's parts, which have no type, into the lists; tell whether it is one that can be read."""
    if part.get("functionCall") is not None:
        called.append(_call(expect(part["functionCall"], dict, f"a call of {where}"), "args", where))
    elif part.get("functionResponse") is not None:
        answer = expect(part["functionResponse"], dict, f"an answer of {where}")
        response = answer.get("response")
        text = response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)
        answers.append((_id(answer, "id", where), text))
    elif isinstance(part.get("text"), str):
        (thoughts if part.get("thought") is True else texts).append(part["text"])
    else:
        return False
    return True


def _call(part: dict[str, Any], name: str, where: str) -> ToolCall:
    """Return a call whose arguments are an object under ``name``."""
    if not isinstance(part.get("name"), str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has no function name")
    arguments = part.get(name)
    return ToolCall(
        _id(part, "id", where), part["name"], json.dumps({} if arguments is None else arguments, ensure_ascii=False)
    )


def _id(part: dict[str, Any], name: str, where: str) -> str | None:
    identity = part.get(name)
    if identity is not None and not isinstance(identity, str):
        raise Unusable("bad_tool_call", f"a tool call of {where} has an id that is {kind_of(identity)}, not text")
    return identity
