"""OpenAssistant: conversation trees (``prompt`` with nested ``replies``) or flat messages with ``parent_id``.

A raw unit is a message, not a row. At every prompt the reply that the annotators ranked best goes on; each path of
best replies from the root to its last reply is one SFT row, and each prompt with ranked replies gives one preference
row, best first. What is deleted, rejected in review, unranked among several, or below such a message is skipped with
its reason.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from winnow.reading.adapter import Adapter, LeftOut, Options, Row, Unusable, kind_of, rest, share
from winnow.reading.placing import OfTurns, refuse_unread, refuse_unread_of_row
from winnow.reading.units import Unit
from winnow.records.record import Message, Record, Rejected, canonical_json

_ROLES = {"prompter": "user", "assistant": "assistant"}
_UNNAMED = "\0"  # parent of the replies to a message without an id: no message can have this one
_USED = frozenset({"text", "role", "replies", "parent_id"})


@dataclass(slots=True)
class _Node:
    unit: Unit
    children: list["_Node"] = field(default_factory=list)
    used: bool = False
    why: str | None = None  # the reason for which it is skipped

    @property
    def value(self) -> dict[str, Any]:
        return self.unit.value

    @property
    def id(self) -> str:
        return self.value["message_id"]

    @property
    def message(self) -> Message:
        return Message(_ROLES[self.value["role"]], self.value["text"])


def expand(unit: Unit) -> Sequence[Unit]:
    """Return the messages of one line of the file: a tree, or a message with or without replies."""
    root = unit.value.get("prompt", unit.value)
    if not isinstance(root, dict):
        return (unit,)
    extra = {} if root is unit.value else {name: field for name, field in unit.value.items() if name != "prompt"}
    messages: list[Unit] = []
    stack: list[tuple[Any, Any]] = [(root, root.get("parent_id"))]
    while stack:
        value, parent = stack.pop()
        if not isinstance(value, dict):
            messages.append(Unit(unit.file, unit.line, unit.raw, {"not a message": value}))
            continue
        replies = value.get("replies")
        own = {**value, "parent_id": parent, **(extra if value is root else {})}
        raw = canonical_json({name: content for name, content in own.items() if name != "replies"})
        messages.append(Unit(unit.file, unit.line, raw, own))
        if isinstance(replies, list):
            name = value.get("message_id")
            stack.extend((reply, _UNNAMED if name is None else name) for reply in reversed(replies))
    return messages


def _problem(value: dict[str, Any], kept: Collection[str]) -> tuple[str, str] | None:
    for name in ("message_id", "text", "role"):
        if name not in value:
            return "missing_field", f"there is no {name!r}"
        if not isinstance(value[name], str):
            return "wrong_type", f"{name!r} is {kind_of(value[name])}, not text"
    if value["role"] not in _ROLES:
        return "unknown_role", f"the role is {value['role']!r}; known are prompter and assistant"
    for name, kind, wanted in (
        ("parent_id", str, "text"),
        ("message_tree_id", str, "text"),
        ("replies", list, "a list"),
        ("rank", int, "a whole number"),
    ):
        cell = value.get(name)
        if cell is not None and (isinstance(cell, bool) or not isinstance(cell, kind)):
            return "wrong_type", f"{name!r} is {kind_of(cell)}, not {wanted}"
    if not -(2**31) <= (value.get("rank") or 0) < 2**31:
        return "wrong_type", "'rank' is no small whole number"
    try:
        left = rest(value, _USED)
        refuse_unread(left, "the message", kept)
        refuse_unread_of_row(left, kept)
    except Unusable as error:
        return error.reason, error.detail
    return None


def _own_reason(node: _Node) -> str | None:
    if node.value.get("deleted") is True:
        return "deleted"
    return "review_rejected" if node.value.get("review_result") is False else None


def _skip_below(node: _Node, reason: str) -> None:
    stack = list(node.children)
    while stack:
        below = stack.pop()
        below.why = below.why or _own_reason(below) or reason
        stack.extend(below.children)


def _usable(nodes: list[_Node], role: str) -> list[_Node]:
    """Return the nodes of ``role`` that the source keeps; mark the others, and all below them, as skipped."""
    usable = []
    for node in nodes:
        node.why = _own_reason(node) or ("wrong_order" if node.value["role"] != role else None)
        if node.why:
            _skip_below(node, "below_skipped")
        else:
            usable.append(node)
    return usable


def _candidates(prompt: _Node) -> list[_Node]:
    """Return the usable replies to a prompt, best first; several are usable only as far as they are ranked."""
    replies = _usable(prompt.children, "assistant")
    if len(replies) > 1:
        for reply in replies:
            if reply.value.get("rank") is None:
                reply.why = "unranked"
                _skip_below(reply, "below_skipped")
        replies = [reply for reply in replies if reply.why is None]
    replies.sort(key=lambda reply: (reply.value.get("rank") or 0, reply.id))
    return replies


def _row(path: list[_Node], rejected: list[_Node], kind: str, key: str) -> Row:
    used = [*path, *rejected]
    fresh = sum(not node.used for node in used)
    for node in used:
        node.used = True
    messages = [node.message for node in path]
    record = Record(
        messages=messages,
        key_text=tuple(node.value["text"] for node in used),
        key=key,
        kind=kind,
        prompt_turns=len(path) - 1,
        rejected=[Rejected((node.message,), node.value.get("rank")) for node in rejected] or None,
        group=path[0].value.get("message_tree_id") or path[0].id,
        metadata={"messages": OfTurns(rest(node.value, _USED) for node in used)},
    )
    units = {(node.unit.file, node.unit.line): node.unit for node in used}
    return Row(record, tuple(units.values()), fresh)


def _walk(root: _Node) -> Iterator[Row]:
    """Yield the preference rows and the paths of best replies below one root."""
    paths = [[root]]
    while paths:
        path = paths.pop()
        prompt = path[-1]
        replies = _candidates(prompt)
        if not replies:
            prompt.why = "no_reply"
            continue
        best, worse = replies[0], replies[1:]
        for reply in worse:
            _skip_below(reply, "below_worse_reply")
        here = [*path, best]
        if worse:
            yield _row(here, worse, "preference", f"{prompt.id}/replies")
        goes_on = _usable(best.children, "prompter")
        if not any(map(_has_reply, goes_on)):
            yield _row(here, [], "sft", best.id)
        paths.extend([*here, follow] for follow in goes_on)


def _has_reply(prompt: _Node) -> bool:
    usable = [r for r in prompt.children if _own_reason(r) is None and r.value["role"] == "assistant"]
    return len(usable) == 1 or any(reply.value.get("rank") is not None for reply in usable)


def read(units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
    """Join the messages of one file into trees and give their rows; account for every message."""
    nodes: dict[str, _Node] = {}
    kept = options.get("metadata") or ()
    for unit in sorted(units, key=lambda unit: unit.raw):  # of a repeated id, the same one stays in any order
        if problem := _problem(unit.value, kept):
            yield LeftOut(unit, "quarantined", *problem)
        elif unit.value["message_id"] in nodes:
            yield LeftOut(unit, "quarantined", "repeated_id", f"message_id {unit.value['message_id']} stands twice")
        else:
            nodes[unit.value["message_id"]] = _Node(unit)
    roots = []
    for node in nodes.values():
        parent = node.value.get("parent_id")
        if parent is None:
            roots.append(node)
        elif parent in nodes:
            nodes[parent].children.append(node)
        else:
            node.why = "orphan"
            _skip_below(node, "below_skipped")
    for node in nodes.values():  # orphans' children were joined after the orphan was seen
        if node.why == "orphan":
            _skip_below(node, "below_skipped")
    for root in _usable(roots, "prompter"):
        yield from _walk(root)
    for node in nodes.values():
        if not node.used:
            yield LeftOut(node.unit, "skipped", node.why or "cycle", _DETAIL[node.why or "cycle"])


_DETAIL = {
    "deleted": "the source marks the message as deleted",
    "review_rejected": "the reviewers rejected the message",
    "no_reply": "no usable reply follows this prompt",
    "unranked": "one of several replies and not ranked",
    "below_worse_reply": "the conversation goes on here below a reply that was not the best",
    "below_skipped": "stands below a message that is left out",
    "orphan": "its parent message is not in the file",
    "wrong_order": "a prompt below a prompt, or a reply below a reply",
    "cycle": "its chain of parents never reaches a root",
}


def _looks_like(value: dict[str, Any]) -> bool:
    prompt = value.get("prompt", value)
    return isinstance(prompt, dict) and "message_id" in prompt and prompt.get("role") in tuple(_ROLES)


ADAPTER = Adapter(
    summary="OpenAssistant: conversation trees or flat messages with parent_id, ranked replies",
    read=read,
    sniff=lambda values: share(values, _looks_like),
    expand=expand,
)
