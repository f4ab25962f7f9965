"""What one answer of a server is: a finished reply with a status, a fault that is worth another try, or the end."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from winnow.asking.redact import Redact, words
from winnow.ledger.line import Reply

STOPPED = frozenset({"", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "tool_calls", "function_call"})
"""Finish reasons of a reply that is whole: OpenAI's, vLLM's, TGI's and those of gateways; some servers give none."""
_CUT = frozenset({"length", "max_tokens", "model_length", "model_context_window_exceeded"})
_REFUSED = frozenset({"content_filter", "safety", "refusal", "sensitive"})  # the last one is Zhipu's (GLM)
_UNUSABLE_REQUEST = frozenset({400, 413, 422})
_LATER = frozenset({408, 409, 425, 429})
_FREE = frozenset({409, 425, 429, 503, 529})
"""Statuses of servers that did not begin; of any other failure nobody knows what was generated and charged."""
_LARGEST_COUNT = 10**12
_LONGEST_NAME = 1000  # characters; people are shown the names of models, and servers choose them


class Answer(NamedTuple):
    """What came over HTTP; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fault(NamedTuple):
    """No reply, and worth another try: whether it may have been charged, seconds to wait, and the server's words."""

    kind: str
    charged: bool
    wait: float | None = None
    said: str = ""


class Halt(NamedTuple):
    """No further request makes sense; the sentence says why and what to do."""

    sentence: str


class Reading(NamedTuple):
    """How answers are read: the model names accepted, how the key is kept out of texts, the stage's advice."""

    accepts: Callable[[str], bool]
    redact: Redact
    advice: Callable[[str], str | None]


def outcome(key: str, answer: Answer, reading: Reading) -> Reply | Fault | Halt:
    """Classify the answer to the request ``key``.

    >>> reading = Reading(lambda name: True, str, lambda words: None)
    >>> outcome("k", Answer(503, {"retry-after": "2"}, b""), reading)
    Fault(kind='http_503', charged=False, wait=2.0, said='')
    >>> outcome("k", Answer(200, {}, b'{"choices": []}'), reading).kind
    'choices_0'
    """
    status, headers, body = answer
    if status == 200:
        return from_body(key, body, reading)
    said = words(body, reading.redact)
    if status == 429 and b"insufficient_quota" in body:
        return Halt(f"the server says that the account has no quota left ({said}); nothing more was sent.")
    if status in _LATER or status >= 500:
        return Fault(
            f"http_{status}", status not in _FREE, asked_to_wait(headers, datetime.now(UTC)), said if body else ""
        )
    if status in _UNUSABLE_REQUEST:
        return Reply(key, "rejected", "", None, said, None, None)
    if status in (401, 403):
        return Halt(
            f"the server refuses access (HTTP {status}): check OPENAI_API_KEY, and that OPENAI_BASE_URL is the server "
            "that it belongs to."
        )
    if 300 <= status < 400:
        return Halt(
            f"the server redirects (HTTP {status}) to {words(headers.get('location', '').encode(), reading.redact)}; "
            "a key is not sent on: set OPENAI_BASE_URL to the address itself."
        )
    return Halt(f"the server answers with HTTP {status}: {said}. {advice(said, status, reading)}")


def from_body(key: str, body: bytes, reading: Reading) -> Reply | Fault:
    """Classify the body of an answer with status 200."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        return Fault("html" if body.lstrip()[:1] == b"<" else "not_json", True)
    return from_value(key, value, reading)


def from_value(key: str, value: Any, reading: Reading) -> Reply | Fault:
    """Classify the value of a chat completion; only its outer shape decides between a reply and a fault."""
    if not isinstance(value, dict):
        return Fault("not_an_object", True)
    if value.get("error"):
        return Fault("error_in_200", True, None, words(json.dumps(value).encode(), reading.redact))
    choices = value.get("choices")
    if not isinstance(choices, list) or len(choices) != 1:
        return Fault(f"choices_{len(choices) if isinstance(choices, list) else 'missing'}", True)
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    if not isinstance(message, dict):
        return Fault("no_message", True)
    text, refusal, reason = message.get("content"), message.get("refusal"), choices[0].get("finish_reason")
    if not isinstance(text, str | None) or not isinstance(reason, str | None):
        return Fault("wrong_type", True)
    refusal = refusal if isinstance(refusal, str) else ""
    named = value.get("model")
    model = "".join(sign for sign in named if sign.isprintable()) if isinstance(named, str) else ""
    status = _status(text or "", refusal, (reason or "").lower(), reading.accepts(model))
    if status is None:
        return Fault(f"finish_reason_{words((reason or '').encode(errors='replace'), reading.redact, 40)}", True)
    said = reading.redact(text or refusal)
    prompt, completion = usage(value)
    finish = None if reason is None else reading.redact(reason)
    return Reply(key, status, reading.redact(model)[:_LONGEST_NAME], finish, said, prompt, completion)


def _status(text: str, refusal: str, reason: str, accepted: bool) -> str | None:
    if not accepted:
        return "other_model"
    if refusal or reason in _REFUSED:
        return "refused"
    if reason in _CUT:
        return "cut"
    if reason not in STOPPED:
        return None
    return "ok" if text.strip() else "empty"


def usage(value: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the tokens of prompt and reply as the server counted them; None where it says nothing credible.

    >>> usage({"usage": {"prompt_tokens": 3, "completion_tokens": True}})
    (3, None)
    """
    tokens = value.get("usage")
    counts = [tokens.get(name) if isinstance(tokens, dict) else None for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (
        one if isinstance(one, int) and not isinstance(one, bool) and 0 <= one < _LARGEST_COUNT else None
        for one in counts
    )
    return prompt, completion


def advice(said: str, status: int, reading: Reading) -> str:
    """Return a sentence on what to change, the stage's own where it knows the part of the request that is named.

    >>> advice("temperature must be 1", 400, Reading(lambda name: True, str, lambda words: None))
    'See temperature in params.yaml.'
    """
    low = said.lower()
    if own := reading.advice(low):
        return own
    if "max_completion_tokens" in low or "max_tokens" in low or "context" in low:
        return "See max_tokens (and extra, for other names of it) in params.yaml, and the length of the texts."
    if "temperature" in low:
        return "See temperature in params.yaml."
    if "model" in low or status == 404:
        return "Check the model's name in params.yaml and OPENAI_BASE_URL, which ends with /v1 as a rule."
    return "Check the stage's settings in params.yaml."


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def asked_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a server asks to wait; None where it does not, or not so that it can be read.

    ``headers`` has lower-case names. ``retry-after-ms`` (OpenAI) goes before ``Retry-After``, which is a number of
    seconds or a date; a date is compared with the server's own ``Date``, since its clock and ours may differ.

    >>> asked_to_wait({"retry-after": "5"}, datetime.min), asked_to_wait({"retry-after-ms": "1500"}, datetime.min)
    (5.0, 1.5)
    >>> asked_to_wait({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:07 GMT"}, None)
    30.0
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(seconds, 0.0)
    until = _date(headers.get("retry-after", ""))
    if until is None:
        return None
    return max((until - (_date(headers.get("date", "")) or now)).total_seconds(), 0.0)
