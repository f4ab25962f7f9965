"""How slow a server may be: a least rate, and a deadline that grows with the bytes that came.

A limit of silence alone lets a server hold a download for years with one byte now and then, in the body, the headers
or the length of a chunk. So every read from the socket passes here.
"""

import http.client
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Slow(Exception):
    """A server is slower than its limits allow; another try at once would be no faster."""


@dataclass(frozen=True)
class Limits:
    """What is too slow: less than ``rate`` bytes a second over ``window_s`` seconds, or more time than the deadline.

    The deadline is ``deadline_s`` seconds and one for every ``deadline_rate`` bytes that came.
    """

    rate: float = 1024.0
    window_s: float = 60.0
    deadline_s: float = 600.0
    deadline_rate: float = 16 * 1024.0
    clock: Callable[[], float] = time.monotonic


class Pace:
    """The bytes and seconds of one download, over all its connections."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._begun = self._since = limits.clock()
        self._came = self._lately = 0

    def connected(self) -> None:
        """Start a connection: the rate is that of a connection, the deadline that of the whole download."""
        self._since, self._lately = self._limits.clock(), 0

    def took(self, size: int) -> None:
        """Count ``size`` bytes; raise :class:`Slow` where they came too slowly.

        >>> times = iter([0.0, 30.0, 60.0])
        >>> pace = Pace(Limits(rate=10.0, clock=lambda: next(times)))
        >>> pace.took(400)
        >>> pace.took(199)
        Traceback (most recent call last):
        winnow.fetching.pace.Slow: the server sent 599 bytes in 60 seconds
        """
        limits, now = self._limits, self._limits.clock()
        self._came += size
        self._lately += size
        if now - self._begun > limits.deadline_s + self._came / limits.deadline_rate:
            raise Slow(f"after {now - self._begun:,.0f} seconds only {self._came:,} bytes have come")
        seconds = now - self._since
        if seconds >= limits.window_s:
            if self._lately < limits.rate * seconds:
                raise Slow(f"the server sent {self._lately:,} bytes in {seconds:,.0f} seconds")
            self.connected()


class PacedResponse(http.client.HTTPResponse):
    """An answer whose every read is counted by a :class:`Pace`."""

    def __init__(self, sock: socket, *arguments: Any, pace: Pace, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), pace))


class _Counted(io.RawIOBase):
    """The raw stream of a socket, counted."""

    def __init__(self, raw: io.RawIOBase, pace: Pace) -> None:
        self._raw, self._pace = raw, pace

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """Read what has come into ``buffer``."""
        size: int | None = self._raw.readinto(buffer)
        self._pace.took(size or 0)
        return size

    def close(self) -> None:
        """Close the stream of the socket too."""
        self._raw.close()
        super().close()
