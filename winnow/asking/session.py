"""A run: bounded concurrency, one owner of retries, the probe and the canaries, reasons to stop, a clean stop."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from winnow.asking.attempt import Client
from winnow.asking.budget import Budget, Meter
from winnow.asking.endpoint import Endpoint
from winnow.asking.outcome import Fault, Halt, Reading, advice, outcome
from winnow.asking.pace import Limits, Pace
from winnow.asking.prices import Prices
from winnow.asking.stage import problem_of
from winnow.asking.tally import Tally
from winnow.ledger.line import Reply
from winnow.ledger.request import Request, payload
from winnow.replies.stage import Canary

GRACE = 2.0  # seconds that requests in flight have to end after Ctrl-C
_IN_A_ROW = 20  # requests refused, or given up, with nothing good between: the server is not well


class How(NamedTuple):
    """Where a run asks, and its bounds; ``timeout`` seconds bound one attempt."""

    endpoint: Endpoint
    limits: Limits
    timeout: float
    budget: Budget
    prices: Prices
    reading: Reading


class Session:
    """Sends requests until all have a reply or something stops it; ``keep`` puts a finished reply on disk.

    ``stopped`` is the sentence that says why it stopped early, ``interrupted`` whether a person did it.
    """

    def __init__(
        self, client: Client, how: How, keep: Callable[[Reply], None], progress: Callable[[Tally, Budget], None]
    ) -> None:
        self.client, self.limits, self.budget, self.prices = client, how.limits, how.budget, how.prices
        self.reading, self.keep, self.progress = how.reading, keep, progress
        self.tally = Tally()
        self.stopped: str | None = None
        self.interrupted = False
        self._pace, self._meter = Pace(how.limits), Meter(how.budget, how.prices, self.tally)
        self._model: str | None = None  # the name that the first reply had
        self._answered = False
        self._rejected_in_a_row = self._unanswered_in_a_row = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._canaries: set[str] = set()

    def stop(self, sentence: str) -> None:
        """Begin nothing more; what is in flight may end. The first sentence stands."""
        self.stopped = self.stopped or sentence
        self._pace.stop()
        self._meter.wake()

    def interrupt(self) -> None:
        """Stop because a person says so: what is in flight has :data:`GRACE` seconds, or none the second time."""
        grace = 0.0 if self.interrupted else GRACE
        self.interrupted = True
        self.stop("by hand")
        asyncio.get_running_loop().call_later(grace, self._abandon)

    def _abandon(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def run(self, canaries: Sequence[Canary], first: Mapping[str, str], requests: Iterator[Request]) -> Tally:
        """Ask the canaries, the first of them alone, then ``requests``; without canaries the first request is alone.

        ``first`` is what the model first said to the canaries, by the keys that they have now.
        """
        if self.limits.max_time is not None:
            said = f"--max-time of {self.limits.max_time:g} seconds is over"
            asyncio.get_running_loop().call_later(self.limits.max_time, self.stop, said)
        self._canaries = {canary.request.key for canary in canaries}
        if canaries:
            replies: dict[str, Reply] = {}
            await self._all(iter([canaries[0].request]), 1, replies, probing=True)
            self._check(canaries[:1], first, replies)
            await self._all((canary.request for canary in canaries[1:]), self.limits.concurrency, replies)
            self._check(canaries[1:], first, replies)
        elif (probe := next(requests, None)) is not None:
            await self._all(iter([probe]), 1, probing=True)
        await self._all(requests, self.limits.concurrency)
        return self.tally

    def _check(self, canaries: Sequence[Canary], first: Mapping[str, str], replies: Mapping[str, Reply]) -> None:
        for canary in canaries:
            if self.stopped:
                return
            if problem := problem_of(canary, replies.get(canary.request.key), first):
                self.stop(self.reading.redact(problem))

    async def _all(
        self, requests: Iterator[Request], workers: int, into: dict[str, Reply] | None = None, probing: bool = False
    ) -> None:
        """Have so many workers take from ``requests`` until there are none or the run is stopped."""

        async def work() -> None:
            try:
                while not self.stopped and (request := next(requests, None)) is not None:
                    reply = await self._obtain(request, probing)
                    if into is not None and reply is not None:
                        into[request.key] = reply
            except Exception as error:
                self.stop(str(error))
                raise

        self._tasks = {asyncio.create_task(work()) for _ in range(workers)} if not self.stopped else set()
        for error in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error

    async def _obtain(self, request: Request, probing: bool) -> Reply | None:
        """Return the reply to ``request``, kept; None where there is none and it stays pending."""
        last = Fault("", False)
        posted = payload(request.body)
        for attempt in range(1, self.limits.attempts + 1):
            need = self._meter.need(request)
            while not self.stopped and (
                await self._pace.pause(request.key, attempt) or not await self._meter.room(need)
            ):
                need = self._meter.need(request)
                if not self.budget.open and not self.budget.fits(need):
                    self.stop(self.budget.passed or f"the next request could pass {self.budget.caps}")
            if self.stopped:
                return None
            async with self._meter.attempt(need) as sending:
                sent = await self.client.post(posted)
                result = sent if isinstance(sent, Fault | Halt) else outcome(request.key, sent, self.reading)
                sending.used = self._meter.used(request, result)
            self._answered |= not isinstance(sent, Fault | Halt)
            if isinstance(result, Reply):
                return self._finished(result.at(request.place), probing)
            if isinstance(result, Halt):
                self.stop(result.sentence)
                return None
            last = result
            self.tally.faults[last.kind] += 1
            await self._after(result, request.key, attempt)
        if not self.stopped:
            self._given_up(last, probing)
        return None

    async def _after(self, fault: Fault, key: str, attempt: int) -> None:
        where = self.client.endpoint.shown
        if fault.kind == "connect" and not self._answered:
            self.stop(f"nothing answers at {where}: is the server running, and OPENAI_BASE_URL its address?")
        elif too_long := await self._pace.after(fault, key, attempt):
            self.stop(too_long)

    def _finished(self, reply: Reply, probing: bool) -> Reply | None:
        if reply.status == "rejected":
            self._rejected_in_a_row += 1
            if probing or self._rejected_in_a_row >= _IN_A_ROW:
                which = "the first request" if probing else f"{self._rejected_in_a_row} requests in a row"
                self.stop(f"the server rejects {which}: {reply.reply}. {advice(reply.reply, 400, self.reading)}")
            if probing:
                return None
        else:
            self._rejected_in_a_row = 0
            reply = self._of_one_model(reply)
        self._unanswered_in_a_row = 0
        self.keep(reply)
        self.tally.add(reply, reply.key in self._canaries)
        self.progress(self.tally, self.budget)
        return reply

    def _of_one_model(self, reply: Reply) -> Reply:
        """Stop where another model answers than the one asked, or than the one that answered before."""
        if self._model is None and reply.status != "other_model":
            self._model = reply.model
        if reply.model == self._model:
            return reply
        before = f"{self._model} answered before" if self._model else "that is not the model asked for"
        self.stop(f"the server answers as {reply.model or 'a model without a name'}; {before}")
        return reply._replace(status="other_model")

    def _given_up(self, last: Fault, probing: bool) -> None:
        self.tally.unanswered += 1
        self._unanswered_in_a_row += 1
        if probing or self._unanswered_in_a_row >= _IN_A_ROW:
            which = "the first request" if probing else f"{_IN_A_ROW} requests in a row"
            fault = f"{last.kind}: {last.said}" if last.said else last.kind
            well = "See whether the server is well, then run it again."
            what_to_do = advice(last.said, 400, self.reading) if last.said else well
            self.stop(f"{which} got no reply in {self.limits.attempts} attempts ({fault}). {what_to_do}")
        self.progress(self.tally, self.budget)
