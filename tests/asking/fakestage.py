"""A stage that asks a model, for tests: as many requests as ``FAKE_REQUESTS`` says, and two canaries."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from winnow.ledger.request import Request, request

MODEL = "gpt-4o-mini"  # so that there is a price


class Canary(NamedTuple):
    """A canary whose reply must begin with the word Verdict, and be the one of the first round."""

    name: str
    request: Request
    problem: Callable[[str, str | None], str | None]


def body(text: str, max_tokens: int | None = 20) -> dict[str, Any]:
    """Return the body of a request that says ``text``."""
    limit = {} if max_tokens is None else {"max_tokens": max_tokens}
    return {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": text}], **limit}


def requests(count: int) -> list[Request]:
    """Return the first ``count`` requests."""
    return sorted(request(body(f"Judge row {n}. 请评判。"), 0) for n in range(count))


def pending(params: Mapping[str, Any], again: Collection[str] = ()) -> Iterator[Request]:
    """Yield the requests, whether they have replies or not."""
    yield from requests(int(os.environ.get("FAKE_REQUESTS", "6")))


def canaries(params: Mapping[str, Any], number: int) -> list[Canary]:
    """Return the two canaries of a round."""

    def problem(reply: str, first: str | None) -> str | None:
        if not reply.startswith("Verdict"):
            return "the canary does not sing"
        return None if first in (None, reply) else "the canary sings another song"

    return [Canary(f"canary {n}", request(body(f"Canary {n}."), -1 - number), problem) for n in range(2)]


def accepts(params: Mapping[str, Any]) -> Callable[[str], bool]:
    """Accept the model and its dated snapshots."""
    return lambda name: name == MODEL or name.startswith(f"{MODEL}-2")
