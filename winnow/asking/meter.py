"""What attempts use: reserved before, settled after, all of it where nobody knows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from winnow.asking.budget import Budget, Need
from winnow.asking.outcome import Fault, Halt
from winnow.asking.prices import Prices
from winnow.asking.tally import Tally
from winnow.ledger.line import Reply
from winnow.ledger.request import Request

_NOTHING = Need(0, 0, 0)


class Attempt:
    """One attempt at a request: what was set aside for it, and what it used where that is known."""

    def __init__(self, need: Need) -> None:
        self.need = need
        self.used: Need | None = None


class Meter:
    """Puts attempts on the budget and on the tally."""

    def __init__(self, budget: Budget, prices: Prices, tally: Tally) -> None:
        self.budget, self.prices, self.tally = budget, prices, tally
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Have those look again who wait for room."""
        self._changed.set()

    async def room(self, need: Need) -> bool:
        """Say whether ``need`` fits; where it does not, first wait until an attempt in flight has ended, if any is."""
        if self.budget.fits(need):
            return True
        if self.budget.open:
            self._changed.clear()
            await self._changed.wait()
        return False

    @contextlib.asynccontextmanager
    async def attempt(self, need: Need) -> AsyncIterator[Attempt]:
        """Reserve ``need`` and count an attempt; settle at the end, in full where it was broken off."""
        self.budget.reserve(need)
        self.tally.attempts += 1
        attempt = Attempt(need)
        try:
            yield attempt
        finally:
            if attempt.used is None:
                self.tally.assumed += need.tokens
            self.budget.settle(need, need if attempt.used is None else attempt.used)
            self.wake()

    def used(self, request: Request, found: Reply | Fault | Halt) -> Need | None:
        """Return what an attempt used, from what came of it; None where nobody knows."""
        if isinstance(found, Fault):
            return None if found.charged else _NOTHING
        if isinstance(found, Halt) or found.status == "rejected":
            return _NOTHING
        if found.prompt_tokens is None or found.completion_tokens is None:
            return None
        self.tally.prompt += found.prompt_tokens
        self.tally.completion += found.completion_tokens
        price = self.prices.get(str(request.body.get("model")))
        cost = price.cost(found.prompt_tokens, found.completion_tokens) if price else 0
        return Need(found.prompt_tokens, found.completion_tokens, cost)
