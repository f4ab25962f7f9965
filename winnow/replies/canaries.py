"""Rounds of canaries: each session of ``winnow ask`` sends the same ones again, under keys of its own."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from winnow.harness.errors import UserError
from winnow.ledger.line import Reply
from winnow.replies.stage import Canary

if TYPE_CHECKING:
    from winnow.ledger.ledger import Ledger

Round = list[tuple[Canary, Reply | None]]


def rounds(canaries: Callable[[int], Sequence[Canary]], ledger: "Ledger") -> list[Round]:
    """Return the rounds that were asked, the first one first: each canary of it with its reply, if it got one.

    Raises :class:`UserError` where the keys of two rounds do not differ, for that would never end.
    """
    sessions: list[Round] = []
    before: list[str] = []
    while asked := canaries(len(sessions)):
        keys = [canary.request.key for canary in asked]
        if keys == before:
            raise UserError("the canaries of this stage do not differ from round to round; this is a fault of it.")
        replies = [ledger.get(key) for key in keys]
        if all(reply is None for reply in replies):
            break
        sessions.append(list(zip(asked, replies, strict=True)))
        before = keys
    return sessions
