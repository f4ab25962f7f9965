"""How long to wait: what the server asks for (RFC 9110, 10.2.3), else exponential backoff with jitter by content."""

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from winnow.records.identity import digest

LONGEST_BACKOFF = 30.0  # seconds


def share(key: str, attempt: int) -> float:
    """Return a number from 0 to 1 that depends on ``key`` and ``attempt`` alone.

    >>> share("a", 1) == share("a", 1) != share("a", 2)
    True
    """
    return int(digest(f"{key}:{attempt}")[:8], 16) / 0xFFFFFFFF


def backoff(key: str, attempt: int, first: float) -> float:
    """Return the seconds after failed attempt number ``attempt`` (from 1): ``first``, doubled each time, half by lot.

    >>> all(0.25 <= backoff(str(n), 1, 0.5) <= 0.5 and 2 <= backoff(str(n), 4, 0.5) <= 4 for n in range(99))
    True
    """
    return float(min(first * 2 ** (attempt - 1), LONGEST_BACKOFF)) * (0.5 + 0.5 * share(key, attempt))


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else None


def asked_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a server asks to wait; None where it does not, or not so that it can be read.

    ``headers`` has lower-case names. ``retry-after-ms`` (OpenAI) goes before ``Retry-After``, which is a number of
    seconds or a date; a date is held against the server's own ``Date``, since its clock and ours may differ.

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
