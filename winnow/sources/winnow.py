"""Releases of Winnow itself: the rows of ``data/export/parquet``, read back with all that they say.

The old id is the key and the first of the ``parents``, so that takedowns of the old row follow. Each row keeps its
origin and its licence (see :mod:`winnow.reading.licences`). Its language and content hash are computed again; how often
training drew it stays metadata where it is not once. The other formats of a release are those of public sets and are
read by their adapters; the row id in them becomes the parent.
"""

from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, expect, number, per_unit, required, rest, share, text
from winnow.reading.definitions import parsed
from winnow.reading.placing import ROW_ID, is_release, refuse_unread, refuse_unread_of_row
from winnow.records.record import ROLES, Message, Record, Rejected, ToolCall
from winnow.records.schema import MESSAGE, RELEASE

_COLUMNS = frozenset(RELEASE.names)
_OF_TURN = frozenset(field.name for field in MESSAGE)
_KINDS = ("sft", "preference", "feedback")


def _optional(value: dict[str, Any], name: str, kind: type, where: str) -> Any:
    return None if value.get(name) is None else expect(value[name], kind, f"{name!r} of {where}")


def _tool_call(value: Any, where: str) -> ToolCall:
    call = expect(value, dict, f"a call of {where}")
    return ToolCall(_optional(call, "id", str, where), text(call, "name"), text(call, "arguments"))


def _message(value: Any, where: str) -> Message:
    turn = expect(value, dict, where)
    refuse_unread({name: field for name, field in turn.items() if name not in _OF_TURN}, where)
    if text(turn, "role") not in ROLES:
        raise Unusable("unknown_role", f"{where} has the role {turn['role']!r}; known are {', '.join(sorted(ROLES))}")
    calls = _optional(turn, "tool_calls", list, where)
    return Message(
        turn["role"],
        text(turn, "content"),
        _optional(turn, "reasoning", str, where),
        tuple(_tool_call(one, where) for one in calls) if calls else None,
        _optional(turn, "tool_call_id", str, where),
        _optional(turn, "train", bool, where),
        _optional(turn, "name", str, where),
    )


def _messages(value: Any, name: str) -> list[Message]:
    listed = expect(value, list, repr(name))
    return [_message(one, f"turn {n} of {name!r}") for n, one in enumerate(listed, 1)]


def _rejected(value: Any) -> Rejected:
    worse = expect(value, dict, "a reply in 'rejected'")
    score = worse.get("score")
    return Rejected(
        tuple(_messages(worse.get("messages"), "rejected")),
        _optional(worse, "rank", int, "a reply in 'rejected'"),
        None if score is None else number(score, "a score in 'rejected'"),
    )


def _check(record: Record) -> None:
    """Raise :class:`Unusable` for a row that no release holds."""
    replies = [record.messages, *(worse.messages for worse in record.rejected or ())]
    if any(not turns or turns[-1].role != "assistant" for turns in replies):
        raise Unusable("no_final_reply", "a reply does not end with a turn of the assistant")
    if not 0 <= (record.prompt_turns or 0) < len(record.messages):
        raise Unusable("wrong_order", "'prompt_turns' does not count turns before the reply")
    wanted = "preference" if record.rejected else "sft" if record.label is None else "feedback"
    if record.kind != wanted or (record.rejected and record.label is not None):
        raise Unusable("contradiction", f"'kind' is {record.kind!r}, and the row is of the kind {wanted}")
    if not any(turn.role == "user" for turn in record.messages[:-1]):
        raise Unusable("no_user_turn", "the row has no turn of the user")


def _licence(value: dict[str, Any]) -> str:
    if not text(value, "license").strip():
        raise Unusable("missing_field", "'license' is empty")
    return text(value, "license")


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one row of a release."""
    row_id = text(value, "row_id")
    if ROW_ID.fullmatch(row_id) is None:
        raise Unusable("bad_row_id", f"'row_id' is {row_id!r}, which is no id of a row of Winnow")
    left = rest(value, _COLUMNS)
    refuse_unread_of_row(left, options.get("metadata") or ())
    metadata = expect(parsed(text(value, "metadata"), "bad_metadata", "'metadata'"), dict, "the JSON in 'metadata'")
    if value.get("repeats") not in (None, 1):
        metadata = {"repeats": value["repeats"], **metadata}
    parents = [text({"parent": one}, "parent") for one in expect(value.get("parents") or [], list, "'parents'")]
    prompt_turns, margin = required(value, "prompt_turns", int), value.get("margin")
    rejected = expect(value.get("rejected") or [], list, "'rejected'")
    record = Record(
        messages=_messages(required(value, "messages", list), "messages"),
        key_text=(row_id,),
        key=row_id,
        kind=text(value, "kind"),
        system=_optional(value, "system", str, "the row"),
        context=_optional(value, "context", str, "the row"),
        prompt_turns=prompt_turns,
        rejected=[_rejected(one) for one in rejected] or None,
        margin=None if margin is None else number(margin, "'margin'"),
        label=_optional(value, "label", bool, "the row"),
        tools=_optional(value, "tools", str, "the row"),
        group=_optional(value, "group", str, "the row"),
        parents=[row_id, *(one for one in parents if one != row_id)],
        license=_licence(value),
        origin=text(value, "origin"),
        metadata=left | metadata,
    )
    _check(record)
    return record


ADAPTER = Adapter(
    summary="a release of Winnow (its Parquet files): every row with all that it says, its licence and its old id",
    read=per_unit(convert, placing=False),
    sniff=lambda values: share(values, is_release),
)
