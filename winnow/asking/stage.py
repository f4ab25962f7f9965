"""What ``winnow ask`` needs of a stage, and what of it is still to be asked."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

from winnow.ledger.line import Reply
from winnow.ledger.request import Request
from winnow.replies.canaries import rounds
from winnow.replies.stage import Canary

if TYPE_CHECKING:
    from winnow.ledger.ledger import Ledger

_BATCH = 1000  # requests that are looked up in the ledger at once


class Stage(Protocol):
    """A stage that asks a model, such as :class:`winnow.replies.pending.Pending`, by the settings that are here."""

    def pending(self, *, answered: bool = ...) -> Iterator[Request]:
        """Yield the requests that have no reply; with ``answered`` all others too."""

    def begin(self) -> None:
        """Write what must be on disk before the first reply is bought."""

    def canaries(self, session: int, /) -> Sequence[Canary]:
        """Return the canaries of a session; each session's have keys of their own."""

    def accepts(self, name: str, /) -> bool:
        """Say whether a server that answers as ``name`` answers as the model that is asked."""

    def advice(self, words: str, /) -> str | None:
        """Return a sentence on what to change where a server rejects a request with these words."""


def wanted(stage: Stage, ledger: "Ledger", again: Collection[str] = ()) -> Iterator[Request]:
    """Yield the requests that have no reply in ``ledger``, or one whose status is in ``again``; memory stays flat."""
    for some in in_batches(stage.pending(answered=bool(again))):
        places = ledger.positions([request.key for request in some])
        for request, place in zip(some, places.tolist(), strict=True):
            if place < 0 or (again and _status(ledger, request.key) in again):
                yield request


def _status(ledger: "Ledger", key: str) -> str:
    reply = ledger.get(key)
    return reply.status if reply else ""


def next_round(stage: Stage, ledger: "Ledger") -> tuple[Sequence[Canary], dict[str, str]]:
    """Return the next round of canaries, and by key the model's first usable reply to each in an earlier round.

    It is the first round of which no reply is in the ledger. A round that a kill or a stop broke off is left as it is:
    what was asked then says nothing about the server now.
    """
    before = rounds(stage.canaries, ledger)
    canaries, first = stage.canaries(len(before)), dict[str, str]()
    for earlier in before:
        for canary, (_, reply) in zip(canaries, earlier, strict=True):
            if reply is not None and reply.status == "ok":
                first.setdefault(canary.request.key, reply.reply)
    return canaries, first


def problem_of(canary: Canary, reply: Reply | None, first: Mapping[str, str]) -> str | None:
    """Return what is wrong with the reply to a canary, None where it is as it should be."""
    if reply is None:
        return f"the canary {canary.name} got no reply, so that nobody can tell whether the model is sound"
    if reply.status != "ok":
        return f"the reply to the canary {canary.name} is unusable (status {reply.status})"
    problem = canary.problem(reply.reply, first.get(canary.request.key))
    return f"{problem}: take another model, or fix the canary" if problem else None


def started(requests: Iterator[Request]) -> Iterator[Request]:
    """Return ``requests``, the first one taken: processes that make them start now, before a run has threads."""
    return chain(list(islice(requests, 1)), requests)


def in_batches(requests: Iterable[Request], size: int = _BATCH) -> Iterator[list[Request]]:
    """Yield ``requests`` in lists of ``size``."""
    source = iter(requests)
    while some := list(islice(source, size)):
        yield some
