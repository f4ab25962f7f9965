"""OpenAI's fine-tuning files: chat (``messages``) and preference (``input``, ``preferred_output``…)."""

from typing import Any

from winnow.release.validate.values import first, is_list_of_objects, parsed, shown

MIN_ROWS = 10
_ROW = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})
_PAIR = ("input", "preferred_output", "non_preferred_output")
_OF_ROLE = {
    "developer": {"role", "content", "name"},
    "system": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "weight", "tool_calls", "refusal", "function_call"},
    "tool": {"role", "content", "tool_call_id"},
    "function": {"role", "content", "name"},
}


def check(row: dict[str, Any]) -> str:
    """Return what OpenAI refuses a file for."""
    if any(name in row for name in _PAIR):
        return _pair(row)
    if unknown := sorted(set(row) - _ROW):
        return f"the key {unknown[0]!r} is not allowed"
    return _messages(row.get("messages"), "messages", needs_reply=True) or _tools(row)


def _pair(row: dict[str, Any]) -> str:
    if unknown := sorted(set(row) - set(_PAIR)):
        return f"the key {unknown[0]!r} is not allowed"
    asked = row.get("input")
    if not isinstance(asked, dict):
        return "input is no object"
    if unknown := sorted(set(asked) - {"messages", "tools", "parallel_tool_calls"}):
        return f"the key {unknown[0]!r} of input is not allowed"
    return (
        _messages(asked.get("messages"), "input.messages", needs_reply=False)
        or _tools(asked)
        or first(_output(row.get(name), name) for name in _PAIR[1:])
    )


def _output(value: Any, name: str) -> str:
    if problem := _messages(value, name, needs_reply=True):
        return problem
    roles = {turn["role"] for turn in value}
    return "" if roles <= {"assistant", "tool"} else f"{name} holds other roles than assistant and tool"


def _messages(value: Any, name: str, *, needs_reply: bool) -> str:
    if not is_list_of_objects(value):
        return f"{name} is no list of messages"
    if problem := first(_message(turn, f"message {n} of {name}") for n, turn in enumerate(value, 1)):
        return problem
    replies = [turn for turn in value if turn["role"] == "assistant"]
    if needs_reply and not replies:
        return f"{name} has no message of the assistant"
    if needs_reply and all(turn.get("weight") == 0 for turn in replies):
        return f"{name} has no message of the assistant with weight 1"
    return ""


def _message(turn: dict[str, Any], where: str) -> str:
    role = turn.get("role")
    if not isinstance(role, str) or role not in _OF_ROLE:
        return f"{where} has the role {shown(role)}"
    if unknown := sorted(set(turn) - _OF_ROLE[role]):
        return f"{where} has the key {unknown[0]!r}, which is not allowed"
    called = turn.get("tool_calls") or turn.get("function_call")
    if not isinstance(turn.get("content"), str | list) and not called:
        return f"{where} has neither content nor a call of a tool"
    if "weight" in turn and (isinstance(turn["weight"], bool) or turn["weight"] not in (0, 1)):
        return f"the weight of {where} is {shown(turn['weight'])}, not 0 or 1"
    if role == "tool" and not isinstance(turn.get("tool_call_id"), str):
        return f"{where} has no tool_call_id"
    calls = turn.get("tool_calls")
    return first(_call(call, where) for call in calls) if isinstance(calls, list) else ""


def _call(call: Any, where: str) -> str:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return f"a call of {where} has no function name"
    if not isinstance(call.get("id"), str) or call.get("type") != "function":
        return f"a call of {where} has no id or is not of type function"
    if not isinstance(function.get("arguments"), str) or parsed(function["arguments"]) is ...:
        return f"the arguments of a call of {where} are no JSON text"
    return ""


def _tools(row: dict[str, Any]) -> str:
    tools = row.get("tools")
    if tools is None:
        return ""
    if not isinstance(tools, list):
        return "tools is no list"
    for n, tool in enumerate(tools, 1):
        function = tool.get("function") if isinstance(tool, dict) else None
        if (
            not isinstance(function, dict)
            or not isinstance(function.get("name"), str)
            or tool.get("type") != "function"
        ):
            return f"tool {n} is no function with a name"
    return ""
