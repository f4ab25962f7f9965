"""Hard caps, by token accounting per attempt.

Its worst case is reserved before it is sent, so that no reply can pass a cap, and settled to the actual usage, or to
all that was reserved where the usage is unknown.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from winnow.asking.outcome import Fault, Halt
from winnow.asking.prices import Prices, dollars
from winnow.asking.tally import Tally
from winnow.ledger.line import Reply
from winnow.ledger.request import Request
from winnow.records.record import canonical_json

_PER_MESSAGE = 16  # tokens of a chat template around a message: marks of role, begin and end
_PER_REQUEST = 64  # tokens that a template puts before them: a default system prompt, dates, the opening of the reply


class Need(NamedTuple):
    """Tokens of the prompt and of the reply, and what they cost (pico-dollars; 0 where the price is unknown)."""

    prompt: int
    completion: int
    cost: int

    @property
    def tokens(self) -> int:
        """Return all tokens."""
        return self.prompt + self.completion


def most_completion(body: Mapping[str, Any]) -> int | None:
    """Return the most tokens that the reply to ``body`` may have; None where the request does not say.

    A limit that is no whole number above 0 is none: -1 has llama.cpp write without end.

    >>> most_completion({"max_tokens": 9}), most_completion({"max_tokens": -1})
    (9, None)
    """
    said = [body[name] for name in ("max_completion_tokens", "max_tokens") if body.get(name) is not None]
    return max(said) if said and all(type(one) is int and one > 0 for one in said) else None


def worst(request: Request, prices: Prices) -> Need:
    """Return the most that one attempt at ``request`` can use.

    No tokenizer makes more tokens of a text than it has UTF-8 bytes; the whole body is counted, since servers put
    tools and schemas into the prompt too. A reply without a limit counts as none: no cap can be held then.

    >>> worst(Request("k", {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}), {}).tokens
    149
    """
    body = request.body
    prompt = len(canonical_json(body).encode(errors="replace")) + _PER_REQUEST + _PER_MESSAGE * len(body["messages"])
    completion = most_completion(body) or 0
    price = prices.get(str(body.get("model")))
    return Need(prompt, completion, price.cost(prompt, completion) if price else 0)


class Budget:
    """What was spent and what is reserved, against caps in tokens and pico-dollars; None is no cap."""

    def __init__(self, max_tokens: int | None = None, max_cost: int | None = None) -> None:
        self.max_tokens, self.max_cost = max_tokens, max_cost
        self.tokens = self.cost = 0
        self.reserved_tokens = self.reserved_cost = 0
        self.open = 0
        """Attempts that are reserved and not settled."""

    @property
    def passed(self) -> str | None:
        """Say by how much a cap was passed, None where none was: a server may charge more than was asked of it.

        >>> budget = Budget(max_tokens=5_000)
        >>> budget.tokens = 5_120
        >>> budget.passed
        'the cap (--max-tokens 5000) was passed: 5,120 tokens were used, since a reply used more than its max_tokens'
        """
        over = []
        if self.max_tokens is not None and self.tokens > self.max_tokens:
            over.append(f"{self.tokens:,} tokens were used")
        if self.max_cost is not None and self.cost > self.max_cost:
            over.append(f"{dollars(self.cost)} were spent")
        why = "since a reply used more than its max_tokens"
        return f"{self.caps} was passed: {' and '.join(over)}, {why}" if over else None

    @property
    def caps(self) -> str:
        """The caps as the command's options.

        >>> Budget(max_tokens=5_000).caps
        'the cap (--max-tokens 5000)'
        """
        tokens = [] if self.max_tokens is None else [f"--max-tokens {self.max_tokens}"]
        cost = [] if self.max_cost is None else [f"--max-cost {dollars(self.max_cost)}"]
        return f"the cap ({', '.join(tokens + cost)})"

    def fits(self, need: Need) -> bool:
        """Say whether ``need`` stays within the caps beside all that is spent and reserved."""
        tokens = self.tokens + self.reserved_tokens + need.tokens
        cost = self.cost + self.reserved_cost + need.cost
        within = self.max_tokens is None or tokens <= self.max_tokens
        return within and (self.max_cost is None or cost <= self.max_cost)

    def reserve(self, need: Need) -> None:
        """Set ``need`` aside."""
        self.open += 1
        self.reserved_tokens += need.tokens
        self.reserved_cost += need.cost

    def settle(self, need: Need, used: Need) -> None:
        """Replace the reservation ``need`` by what was used."""
        self.open -= 1
        self.reserved_tokens -= need.tokens
        self.reserved_cost -= need.cost
        self.tokens += used.tokens
        self.cost += used.cost


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
        self._largest = Need(0, 0, 0)

    def wake(self) -> None:
        """Have those look again who wait for room."""
        self._changed.set()

    def need(self, request: Request) -> Need:
        """Return what to reserve for ``request``: its worst case, or the largest use that passed such a reservation.

        Some servers charge for thoughts that ``max_tokens`` does not bound; the next such reply passes no cap.
        """
        need = worst(request, self.prices)
        return Need(*(max(one, seen) for one, seen in zip(need, self._largest, strict=True)))

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
            used = need if attempt.used is None else attempt.used
            if used.tokens > need.tokens or used.cost > need.cost:
                self._largest = Need(*(max(one, seen) for one, seen in zip(used, self._largest, strict=True)))
            self.budget.settle(need, used)
            self.wake()

    def used(self, request: Request, result: Reply | Fault | Halt) -> Need | None:
        """Return what an attempt used, from what came of it; None where nobody knows."""
        if isinstance(result, Fault):
            return None if result.charged else Need(0, 0, 0)
        if isinstance(result, Halt) or result.status == "rejected":
            return Need(0, 0, 0)
        if result.prompt_tokens is None or result.completion_tokens is None:
            return None
        self.tally.prompt += result.prompt_tokens
        self.tally.completion += result.completion_tokens
        price = self.prices.get(str(request.body.get("model")))
        cost = price.cost(result.prompt_tokens, result.completion_tokens) if price else 0
        return Need(result.prompt_tokens, result.completion_tokens, cost)
