"""Axolotl: ``chat_template`` (SFT), ``alpaca``, ``chat_template.default`` (DPO) and user-defined KTO rows."""

from typing import Any

from winnow.release.validate.values import first, is_list_of_objects, parsed, shown

_ROLES = frozenset({"human", "user", "assistant", "gpt", "system", "tool"})
_ROLES_OF_PAIRS = frozenset({"user", "assistant", "system", "tool"})


def check(row: dict[str, Any]) -> str:
    """Return what Axolotl drops or refuses a row for."""
    if "chosen" in row or "rejected" in row:
        return _pair(row)
    if "label" in row:
        return _kto(row)
    for name in ("messages", "conversations"):
        if name in row:
            return _chat(row, name)
    if "instruction" in row:
        bad = [name for name in ("instruction", "output") if not isinstance(row.get(name), str)]
        return f"{bad[0]} is {shown(row.get(bad[0]))}, not text" if bad else ""
    return "no messages, conversations, chosen and rejected, label or instruction: no type that Axolotl knows"


def _chat(row: dict[str, Any], name: str) -> str:
    turns = row[name]
    if isinstance(turns, str):
        turns = parsed(turns)
    if not is_list_of_objects(turns):
        return f"{name} is no list of messages"
    for n, turn in enumerate(turns, 1):
        role = turn.get("role", turn.get("from"))
        if role not in _ROLES:
            return f"message {n} has the role {shown(role)}, which no chat template knows"
        content = turn.get("content", turn.get("value"))
        if not isinstance(content, str | list) and not turn.get("tool_calls"):
            return f"message {n} has neither content nor tool_calls"
        for call in turn.get("tool_calls") or ():
            arguments = (call.get("function") or {}).get("arguments") if isinstance(call, dict) else None
            if isinstance(arguments, str) and parsed(arguments) is ...:
                return f"the arguments of message {n} are no JSON: the run stops"
    return _tools(row)


def _tools(row: dict[str, Any]) -> str:
    tools = row.get("tools")
    if isinstance(tools, str):
        tools = parsed(tools)
    if tools is not None and not isinstance(tools, list):
        return "tools is neither a list nor the JSON text of one: the run stops"
    for n, tool in enumerate(tools or (), 1):
        function = tool.get("function") if isinstance(tool, dict) else None
        parameters = function.get("parameters") if isinstance(function, dict) else None
        if isinstance(parameters, str) and parsed(parameters) is ...:
            return f"the parameters of tool {n} are no JSON: the run stops"
    return ""


def _pair(row: dict[str, Any]) -> str:
    name = "prompt" if "prompt" in row else "messages"
    before: Any = row.get(name)
    if isinstance(before, str):
        before = [{"role": "user", "content": before}]
    if not is_list_of_objects(before):
        return f"{name} is neither text nor a list of messages"
    return first(_plain(turn, f"message {n}") for n, turn in enumerate(before, 1)) or first(
        _candidate(row.get(side), side) for side in ("chosen", "rejected")
    )


def _candidate(value: Any, side: str) -> str:
    if isinstance(value, list) and value:
        value = value[-1]
    if isinstance(value, str):
        value = {"role": "assistant", "content": value}
    if not isinstance(value, dict):
        return f"{side} is neither text, a message nor a list of messages"
    return _plain(value, side) or ("" if value["content"] else f"{side} is empty: it cannot be found in the prompt")


def _plain(turn: dict[str, Any], where: str) -> str:
    if turn.get("role") not in _ROLES_OF_PAIRS:
        return f"{where} has the role {shown(turn.get('role'))}: KeyError, the run stops"
    if turn.get("tool_calls"):
        return f"{where} has tool_calls, which are lost"
    return "" if isinstance(turn.get("content"), str) else f"{where} has no text as content"


def _kto(row: dict[str, Any]) -> str:
    for name in ("prompt", "completion"):
        if row.get(name) is None:
            return f"there is no {name}: KeyError, the run stops"
        if not isinstance(row[name], str):
            return f"{name} is {shown(row[name])}, not text: Axolotl would train on its Python notation"
    return "" if isinstance(row["label"], bool) else f"label is {shown(row['label'])}, not true or false"
