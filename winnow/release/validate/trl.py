"""TRL: language modelling, prompt-completion, preference and KTO rows, conversational or plain text."""

from typing import Any

from winnow.release.validate.values import first, is_list_of_objects, parsed, shown

_KEYS = ("messages", "prompt", "completion", "chosen", "rejected", "label")
_SETS = (
    {"messages"},
    {"prompt"},
    {"prompt", "completion"},
    {"prompt", "chosen", "rejected"},
    {"chosen", "rejected"},
    {"prompt", "completion", "label"},
)
_ROLES = frozenset({"system", "user", "assistant", "tool"})


def check(row: dict[str, Any]) -> str:
    """Return what TRL refuses a row for."""
    if "conversations" in row:  # TRL renames it
        row = {("messages" if name == "conversations" else name): value for name, value in row.items()}
    keys = {name for name in _KEYS if row.get(name) is not None}
    if keys == {"text"} or (not keys and isinstance(row.get("text"), str)):
        return ""
    if keys not in _SETS:
        return f"the keys {', '.join(sorted(keys)) or '(none)'} are no set that TRL knows: KeyError"
    values = {name: row[name] for name in keys - {"label"}}
    plain = [name for name, value in values.items() if isinstance(value, str)]
    if plain and (len(plain) < len(values) or "messages" in plain):
        return f"{plain[0]} is text and the others are messages"
    if "label" in keys and not isinstance(row["label"], bool):
        return f"label is {shown(row['label'])}, not true or false"
    if plain:
        return ""
    return first(_messages(value, name) for name, value in sorted(values.items())) or _prompt(row) or _tools(row)


def _messages(value: Any, name: str) -> str:
    if not is_list_of_objects(value):
        return f"{name} is no list of messages"
    for n, turn in enumerate(value, 1):
        role, content = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
        if not isinstance(role, str):
            return f"message {n} of {name} has no role"
        if role not in _ROLES and "role" in turn:
            return f"message {n} of {name} has the role {shown(role)}: most chat templates refuse or skip it"
        if not isinstance(content, str | list) and not turn.get("tool_calls"):
            return f"message {n} of {name} has neither content nor tool_calls"
    return ""


def _prompt(row: dict[str, Any]) -> str:
    if "prompt" not in row:
        return ""
    last = row["prompt"][-1].get("role", row["prompt"][-1].get("from"))
    return "" if last in ("user", "tool", "assistant") else f"the prompt ends with {shown(last)}: ValueError"


def _tools(row: dict[str, Any]) -> str:
    tools = row.get("tools")
    if isinstance(tools, str):
        tools = parsed(tools)
    if tools is not None and not isinstance(tools, list):
        return "tools is neither a list nor the JSON text of one"
    return ""
