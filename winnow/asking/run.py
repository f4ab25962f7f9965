"""From the synchronous command into a run and back: the event loop, Ctrl-C, sealing."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from winnow.asking.attempt import Client
from winnow.asking.budget import Budget
from winnow.asking.endpoint import Endpoint
from winnow.asking.outcome import Reading
from winnow.asking.pace import Limits
from winnow.asking.prices import Prices
from winnow.asking.session import Session
from winnow.asking.stage import Canary
from winnow.asking.tally import Tally
from winnow.ledger.line import Reply
from winnow.ledger.request import Request

SEGMENT = 5_000  # replies after which the journal is sealed into a segment of the ledger


class Journal(Protocol):
    """Where finished replies go, one by one; sealing makes a segment of the ledger of them."""

    def append(self, reply: Reply) -> None: ...
    def seal(self) -> Path | None: ...


class Sealing:
    """Appends replies to a journal, seals it every :data:`SEGMENT` of them and when the ``with`` ends, however."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.segments, self._open = journal, list[Path](), 0

    def __enter__(self) -> "Sealing":
        return self

    def __exit__(self, *error: object) -> None:
        self.seal()

    def keep(self, reply: Reply) -> None:
        """Put ``reply`` on disk."""
        self.journal.append(reply)
        self._open += 1
        if self._open >= SEGMENT:
            self.seal()

    def seal(self) -> None:
        """Make a segment of what was kept since the last one."""
        self._open = 0
        if (segment := self.journal.seal()) is not None:
            self.segments.append(segment)


class Ending(NamedTuple):
    """How a run ended: its counts, why it stopped early (or None), whether a person stopped it."""

    tally: Tally
    stopped: str | None
    interrupted: bool


class How(NamedTuple):
    """Where a run asks, and its bounds; ``timeout`` seconds bound one attempt."""

    endpoint: Endpoint
    limits: Limits
    timeout: float
    budget: Budget
    prices: Prices
    reading: Reading


def ask(
    how: How,
    keep: Callable[[Reply], None],
    canaries: Sequence[Canary],
    first: Mapping[str, str],
    requests: Iterator[Request],
    progress: Callable[[Tally, Budget], None] = lambda tally, budget: None,
) -> Ending:
    """Send ``requests`` after ``canaries`` and return how it ended; ``keep`` puts a finished reply on disk."""

    async def run() -> Ending:
        async with Client(how.endpoint, how.timeout, how.limits.concurrency) as client:
            session = Session(client, how.limits, how.budget, how.prices, how.reading, keep, progress)
            with _signals(session.interrupt):
                tally = await session.run(canaries, first, requests)
            return Ending(tally, session.stopped, session.interrupted)

    running = run()
    try:
        return asyncio.run(running)
    finally:
        running.close()  # where Ctrl-C came before it began


@contextlib.contextmanager
def _signals(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM call ``interrupt``; outside the main thread they cannot."""
    loop = asyncio.get_running_loop()
    caught = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, interrupt)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
