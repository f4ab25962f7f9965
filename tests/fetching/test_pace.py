"""Servers that send, but slowly: they are given up in time, what came is kept, and the next fetch goes on there."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.fetching.client import get, ranges
from tests.fetching.server import BODY, SHA, Fault, Handler, Server
from winnow.fetching.pace import Limits, Pace, Slow
from winnow.fetching.partial import Partial
from winnow.harness.errors import UserError

SLOW = Limits(rate=1e5, window_s=0.2)
LATE = Limits(rate=0, deadline_s=0.3, deadline_rate=1e9)


def dripping(handler: Handler, data: bytes) -> None:
    """Send ``data`` in pieces of ten bytes, none of them late enough to count as silence."""
    for start in range(0, len(data), 10):
        handler.wfile.write(data[start : start + 10])
        time.sleep(0.01)


def body(handler: Handler) -> None:
    """The file, a few bytes at a time."""
    handler.send(200, length=len(BODY), ETag=handler.server.etag)
    dripping(handler, BODY)


def headers(handler: Handler) -> None:
    """A header without an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    dripping(handler, b"x" * 60_000)


def chunk(handler: Handler) -> None:
    """Half a chunk, then the length of the next one without an end."""
    handler.send(200, ETag=handler.server.etag, Content_Length="", Transfer_Encoding="chunked")
    handler.wfile.write(b"3e8\r\n" + BODY[:1000] + b"\r\n")
    dripping(handler, b"0" * 60_000)


@contextmanager
def soon() -> Iterator[None]:
    """Assert that the body ends long before a slow server does."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 20  # the slow answers would take minutes


@pytest.mark.parametrize("limits", [SLOW, LATE], ids=["rate", "deadline"])
@pytest.mark.parametrize("fault", [body, headers, chunk])
def test_a_server_that_drips_is_given_up(secure: Server, part: Partial, fault: Fault, limits: Limits) -> None:
    secure.script = [fault] * 5
    with soon(), pytest.raises(UserError, match=r"given up, (the server sent|after) .*; .*fetch again later"):
        get(secure, part, limits=limits)
    assert len(secure.requests) == 1  # another try at once would be no faster


def test_what_came_is_kept_and_the_next_fetch_goes_on_from_there(secure: Server, part: Partial) -> None:
    secure.script = [body]
    with (
        soon(),
        pytest.raises(UserError, match=r"[1-9]\d* bytes are kept: fetch again later, it goes on from there\.$"),
    ):
        get(secure, part, None, limits=SLOW)
    came = part.size
    assert part.path.read_bytes() == BODY[:came]
    assert get(secure, part, None) == SHA
    assert ranges(secure) == [None, f"bytes={came}-"]


def test_nothing_is_promised_where_the_server_names_no_version(secure: Server, part: Partial) -> None:
    secure.etag, secure.script = "", [body]
    with soon(), pytest.raises(UserError, match=r"seconds; fetch again later\.$"):
        get(secure, part, None, limits=SLOW)


def ticking(step: float) -> Callable[[], float]:
    """Return a clock that goes on by ``step`` seconds at each look."""
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


@pytest.mark.parametrize(
    ("sizes", "most"),
    [
        ([1] * 100, 120),  # a byte in 20 seconds
        ([30_000] * 100, 2_000),  # 1.5 KB/s passes the rate, not the deadline
    ],
)
def test_defaults_stop_a_slow_server(sizes: list[int], most: float) -> None:
    clock = ticking(20.0)
    pace = Pace(Limits(clock=clock))
    with pytest.raises(Slow):
        deque(map(pace.took, sizes))
    assert clock() < most


def test_defaults_let_a_large_file_come_over_a_poor_line() -> None:
    pace = Pace(Limits(clock=ticking(5.0)))
    for _ in range(20_000):  # a day at 30 KB/s
        pace.took(150_000)


def test_the_rate_is_that_of_one_connection() -> None:
    pace = Pace(Limits(clock=ticking(50.0), rate=2.0))
    for _ in range(5):
        pace.connected()  # after a pause that the server asked for
        pace.took(60)
