"""LLaMA-Factory: alpaca, sharegpt and OpenAI-like rows, as plain, ranking or KTO data.

The layout is recognised from the row as ``dataset_info.json`` would name it; ``messages`` of ``role`` and ``content``
are taken for a sharegpt entry with ``tags``.
"""

from typing import Any

from winnow.release.validate.values import first, is_list_of_objects, parsed, shown

_FROM = {"human": 0, "observation": 0, "gpt": 1, "function_call": 1}
_ROLE = {"user": 0, "tool": 0, "assistant": 1}


def check(row: dict[str, Any]) -> str:
    """Return what LLaMA-Factory drops or refuses a row for."""
    if "conversations" in row:
        return _sharegpt(row, "conversations")
    if "messages" in row:
        return _sharegpt(row, "messages")
    if "instruction" in row or "output" in row:
        return _alpaca(row)
    return "no conversations, messages or instruction: no layout that LLaMA-Factory knows"


def _sharegpt(row: dict[str, Any], name: str) -> str:
    turns = row[name]
    if not is_list_of_objects(turns):
        return f"{name} is no list of turns"
    role, content, sides = ("from", "value", _FROM) if "from" in turns[0] else ("role", "content", _ROLE)
    ranking, kto = "chosen" in row or "rejected" in row, _tag(row)
    said = turns[1:] if turns[0].get(role) == "system" else turns
    for n, turn in enumerate(said, 1):
        if role not in turn or content not in turn:
            return f"turn {n} has no {role!r} or no {content!r}: KeyError, the run stops"
        if sides.get(turn[role]) != (n - 1) % 2:
            expected = " or ".join(one for one, side in sides.items() if side == (n - 1) % 2)
            return f"turn {n} is of {shown(turn[role])}, not of {expected}: skipped"
        if problem := _text(turn, role, content, n):
            return problem
    if len(said) % 2 != ranking:
        return f"{len(said)} turns, an {'odd' if ranking else 'even'} number is needed: skipped"
    if ranking:
        return first(_reply(row.get(side), side, role, content, sides) for side in ("chosen", "rejected")) or _tools(
            row
        )
    if kto and not isinstance(row[kto], bool):
        return f"{kto} is {shown(row[kto])}, not true or false: dropped"
    if kto and not said[-1][content]:
        return "the reply is empty: taken for an undesired one whatever its label"
    return _tools(row)


def _tag(row: dict[str, Any]) -> str:
    return next((name for name in ("kto_tag", "label") if name in row), "")


def _text(turn: dict[str, Any], role: str, content: str, n: int) -> str:
    if turn.get("tool_calls"):
        return f"turn {n} has tool_calls, which a sharegpt entry does not read: the call is lost"
    if not isinstance(turn[content], str):
        return f"{content!r} of turn {n} is {shown(turn[content])}, not text: the run stops"
    if turn[role] != "function_call":
        return ""
    text = turn[content]
    if text.startswith("<think>"):
        text = text.partition("</think>")[2]
    value = parsed(text)
    calls = value if isinstance(value, list) else [value]
    if not calls or not all(isinstance(one, dict) and {"name", "arguments"} <= set(one) for one in calls):
        return f"the function_call of turn {n} is no JSON with name and arguments: the run stops"
    if not all(isinstance(one["arguments"], dict) for one in calls):
        return f"the arguments of turn {n} are no object: most tool formats stop the run"
    return ""


def _reply(reply: Any, side: str, role: str, content: str, sides: dict[str, int]) -> str:
    if not isinstance(reply, dict):
        return f"{side} is no object with {role!r} and {content!r}: dropped"
    if role not in reply or content not in reply:
        return f"{side} has no {role!r} or no {content!r}: KeyError, the run stops"
    if sides.get(reply[role]) != 1:
        return f"{side} is of {shown(reply[role])}, not of the assistant"
    return _text(reply, role, content, 0).replace("turn 0", side)


def _tools(row: dict[str, Any]) -> str:
    if not row.get("tools"):
        return ""
    if not isinstance(row["tools"], str):
        return "tools is no JSON text: the run stops"
    tools = parsed(row["tools"])
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return "tools is no JSON list of objects: the run stops"
    for n, tool in enumerate(tools, 1):
        function = tool.get("function") if tool.get("type") == "function" else tool
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return f"tool {n} has no name: the run stops"
        parameters = function.get("parameters")
        if not isinstance(parameters, dict) or "properties" not in parameters:
            return f"tool {n} has no parameters.properties: the default tool prompt stops the run"
    return ""


def _alpaca(row: dict[str, Any]) -> str:
    if "instruction" not in row:
        return "no instruction: KeyError, the run stops"
    for name in ("instruction", "input", "system"):
        if row.get(name) is not None and not isinstance(row[name], str):
            return f"{name} is {shown(row[name])}, not text: the run stops"
    history = row.get("history") or []
    if not isinstance(history, list) or not all(_is_round(one) for one in history):
        return "history is no list of [question, answer]: the run stops"
    if "chosen" in row or "rejected" in row:
        bad = [side for side in ("chosen", "rejected") if not isinstance(row.get(side), str)]
        return f"{bad[0]} is {shown(row.get(bad[0]))}, not text: dropped" if bad else ""
    if not isinstance(row.get("output"), str):
        return f"output is {shown(row.get('output'))}, not text: dropped"
    kto = _tag(row) if "kto_tag" in row else ""
    if kto and not isinstance(row[kto], bool):
        return f"{kto} is {shown(row[kto])}, not true or false: dropped"
    return ""


def _is_round(one: Any) -> bool:
    return isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
