"""Fields that an adapter left in the metadata and that change training: each gets its place, or the unit is refused.

The register (:mod:`winnow.reading.training`) says which fields those are. System prompt, reasoning and tools have one
place in any record, so they are put there. What has none, or could mean two things, is :class:`Unusable` by name.
What the conversation says already stays metadata.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from winnow.reading.cells import texts_of
from winnow.reading.definitions import definitions
from winnow.reading.training import Kind, is_default, of_row, of_turn
from winnow.reading.unusable import Unusable, kind_of
from winnow.reading.values import is_number, is_truth, texts_in
from winnow.records.record import Message, Record, Rejected

ROW_ID = re.compile(r"[a-z0-9_-]+:(?!!).+", re.DOTALL)
"""A row id of a Winnow release."""

_MARKS = re.compile(
    r"<\|(?:image|video|audio|vision)[a-z_]*[0-9]*\|>"
    r"|<(?:imagehere|(?:image|video|audio)_placeholder|start_of_image|image_soft_token|im(?:age)?_patch)>"
    r"|<img>[^<>\n]{1,500}</img>",
    re.IGNORECASE,
)
_TAGS = ("image", "img", "video", "audio", "picture")
_TAG = rf"<({'|'.join(_TAGS)})_?[0-9]*>"
_ALONE = re.compile(rf"\A\s*{_TAG}|^[ \t]*{_TAG}[ \t]*$", re.IGNORECASE | re.MULTILINE)


_PARTS = 1_000  # texts that are looked for inside others, each in all of them


class OfTurns(list[dict[str, Any]]):
    """What turns (or other parts of a unit) hold beside the fields that were read, one object for each."""


def medium_in(text: str) -> str | None:
    """Return the mark in a prompt that stands for a picture, a film or a sound, None where there is none.

    Marks of models count anywhere, ``<image>`` and its like at the start and on a line of their own, unless the text
    closes them too, as HTML does.

    >>> medium_in("<image>\\nWhat is this?"), medium_in("Use <video> or <audio>."), medium_in("<video>\\n</video>")
    ('<image>', None, None)
    """
    if "<" not in text:
        return None
    if mark := _MARKS.search(text):
        return mark[0]
    closed = {name for name in _TAGS if f"</{name}" in text.lower()}
    alone = (found for found in _ALONE.finditer(text) if (found[1] or found[2]).lower() not in closed)
    return next((found[0].strip() for found in alone), None)


def unread(name: str, value: Any, kind: Kind, where: str = "") -> Unusable:
    """Return the reason for which a unit with such a field is quarantined."""
    place = f"{name!r} of {where}" if where else repr(name)
    if kind.name == "media":
        beside = where or "the conversation"
        return Unusable("not_text", f"there is {name!r} beside {beside}; only text can be used")
    return Unusable(
        "unread_field",
        f"{place} ({kind_of(value)}) is {kind.what}, which is not read here; where it is not meant so, "
        f"`metadata: {name}` in the source's entry keeps it as metadata",
    )


def refuse_unread(fields: Mapping[str, Any], where: str, kept: Collection[str] = ()) -> None:
    """Raise :class:`Unusable` for the first of the left ``fields`` of a turn that changes training and is not
    ``kept``.
    """
    for name, value in fields.items():
        if isinstance(value, OfTurns):
            for number, inner in enumerate(value, 1):
                refuse_unread(inner, f"part {number} of {name!r} of {where}", kept)
        elif (kind := of_turn(name, value)) and name not in kept and not is_default(kind, value):
            raise unread(name, value, kind, where)


def refuse_unread_of_row(fields: Mapping[str, Any], kept: Collection[str] = ()) -> None:
    """Raise :class:`Unusable` for the first of the left ``fields`` of a row that changes training and is not
    ``kept``; for rows that span units and so have no place for any.
    """
    for name, value in fields.items():
        if (kind := of_row(name, value)) and name not in kept:
            raise unread(name, value, kind)


def _told(record: Record, value: Any) -> bool:
    """Tell whether every text of ``value`` stands in a text of the record."""
    said = [record.system or "", record.context or "", *(turn.content for turn in record.messages)]
    said += [turn.reasoning for turn in record.messages if turn.reasoning]
    wanted = {text.strip() for text in texts_in(value)}
    parts = wanted.difference(said, (one.strip() for one in said))
    return bool(wanted) and len(parts) <= _PARTS and all(any(text in one for one in said) for text in parts)


def _system(record: Record, name: str, value: Any) -> bool | None:
    if record.system is None:
        record.system = value
    return True if record.system.strip() == value.strip() else None


def _reasoning(record: Record, name: str, value: Any) -> bool | None:
    if _told(record, value):
        return False
    if not isinstance(value, str):
        return None
    replies = [n for n, turn in enumerate(record.messages) if turn.role == "assistant"]
    if record.kind == "preference" or len(replies) != 1 or record.messages[replies[0]].reasoning is not None:
        return None
    record.messages[replies[0]] = record.messages[replies[0]]._replace(reasoning=value)
    return True


def _tools(record: Record, name: str, value: Any) -> bool | None:
    tools = definitions(value, name)
    if record.tools is None:
        record.tools = tools
    return True if record.tools == tools else None


def _worse(record: Record, name: str, value: Any) -> bool | None:
    """Texts beside the one reply of a row are worse replies to its prompt; turns are the adapter's to read."""
    if record.kind != "sft" or record.messages[-1].role != "assistant":
        return None
    listed = None if record.messages[-1].content.lstrip().startswith("[") else texts_of(value)
    texts = listed or ([value] if isinstance(value, str) else value)
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        return None
    make_preference(record, [(Message("assistant", text),) for text in texts], len(record.messages) - 1)
    return True


def make_preference(record: Record, worse: Sequence[tuple[Message, ...]], prompt_turns: int) -> None:
    """Turn a record of one conversation into a preference row, whose reply follows ``prompt_turns`` turns."""
    if tuple(record.messages[prompt_turns:]) in worse:
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    record.kind, record.prompt_turns = "preference", prompt_turns
    record.rejected = [Rejected(turns) for turns in worse]
    margin: Any = record.metadata.get("margin")
    if record.margin is None and is_number(margin) and math.isfinite(margin):
        record.margin = float(record.metadata.pop("margin"))
    record.key_text = (*record.key_text, "\0", *(turn.content for turns in worse for turn in turns))


def _copy(record: Record, name: str, value: Any) -> bool | None:
    """Answer whether a field is a copy of what the conversation says and tells nothing new."""
    return False if _told(record, value) else None


def _conversation(record: Record, name: str, value: Any) -> bool | None:
    """Answer as :func:`_copy` does; the turns of a copy may hold masks or calls that those that were read do not."""
    for number, turn in enumerate(value if isinstance(value, list) else (), 1):
        if isinstance(turn, dict):
            refuse_unread(turn, f"turn {number} of {name!r}")
    return _copy(record, name, value)


_PLACES: dict[str, Callable[[Record, str, Any], bool | None]] = {
    "system": _system,
    "reasoning": _reasoning,
    "tools": _tools,
    "worse": _worse,
    "better": _copy,
    "conversation": _conversation,
    "history": _copy,
    "context": _copy,
}
"""By kind of field: puts it into the record and answers True, answers False where it may stay metadata, else None."""


def place(record: Record, kept: Collection[str] = ()) -> None:
    """Put every field of the metadata that changes training into its place; raise :class:`Unusable` where it has none.

    The fields ``kept`` stay metadata whatever their names. ``row_id``, which Winnow's own releases carry, names the
    parent of the row.
    """
    for name, value in list(record.metadata.items()) if record.metadata else ():
        if isinstance(value, OfTurns):
            for number, fields in enumerate(value, 1):
                refuse_unread(fields, f"turn {number} of {name!r}", kept)
        elif name in kept:
            continue
        elif name == "row_id":
            if not record.parents and isinstance(value, str) and ROW_ID.fullmatch(value):
                record.parents = [record.metadata.pop(name)]
        elif kind := of_row(name, value):
            done = _PLACES[kind.name](record, name, value) if kind.name in _PLACES else None
            if done is None:
                raise unread(name, value, kind)
            if done:
                del record.metadata[name]
    for turn in record.messages:
        if "<" in turn.content and turn.role == "user" and (mark := medium_in(turn.content)):
            raise Unusable("not_text", f"{mark!r} in a prompt stands for a picture, a film or a sound")


def is_release(value: Any) -> bool:
    """Tell whether a unit is a row of the Parquet files of a Winnow release."""
    columns = {"row_id", "content_hash", "license", "kind", "messages", "prompt_turns", "metadata"}
    return isinstance(value, dict) and columns <= value.keys()


def labels_in(fields: Mapping[str, Any]) -> list[str]:
    """Return the names among ``fields`` of a row that label its reply with true or false, ``label`` first."""
    names = names_of({"label", "liked", "disliked"}, fields)
    return sorted((name for name in names if is_truth(fields[name])), key=lambda name: name != "label")


def names_of(kinds: Iterable[str], fields: Mapping[str, Any]) -> list[str]:
    """Return the names among ``fields`` of a row that are of one of ``kinds`` and say something."""
    return [name for name, value in fields.items() if (kind := of_row(name, value)) and kind.name in kinds]
