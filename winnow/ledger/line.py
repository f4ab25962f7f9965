"""One line of the ledger: a finished reply as canonical JSON, with a digest that tells a whole line from a damaged one.

A line has one spelling only, so equal replies are equal bytes, and one regular expression can check a million lines;
:func:`from_line` refuses every other spelling and says what is wrong with it.
"""

import json
import re
from typing import Any, NamedTuple

from winnow.records.identity import digest
from winnow.records.record import canonical_json

STATUSES = ("ok", "cut", "refused", "empty", "other_model", "rejected")
MAX_LINE = 1 << 25
"""Bytes of a line, its line feed included: far above any model's reply; a reader needs some bound."""

_STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7be-f]|1[0-9a-f]))*"'
_COUNT = r"(?:null|0|[1-9][0-9]{0,17})"
_HEX = r'"[0-9a-f]{32}"'
SHAPE = (
    rf'\A\{{"completion_tokens":{_COUNT},"digest":{_HEX},"finish_reason":(?:null|{_STRING}),"key":{_HEX},'
    rf'"model":{_STRING},"prompt_tokens":{_COUNT},"reply":{_STRING},"status":"(?:{"|".join(STATUSES)})"\}}\n\z'
)
"""A line as RE2 sees it: what :func:`to_line` writes and nothing else, but for the value of the digest."""

_MAX_COUNT = 10**18
_KEY = re.compile("[0-9a-f]{32}")
_HALF = re.compile("[\ud800-\udfff]")
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
TOO_LONG = f"is longer than {MAX_LINE:,} bytes"


class Reply(NamedTuple):
    """One finished reply: the ``key`` of its request, ``status`` (one of :data:`STATUSES`), and what the server said.

    ``model`` is the name that the server gave (empty where it gave none) and ``reply`` the text; that of a
    ``rejected`` request is the server's reason. What the server did not tell is ``None``.
    """

    key: str
    status: str
    model: str
    finish_reason: str | None
    reply: str
    prompt_tokens: int | None
    completion_tokens: int | None


_FIELDS = {*Reply._fields, "digest"}


def to_line(reply: Reply) -> str:
    r"""Return the line of ``reply``, line feed included. Half a surrogate pair, which is no text, becomes U+FFFD.

    >>> to_line(Reply("0" * 32, "ok", "m", "stop", "Hi\ud83d", 3, None))[93:]
    '"key":"00000000000000000000000000000000","model":"m","prompt_tokens":3,"reply":"Hi�","status":"ok"}\n'

    Raises :class:`ValueError` for what is no reply: an unknown status, a negative count.
    """
    fields = {
        name: _HALF.sub("\ufffd", value) if isinstance(value, str) else value for name, value in reply._asdict().items()
    }
    if problem := _problem(fields):
        raise ValueError(problem)
    line = canonical_json({**fields, "digest": digest(canonical_json(fields))}) + "\n"
    if len(line.encode()) > MAX_LINE:
        raise ValueError(TOO_LONG)
    return line


def from_line(line: bytes | str) -> Reply:
    """Return the reply of a line, with or without its line feed.

    >>> reply = Reply("0" * 32, "ok", "m", "stop", "Hi", 3, None)
    >>> from_line(to_line(reply)) == reply
    True
    >>> from_line(to_line(reply).replace("Hi", "Ho"))
    Traceback (most recent call last):
    ValueError: is not what was written: its digest is that of other bytes

    Raises :class:`ValueError`, the end of a sentence on the line, for everything that :func:`to_line` does not write.
    """
    data = line if isinstance(line, bytes) else line.encode(errors="surrogatepass")
    fields = _parsed(data)
    for name in sorted(_FIELDS ^ fields.keys()):
        raise ValueError(f"has no {name!r}" if name in _FIELDS else f"has the field {name[:40]!r}, which no reply has")
    written = fields.pop("digest")
    if problem := _problem(fields):
        raise ValueError(problem)
    if written != digest(canonical_json(fields)):
        raise ValueError("is not what was written: its digest is that of other bytes")
    if canonical_json({**fields, "digest": written}).encode() != data.removesuffix(b"\n"):
        raise ValueError("is not spelt as the ledger writes: sorted keys, no spaces, no needless escapes")
    return Reply(**fields)


def _parsed(data: bytes) -> dict[str, Any]:
    if data.startswith(_MARKS):
        raise ValueError("is a conflict mark of Git")
    if data.removesuffix(b"\n").endswith(b"\r"):
        raise ValueError("ends with CR LF, which the ledger never writes")
    if len(data.removesuffix(b"\n")) >= MAX_LINE:
        raise ValueError(TOO_LONG)
    try:
        fields = json.loads(data.decode())
        canonical_json(fields).encode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("holds half of a surrogate pair, which is no text") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None
    except json.JSONDecodeError:
        raise ValueError("is no JSON, or was cut short") from None
    except ValueError:  # the only other one: a whole number of thousands of digits
        raise ValueError("holds a number that is too long") from None
    if not isinstance(fields, dict):
        raise ValueError("is no JSON object")
    return fields


def _problem(fields: dict[str, Any]) -> str | None:
    """Say what is wrong with the values of a reply."""
    for name in ("model", "reply"):
        if not isinstance(fields[name], str):
            return f"has a {name!r} that is no text"
    if not isinstance(fields["finish_reason"], str | None):
        return "has a 'finish_reason' that is neither text nor null"
    if not isinstance(fields["key"], str) or not _KEY.fullmatch(fields["key"]):
        return "has a 'key' that is not 32 hex digits"
    if fields["status"] not in STATUSES:
        return f"has the unknown status {str(fields['status'])[:40]!r}"
    for name in ("prompt_tokens", "completion_tokens"):
        count = fields[name]
        if count is not None and (type(count) is not int or not 0 <= count < _MAX_COUNT):
            return f"has a {name!r} that is no count"
    return None
