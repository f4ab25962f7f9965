"""The key must be nowhere but in the header it is sent in: every text of a server passes through here first.

A server, a proxy or a model may give the key back in another spelling: percent-encoded in an URL, escaped in JSON or
HTML, broken over lines, in UTF-16 read as UTF-8, in base64 (alone, or inside a header that was encoded as a whole), in
hex. All of these are found, also mixed within one key. What was encrypted, compressed, reversed or encoded twice (but
for percent signs and backslashes) is not: nobody does that by accident.
"""

import base64
import contextlib
import html
import json
import re
from collections.abc import Callable

SHORTEST = 8
"""Characters; a shorter "key" is a stand-in such as EMPTY, which servers without keys are given, and a plain word."""

Redact = Callable[[str], str]

# what may stand between two characters of a key: white space, what has no glyph, and the JSON escapes of both
_BETWEEN = (
    r"(?:[\s\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
    r"|\\{1,8}(?:[nrt]|u(?:00[01]|20[0-6])[0-9a-fA-F]|ufeff))*"
)
_DIGIT = "[A-Za-z0-9+/_-]?"  # of base64; the first and last one hold bits of the key and of its neighbours


def redactor(key: str) -> Redact:
    """Return a function that puts ``[key]`` wherever ``key`` stands in a text, in any of the spellings above.

    >>> redactor("sk-0123456789")("Bad key: sk-0123456789. See /keys?key=%73k-01234%35678%39.")
    'Bad key: [key]. See /keys?key=[key].'
    >>> redactor("EMPTY")("EMPTY is a word.")
    'EMPTY is a word.'
    """
    patterns = [re.compile(pattern) for pattern in _patterns(key)] if len(key) >= SHORTEST else []

    def redact(text: str) -> str:
        for pattern in patterns:
            text = pattern.sub("[key]", text)
        return text

    return redact


def _patterns(key: str) -> list[str]:
    """Return patterns for ``key`` itself, its base64 at each offset from a group of three bytes, and its hex."""
    data, patterns = key.encode("utf-8", "surrogatepass"), [_BETWEEN.join(map(_spelt, key))]
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        first, last = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
        patterns.append(_DIGIT + _BETWEEN.join(map(_spelt, whole[first:last])) + _DIGIT + f"{_spelt('=')}{{0,2}}")
    patterns.append(f"(?i:{f'[:-]?{_BETWEEN}'.join(f'{byte:02x}' for byte in data)})")
    return patterns


def _spelt(char: str) -> str:
    """Return a pattern for one character as it stands, or as an escape of URLs, JSON, string literals or HTML."""
    escaped = "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    point = ord(char)
    spellings = [
        rf"\\{{0,8}}{re.escape(char)}",
        rf"(?i:{escaped}|\\{{1,8}}(?:u{point:04x}|x{point:02x})|&#0{{0,6}}{point};|&#x0{{0,6}}{point:x};)",
    ]
    if char in "+/":  # the alphabet of base64 for URLs
        spellings.append({"+": "-", "/": "_"}[char])
    if (named := html.escape(char)) != char:
        spellings.append(named)
    return f"(?:{'|'.join(spellings)})"


def words(body: bytes, redact: Redact, limit: int = 240) -> str:
    r"""Return what a server says is wrong, as one short printable line: its ``error.message`` where it is JSON.

    >>> words(b'{"error": {"message": "no such\\nmodel \\u001b[31m"}}', str)
    'no such model [31m'
    >>> words(b"<html><body>Bad gateway</body></html>", str), words(b"", str)
    ('a web page', 'nothing')
    """
    text = body[: 1 << 16].decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = _message(json.loads(text)) or text
    if text.lstrip()[:1] == "<":
        return "a web page"
    text = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    text = redact(text)  # last: a sign that is left out may have stood inside the key
    return f"{text[:limit]}…" if len(text) > limit else text or "nothing"


def _message(value: object) -> str | None:
    """Return the message of an error body as OpenAI, vLLM, FastAPI and others write it."""
    for _ in range(3):
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            return None
        value = next((value[name] for name in ("error", "message", "detail") if value.get(name)), None)
    return value if isinstance(value, str) else None
