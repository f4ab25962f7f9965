"""Identity of a row (``row_id``) and digest of its content (``content_hash``).

A content hash as the only id turns every edit into a removal and an addition. So a row has both: an identity that
editing or reordering never changes, and a hash of its present content.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from winnow.records.record import Message, canonical_json

_BYTES = 16
_CONTROLS = bytes({*range(32)} - {*b"\n\t"})


def digest(text: str | bytes) -> str:
    """Return a 128-bit BLAKE2b digest as hex.

    >>> digest("winnow")
    '402f0b03f3dc45026c6cface3190859b'
    """
    data = text.encode() if isinstance(text, str) else text
    return hashlib.blake2b(data, digest_size=_BYTES).hexdigest()


def _escaped(marked: str, texts: int) -> bytes | None:
    r"""Return JSON as :func:`canonical_json` would write it: ``marked`` has ``\x01`` for its own quotation marks.

    Replacing bytes is several times faster than an encoder that looks at every character. It answers None where one
    of the texts, so many there are, holds a control character other than line feed and tab: that needs the encoder.

    >>> _escaped('[\x01a\x01,\x01"b\x01]', 2).decode() == canonical_json(["a", '"b'])
    True
    """
    data = marked.encode()
    if len(data) - len(data.translate(None, _CONTROLS)) != 2 * texts:
        return None
    data = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\t", b"\\t")
    return data.replace(b"\x01", b'"')


def text_digest(texts: Sequence[str]) -> str:
    """Return the digest that identifies a row without an own id: that of its texts as a JSON list.

    >>> text_digest(["Hi", "\\n"]) == digest(canonical_json(["Hi", "\\n"]))
    True
    """
    marked = "\x01,\x01".join(texts)
    return digest((texts and _escaped(f"[\x01{marked}\x01]", len(texts))) or canonical_json(texts))


def _message(message: Message | dict[str, Any]) -> list[Any]:
    values: list[Any] = list(message.values()) if isinstance(message, dict) else list(message)
    if values[3]:
        values[3] = [list(call.values()) if isinstance(call, dict) else list(call) for call in values[3]]
    else:
        values[3] = None
    while values[-1] is None:  # a field added to the message later must not change the hash of rows without it
        values.pop()
    return values


def content_hash(
    system: str | None,
    context: str | None,
    messages: Sequence[Any],
    rejected: Sequence[Any] | None,
    tools: str | None,
) -> str:
    """Return the digest of a row's content; messages may be :class:`Message` tuples or Arrow's dictionaries.

    >>> a = content_hash(None, None, [Message("user", "Hi")], None, None)
    >>> b = content_hash(None, None, [{**Message("user", "Hi")._asdict()}], None, None)
    >>> a == b
    True
    """
    parts = (system, context, messages, rejected, tools)
    return digest(_simple(*parts) or _any(*parts))


def _any(
    system: str | None, context: str | None, messages: Sequence[Any], rejected: Sequence[Any] | None, tools: str | None
) -> str:
    worse = None
    if rejected:
        worse = []
        for candidate in rejected:
            turns, rank, score = candidate.values() if isinstance(candidate, dict) else candidate
            worse.append([[_message(turn) for turn in turns], rank, score])
    return canonical_json([system, context, [_message(m) for m in messages], worse, tools])


def _marked(text: str | None) -> str:
    return "null" if text is None else f"\x01{text}\x01"


def _simple(
    system: str | None, context: str | None, messages: Sequence[Any], rejected: Sequence[Any] | None, tools: str | None
) -> bytes | None:
    """Return what :func:`_any` does for a row of plain turns, None for any other; most rows are of that kind."""
    if rejected:
        return None
    turns = []
    for message in messages:
        role, content, *more = message.values() if isinstance(message, dict) else message
        if more.count(None) < len(more):
            return None
        turns.append(f"[\x01{role}\x01,\x01{content}\x01]")
    texts = 2 * len(turns) + (system is not None) + (context is not None) + (tools is not None)
    marked = f"[{_marked(system)},{_marked(context)},[{','.join(turns)}],null,{_marked(tools)}]"
    return _escaped(marked, texts)
