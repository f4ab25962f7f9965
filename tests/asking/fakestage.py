"""A stage that asks a model, for tests: as many requests as ``FAKE_REQUESTS`` says, and two canaries."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from winnow.ledger.request import Request, request
from winnow.replies.stage import Canary

MODEL = "gpt-4o-mini"  # so that there is a price


def body(text: str, max_tokens: int | None = 20) -> dict[str, Any]:
    """Return the body of a request that says ``text``."""
    limit = {} if max_tokens is None else {"max_tokens": max_tokens}
    return {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": text}], **limit}


def requests(count: int, *, placed: bool = False) -> list[Request]:
    """Return the first ``count`` requests, each in a slot of a plan where they are ``placed``."""
    made = (
        request(body(f"Judge row {n}. 请评判。"), 0, {"plan": "计划", "slot": n} if placed else None)
        for n in range(count)
    )
    return sorted(made, key=lambda one: one.key)


class FakeStage:
    """The stage, opened or not."""

    def open(self, params: Mapping[str, Any], locate: object) -> "FakeStage":
        """Return itself: nothing of it depends on params.yaml."""
        return self

    def pending(self, *, answered: bool = False) -> Iterator[Request]:
        """Yield the requests, whether they have replies or not."""
        yield from requests(int(os.environ.get("FAKE_REQUESTS", "6")), placed="FAKE_PLACES" in os.environ)

    def begin(self) -> None:
        """Write nothing."""

    def canaries(self, session: int) -> list[Canary]:
        """Return the two canaries of a round: a reply must begin with the word Verdict, and be the first one again."""

        def problem(reply: str, first: str | None) -> str | None:
            if not reply.startswith("Verdict"):
                return "the canary does not sing"
            return None if first in (None, reply) else "the canary sings another song"

        return [Canary(f"canary {n}", request(body(f"Canary {n}."), -1 - session), problem) for n in range(2)]

    def accepts(self, name: str) -> bool:
        """Accept the model and its dated snapshots."""
        return name == MODEL or name.startswith(f"{MODEL}-2")

    def advice(self, words: str) -> str | None:
        """Know one part of a request."""
        return "Take another form of replies." if "response_format" in words else None


FAKE = FakeStage()
