"""The key must be nowhere but in the header it is sent in: every text of a server passes through here first."""

import contextlib
import json
from collections.abc import Callable
from urllib.parse import quote

SHORTEST = 8
"""Characters; a shorter "key" is a stand-in such as EMPTY, which servers without keys are given, and a plain word."""

Redact = Callable[[str], str]


def redactor(key: str) -> Redact:
    """Return a function that puts ``[key]`` wherever ``key`` stands in a text, also percent-encoded.

    >>> redactor("sk-0123456789")("Bad key: sk-0123456789.")
    'Bad key: [key].'
    >>> redactor("EMPTY")("EMPTY is a word.")
    'EMPTY is a word.'
    """
    forms = sorted({key, quote(key, safe="")}, key=len, reverse=True) if len(key) >= SHORTEST else []

    def redact(text: str) -> str:
        for form in forms:
            text = text.replace(form, "[key]")
        return text

    return redact


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
