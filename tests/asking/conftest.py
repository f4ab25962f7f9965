"""Servers that fail as told, and runs against them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.asking import fakestage
from tests.asking.server import Script, Server
from winnow.asking.budget import Budget
from winnow.asking.endpoint import endpoint
from winnow.asking.outcome import Reading
from winnow.asking.pace import Limits
from winnow.asking.prices import Price
from winnow.asking.run import Ending, How, ask
from winnow.ledger.line import Reply
from winnow.ledger.request import Request

KEY = "sk-canary-0123456789abcdefghij"
PRICES = {fakestage.MODEL: Price(150_000, 600_000, 0.5)}


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers and stop them at the end."""
    started: list[Server] = []

    def start(script: Script = lambda seen: None, **options: Any) -> Server:
        started.append(Server(script, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def run(
    server: Server,
    requests: Sequence[Request],
    *,
    canaries: bool = False,
    timeout: float = 5.0,
    budget: Budget | None = None,
    **limits: Any,
) -> tuple[Ending, list[Reply]]:
    """Ask ``requests`` and return how it ended and what was kept."""
    kept: list[Reply] = []
    where = endpoint({"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY})
    limit = Limits(**{"concurrency": 4, "attempts": 4, "first_backoff": 0.01, **limits})
    first = fakestage.canaries({}, 0) if canaries else []
    reading = Reading(fakestage.accepts({}), where.redact)
    how = How(where, limit, timeout, budget or Budget(), PRICES, reading)
    ending = ask(how, kept.append, first, {}, iter(requests))
    return ending, sorted(kept)
