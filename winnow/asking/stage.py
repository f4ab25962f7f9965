"""What ``winnow ask`` needs of a stage: its requests, its canaries, and which model names it takes for its own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any, Protocol

from winnow.harness.errors import UserError
from winnow.ledger.line import Reply
from winnow.ledger.request import Request

if TYPE_CHECKING:
    from winnow.ledger.ledger import Ledger

_BATCH = 1000  # requests that are looked up in the ledger at once

Params = Mapping[str, Any]


class Canary(Protocol):
    """A request whose good answer is known; ``problem(reply, first reply)`` is None or a sentence."""

    @property
    def name(self) -> str: ...
    @property
    def request(self) -> Request: ...
    @property
    def problem(self) -> Callable[[str, str | None], str | None]: ...


class Stage(Protocol):
    """A module such as ``winnow.judging.asked``; ``params`` is the whole of ``params.yaml``.

    ``pending`` yields the requests without a reply; given statuses, also those whose reply has one of them.
    """

    def pending(self, params: Params, again: Collection[str] = ...) -> Iterator[Request]: ...
    def canaries(self, params: Params, number: int, /) -> Sequence[Canary]: ...
    def accepts(self, params: Params) -> Callable[[str], bool]: ...


def wanted(stage: Stage, params: Params, ledger: "Ledger", again: Collection[str] = ()) -> Iterator[Request]:
    """Yield the requests that have no reply in ``ledger``, or one whose status is in ``again``; memory stays flat."""
    found = stage.pending(params, again) if again else stage.pending(params)
    while some := list(islice(found, _BATCH)):
        places = ledger.positions([request.key for request in some])
        for request, place in zip(some, places.tolist(), strict=True):
            if place < 0 or (again and _status(ledger, request.key) in again):
                yield request


def _status(ledger: "Ledger", key: str) -> str:
    reply = ledger.get(key)
    return reply.status if reply else ""


def next_round(stage: Stage, params: Params, ledger: "Ledger") -> Sequence[Canary]:
    """Return the canaries of the first round of which no reply is in the ledger.

    A round that a kill or a stop broke off is left as it is: what was asked then says nothing about the server now.
    """
    before: list[str] = []
    for number in count():
        canaries = stage.canaries(params, number)
        keys = [canary.request.key for canary in canaries]
        if not keys or (ledger.positions(keys) < 0).all():
            return canaries
        if keys == before:
            raise UserError(
                "the canaries of this stage do not differ from round to round; this is a fault of the stage."
            )
        before = keys
    raise AssertionError


def first_replies(stage: Stage, params: Params, ledger: "Ledger", canaries: Sequence[Canary]) -> dict[str, str]:
    """Return the model's first usable reply to each of ``canaries``, of an earlier round, by the key it has now.

    That is round 0 as a rule; a later one for a canary that came later, or that was not reached in round 0.
    """
    found: dict[str, str] = {}
    now = [canary.request.key for canary in canaries]
    for number in count():
        then = [canary.request.key for canary in stage.canaries(params, number)]
        if then == now:
            return found
        for key, old in zip(now, then, strict=True):
            if key not in found and (reply := ledger.get(old)) is not None and reply.status == "ok":
                found[key] = reply.reply
        if len(found) == len(now):
            return found
    raise AssertionError


def problem_of(canary: Canary, reply: Reply | None, first: Mapping[str, str]) -> str | None:
    """Return what is wrong with the reply to a canary, None where it is as it should be."""
    if reply is None:
        return f"the canary {canary.name} got no reply, so that nobody can tell whether the model is sound"
    if reply.status != "ok":
        return f"the reply to the canary {canary.name} is unusable (status {reply.status})"
    problem = canary.problem(reply.reply, first.get(canary.request.key))
    return f"{problem}: take another model, or mend the canary" if problem else None


def started(requests: Iterator[Request]) -> Iterator[Request]:
    """Return ``requests``, the first one taken: processes that make them start now, before a run has threads."""
    return chain(list(islice(requests, 1)), requests)


def in_batches(requests: Iterable[Request], size: int = _BATCH) -> Iterator[list[Request]]:
    """Yield ``requests`` in lists of ``size``."""
    source = iter(requests)
    while some := list(islice(source, size)):
        yield some
