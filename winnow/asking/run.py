"""From the synchronous command into a run and back: the event loop, Ctrl-C."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from winnow.asking.attempt import Client
from winnow.asking.budget import Budget
from winnow.asking.session import How, Session
from winnow.asking.tally import Tally
from winnow.ledger.line import Reply
from winnow.ledger.request import Request
from winnow.replies.stage import Canary


class Ending(NamedTuple):
    """How a run ended: its counts, why it stopped early (or None), whether a person stopped it."""

    tally: Tally
    stopped: str | None
    interrupted: bool


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
            session = Session(client, how, keep, progress)
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
