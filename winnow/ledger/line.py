"""One line of the ledger: a finished reply as canonical JSON, with a digest that tells a whole line from a damaged one.

A line has one spelling only, which :data:`SHAPE` describes, so equal replies are equal bytes and one regular expression
checks a line (:func:`from_line`) or a million of them (:mod:`winnow.ledger.check`). :func:`problem_of` only words
what is wrong with a line that they refuse.

``place`` says where a reply belongs that cannot be placed by its key alone: the plan, round, slot and task that a
request was made for. It is a field of the reply's own line, and not a manifest beside the segment, so that no kill, no
merge and no repair can part a reply from its place: whatever keeps, checks, finds or salvages the line does so for
both. A request has one place; two slots that ask the same are told apart by the number of their sample. Requests about
rows need no place, and their lines have no such field.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from winnow.records.identity import digest
from winnow.records.record import canonical_json

STATUSES = ("ok", "cut", "refused", "empty", "other_model", "rejected")
MAX_LINE = 1 << 25
"""Bytes of a line, its line feed included: far above any model's reply; a reader needs some bound."""

_PLAIN = r'[^"\\\x00-\x1f]*'
_STRING = rf'"{_PLAIN}(?:\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f])){_PLAIN})*"'
_COUNT = r"(?:null|0|[1-9][0-9]{0,17})"
_HEX = r'"[0-9a-f]{32}"'
SHAPE = (
    rf'\{{"completion_tokens":{_COUNT},"digest":{_HEX},"finish_reason":(?:null|{_STRING}),"key":{_HEX},'
    rf'"model":{_STRING},(?:"place":{_STRING},)?"prompt_tokens":{_COUNT},"reply":{_STRING},'
    rf'"status":"(?:{"|".join(STATUSES)})"\}}\n'
)
"""A line as RE2 and Python see it: what :func:`to_line` writes and nothing else, but for the value of the digest."""

_LINE = re.compile(SHAPE)
_MAX_COUNT = 10**18
_HALF = re.compile("[\ud800-\udfff]")
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_DIGEST = len('"digest":"",') + 32  # bytes of the field, its comma included
TOO_LONG = f"is longer than {MAX_LINE:,} bytes"


class Reply(NamedTuple):
    """One finished reply: the ``key`` of its request, ``status`` (one of :data:`STATUSES`), and what the server said.

    ``model`` is the name that the server gave (empty where it gave none) and ``reply`` the text; that of a
    ``rejected`` request is the server's reason. What the server did not say is ``None``; ``place`` is the canonical
    JSON of a small map, ``None`` for requests about rows.
    """

    key: str
    status: str
    model: str
    finish_reason: str | None
    reply: str
    prompt_tokens: int | None
    completion_tokens: int | None
    place: str | None = None

    def at(self, place: Mapping[str, Any] | None) -> "Reply":
        """Return this reply in its place, that of its request."""
        return self if place is None else self._replace(place=canonical_json(place))


_FIELDS = {*Reply._fields, "digest"} - {"place"}


def to_line(reply: Reply) -> str:
    r"""Return the line of ``reply``, line feed included. Half a surrogate pair, which is no text, becomes U+FFFD.

    >>> to_line(Reply("0" * 32, "ok", "m", "stop", "Hi\ud83d", 3, None))[93:]
    '"key":"00000000000000000000000000000000","model":"m","prompt_tokens":3,"reply":"Hi�","status":"ok"}\n'

    Raises :class:`ValueError` for what is no reply: an unknown status, a negative count.
    """
    fields = {
        name: _HALF.sub("\ufffd", value) if isinstance(value, str) else value
        for name, value in reply._asdict().items()
        if name != "place" or value is not None
    }
    line = canonical_json({**fields, "digest": digest(canonical_json(fields))}) + "\n"
    from_line(line.encode())
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
    data = data.removesuffix(b"\n") + b"\n"
    if not is_whole(data):
        raise ValueError(problem_of(data.removesuffix(b"\n")))
    fields = json.loads(data)
    del fields["digest"]
    return Reply(**fields)


def is_whole(line: bytes) -> bool:
    """Say whether these are the bytes of a line that was written, its line feed included."""
    try:
        fit = len(line) <= MAX_LINE and _LINE.fullmatch(line.decode())
    except UnicodeDecodeError:
        return False
    return bool(fit) and field_of(line, "digest") == _digest_of(line)


def field_of(line: bytes, name: str) -> str:
    """Return the key or the digest that a whole line holds: a quotation mark inside a text is escaped."""
    start = line.index(f'"{name}":"'.encode()) + len(name) + 4
    return line[start : start + 32].decode()


def _digest_of(line: bytes) -> str:
    start = line.index(b'"digest":"')
    return digest(line[:start] + line[start + _DIGEST : -1])


def problem_of(data: bytes) -> str:
    """Say what is wrong with the bytes of a line, without line feed, that is not whole."""
    if data.startswith(_MARKS):
        return "is a conflict mark of Git"
    if data.endswith(b"\r"):
        return "ends with CR LF, which the ledger never writes"
    if len(data) >= MAX_LINE:
        return TOO_LONG
    try:
        fields = json.loads(data.decode())
        canonical_json(fields).encode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which is no text"
    except RecursionError:
        return "is nested too deep"
    except json.JSONDecodeError:
        return "is no JSON, or was cut short"
    except ValueError:  # the only other one: a whole number of thousands of digits
        return "holds a number that is too long"
    return _problem(fields) if isinstance(fields, dict) else "is no JSON object"


def _problem(fields: dict[str, Any]) -> str:
    for name in sorted(_FIELDS ^ (fields.keys() - {"place"})):
        return f"has no {name!r}" if name in _FIELDS else f"has the field {name[:40]!r}, which no reply has"
    for name in ("model", "reply", "place"):
        if not isinstance(fields.get(name, ""), str):
            return f"has a {name!r} that is no text"
    if not isinstance(fields["finish_reason"], str | None):
        return "has a 'finish_reason' that is neither text nor null"
    if not isinstance(fields["key"], str) or not re.fullmatch("[0-9a-f]{32}", fields["key"]):
        return "has a 'key' that is not 32 hex digits"
    if fields["status"] not in STATUSES:
        return f"has the unknown status {str(fields['status'])[:40]!r}"
    for name in ("prompt_tokens", "completion_tokens"):
        count = fields[name]
        if count is not None and (type(count) is not int or not 0 <= count < _MAX_COUNT):
            return f"has a {name!r} that is no count"
    written = fields.pop("digest")
    if written != digest(canonical_json(fields)):
        return "is not what was written: its digest is that of other bytes"
    return "is not spelt as the ledger writes: sorted keys, no spaces, no needless escapes"
