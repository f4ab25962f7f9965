"""When the next attempt may go: nobody before the time a server names, each request by its own backoff."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from winnow.asking.outcome import Fault
from winnow.records.identity import digest

LONGEST_BACKOFF = 30.0  # seconds
_SPREAD = 1.0  # seconds over which requests start again after a pause for all


def share(key: str, attempt: int) -> float:
    """Return a number from 0 to 1 that depends on ``key`` and ``attempt`` alone.

    >>> share("a", 1) == share("a", 1) != share("a", 2)
    True
    """
    return int(digest(f"{key}:{attempt}")[:8], 16) / 0xFFFFFFFF


def backoff(key: str, attempt: int, first: float) -> float:
    """Return the seconds after failed attempt ``attempt`` (from 1): ``first``, doubled each time, half of it jitter.

    >>> all(0.25 <= backoff(str(n), 1, 0.5) <= 0.5 and 2 <= backoff(str(n), 4, 0.5) <= 4 for n in range(99))
    True
    """
    return float(min(first * 2 ** (attempt - 1), LONGEST_BACKOFF)) * (0.5 + 0.5 * share(key, attempt))


@dataclass(frozen=True)
class Limits:
    """Bounds of a run: attempts per request, seconds of the first backoff, of the longest pause, of the whole run."""

    concurrency: int = 16
    attempts: int = 6
    first_backoff: float = 0.5
    max_wait: float = 300.0
    max_time: float | None = None


class Pace:
    """The pauses of a run; all of them end at once when it is stopped."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._stopping = asyncio.Event()
        self._free_at = 0.0  # time of the loop before which nobody sends

    def stop(self) -> None:
        """End all pauses, also those to come."""
        self._stopping.set()

    async def pause(self, key: str, attempt: int) -> bool:
        """Wait while the server wants to be left alone, plus jitter by content; say whether there was such a wait."""
        left = self._free_at - asyncio.get_running_loop().time()
        if left > 0:
            await self._sleep(left + _SPREAD * min(1.0, left / 10) * share(key, attempt))
        return left > 0

    async def after(self, fault: Fault, key: str, attempt: int) -> str | None:
        """Wait after a fault. Where the server names a time, all wait; a time that is too long is a sentence."""
        asked, own = fault.wait or 0.0, backoff(key, attempt, self.limits.first_backoff)
        if asked > self.limits.max_wait:
            until = datetime.now(UTC).astimezone() + timedelta(seconds=min(asked, 10**9))
            return (
                f"the server asks to wait {asked:,.0f} seconds, more than --max-wait {self.limits.max_wait:g}: come "
                f"back after {until:%Y-%m-%d %H:%M:%S %Z}"
            )
        self._free_at = max(self._free_at, asyncio.get_running_loop().time() + asked)
        if own > asked and attempt < self.limits.attempts:
            await self._sleep(own)
        return None

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
