"""Who a row is (``row_id``) and what it says (``content_hash``).

A content hash as the only id turns every edit into a removal and an addition. So a row has both: an identity that
editing or reordering never changes, and a hash of what it now says.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from stages.records.record import Message, canonical_json

_BYTES = 16


def digest(text: str) -> str:
    """Return a 128-bit BLAKE2b digest as hex.

    >>> digest("winnow")
    '402f0b03f3dc45026c6cface3190859b'
    """
    return hashlib.blake2b(text.encode(), digest_size=_BYTES).hexdigest()


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
    """Return the digest of what a row says; messages may be :class:`Message` tuples or Arrow's dictionaries.

    >>> a = content_hash(None, None, [Message("user", "Hi")], None, None)
    >>> b = content_hash(None, None, [{**Message("user", "Hi")._asdict()}], None, None)
    >>> a == b
    True
    """
    worse = None
    if rejected:
        worse = []
        for candidate in rejected:
            turns, rank, score = candidate.values() if isinstance(candidate, dict) else candidate
            worse.append([[_message(turn) for turn in turns], rank, score])
    return digest(canonical_json([system, context, [_message(m) for m in messages], worse, tools]))
