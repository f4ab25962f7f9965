"""LLaMA-Factory's own conventions: ShareGPT turns, reasoning in the text, and ``dataset_info.json``.

``dataset_info.json`` stands in ``data/export``, which is the ``dataset_dir`` to give, beside the folders of the formats
and in none of them: an entry that names a folder loads every file in it and refuses two types. It is ASCII, because the
loader opens it without an encoding. Where ``columns`` is there, every column that it does not name counts as absent, so
it names all.
The entry's formatting is never ``openai``: that one adds "detailed thinking off" to system prompts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from winnow.records.record import Message
from winnow.release.formats.chat import without_told_names
from winnow.release.formats.jsonlines import CannotCarry, Conversation

SHOWS = ('"tools":',)
"""The optional key of ShareGPT rows; see :mod:`winnow.release.formats.jsonlines`."""
_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}


def text(turn: Message) -> str:
    """Return what a turn says, its reasoning before it in the marks that LLaMA-Factory looks for."""
    return turn.content if turn.reasoning is None else f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}"


def unnamed(turns: Sequence[Message]) -> None:
    """Refuse turns with a name that no call before them says: these formats have no place for one."""
    if any(one.name is not None for one in without_told_names(turns)):
        raise CannotCarry("name")


def all_trained(row: Conversation) -> None:
    """Refuse a row with a reply that is not to be trained on: these formats train on every reply."""
    if any(turn.train is False and turn.role == "assistant" for turn in row.turns):
        raise CannotCarry("untrained_reply")


def _call(turn: Message) -> str:
    if turn.content:
        raise CannotCarry("text_beside_tool_call")
    calls = []
    for call in turn.tool_calls or ():
        try:
            arguments = json.loads(call.arguments or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise CannotCarry("arguments_not_an_object")
        calls.append({"name": call.name, "arguments": arguments})
    return json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False)


def turn(message: Message) -> dict[str, str]:
    """Return one turn as ``from`` and ``value``; a call of tools is JSON with ``name`` and ``arguments``."""
    match message.role:
        case "user":
            return {"from": "human", "value": message.content}
        case "tool":
            return {"from": "observation", "value": message.content}
        case "assistant" if message.tool_calls:
            call = _call(message)
            return {"from": "function_call", "value": text(message._replace(content=call))}
        case "assistant":
            return {"from": "gpt", "value": text(message)}
    raise CannotCarry("system_turn")


def conversation(row: Conversation, turns: Sequence[Message]) -> list[dict[str, str]]:
    """Return turns that alternate strictly, the system prompt first, as LLaMA-Factory demands."""
    unnamed(turns)
    out = [turn(message) for message in turns]
    for n, message in enumerate(turns):
        if (message.role == "assistant") != (n % 2 == 1):
            several = message.role == turns[n - 1].role == "tool" and n > 0
            raise CannotCarry("several_tool_results" if several else "turn_order")
    return [{"from": "system", "value": row.system}, *out] if row.system else out


def tools(row: Conversation) -> dict[str, str]:
    """Return the tools under their key as JSON text, each with the parameters that the default tool prompt looks up.

    A row without tools has no such key: TRL and Axolotl cannot read an empty text, and to an empty list LLaMA-Factory
    adds an empty system prompt.
    """
    if not row.tools:
        return {}
    try:
        tools = json.loads(row.tools)
    except ValueError:
        tools = None
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise CannotCarry("tools_not_a_list")
    functions = [tool.get("function") if tool.get("type") == "function" else tool for tool in tools]
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in functions):
        raise CannotCarry("tools_not_functions")
    bare = [one for one in functions if "properties" not in (one.get("parameters") or {})]
    for one in bare:
        one["parameters"] = {"type": "object", **(one.get("parameters") or {}), "properties": {}}
    return {"tools": json.dumps(tools, ensure_ascii=False) if bare else row.tools}


def dataset_info(formats: Mapping[str, Any], files: Iterable[tuple[str, str]], folder: Path) -> str:
    """Return ``dataset_info.json`` with an entry ``<format>_<split>`` for each file of LLaMA-Factory's formats.

    ``formats`` maps names to format modules; those that LLaMA-Factory reads say how in ``LLAMA_FACTORY``. The files lie
    in ``folder``: ``tools`` is named for those that have them, which their first line shows; elsewhere it would be a
    KeyError. The text is empty where there is no entry.
    """
    entries = {}
    for name, split in files:
        described = getattr(formats[name], "LLAMA_FACTORY", None)
        if described is not None:
            path = f"{name}/{split}.{formats[name].EXTENSION}"
            entry = {"file_name": path, **described}
            if described.get("formatting") == "sharegpt":
                entry["tags"] = _TAGS
                with (folder / path).open(encoding="utf-8") as file:
                    if SHOWS[0] in file.readline():
                        entry["columns"] = {**described["columns"], "tools": "tools"}
            entries[f"{name}_{split}"] = entry
    return json.dumps(entries, ensure_ascii=True, indent=2, sort_keys=True) + "\n" if entries else ""
