"""Caps, an end of time, and faults of our own: a run stops before it passes them."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.asking import fakestage
from tests.asking.conftest import PRICES, run
from tests.asking.server import Action, Server, after, answers, cut
from winnow.asking.budget import Budget, worst
from winnow.asking.prices import PICO
from winnow.asking.tally import summary
from winnow.ledger.request import Request

Serve = Callable[..., Server]
REQUESTS = fakestage.requests(6)


@pytest.mark.parametrize("kind", ["tokens", "cost"])
@pytest.mark.parametrize("action", [None, answers(usage=None), cut], ids=["told", "not told", "broken off"])
def test_a_cap_is_never_passed_and_nearly_used(serve: Serve, kind: str, action: Action | None) -> None:
    requests = fakestage.requests(60)
    each = worst(requests[0], PRICES)
    budget = Budget(max_tokens=each.tokens * 10) if kind == "tokens" else Budget(max_cost=each.cost * 10)
    server = serve(
        lambda seen: action and after(0.01, action) if seen.number else None
    )  # the first shows that it is up
    ending, kept = run(server, requests, budget=budget, concurrency=8, attempts=2)
    assert str(ending.stopped).startswith("the next request could pass the cap (--max-")
    assert budget.tokens <= (budget.max_tokens or budget.tokens)
    assert budget.cost <= (budget.max_cost or PICO)
    assert (budget.open, budget.reserved_tokens, budget.reserved_cost) == (0, 0, 0)
    if action is None:  # what was really used is less than what was set aside, so more requests fitted than ten
        assert sum((one.prompt_tokens or 0) + (one.completion_tokens or 0) for one in kept) == budget.tokens
        assert 10 < len(server.seen) < 60
    else:
        assert 9 <= len(server.seen) <= 11


def test_no_request_is_sent_where_not_even_one_fits(serve: Serve) -> None:
    server = serve()
    ending, _ = run(server, REQUESTS, budget=Budget(max_tokens=50))
    assert "could pass the cap" in str(ending.stopped)
    assert server.seen == []


def test_an_end_of_time(serve: Serve) -> None:
    server = serve(lambda seen: after(0.1))
    start = time.monotonic()
    ending, kept = run(server, fakestage.requests(100), max_time=0.35)
    assert "--max-time of 0.35 seconds" in str(ending.stopped)
    assert 0 < len(kept) == len(server.seen) < 100  # what was in flight was waited for
    assert time.monotonic() - start < 2


def test_a_fault_of_ours_ends_the_run_at_once(serve: Serve) -> None:
    def source() -> Iterator[Request]:
        yield from REQUESTS[:3]
        raise ValueError("broken source")

    server = serve()
    with pytest.raises(ValueError, match="broken source"):
        run(server, source())
    assert len(server.seen) <= 3


def test_a_use_above_the_reservation_is_reserved_from_then_on_and_said(serve: Serve) -> None:
    requests = fakestage.requests(40)
    each = worst(requests[0], PRICES)
    usage = {"prompt_tokens": each.prompt, "completion_tokens": 5 * each.completion}
    most = each.tokens * 12
    budget = Budget(max_tokens=most)
    server = serve(lambda seen: answers(usage=usage))
    ending, kept = run(server, requests, budget=budget, concurrency=1)
    used = each.prompt + 5 * each.completion
    assert "cap (--max-tokens" in str(ending.stopped)
    assert len(kept) == len(server.seen) == most // used  # the first shows what a reply uses
    assert budget.tokens <= most
    assert budget.passed is None


def test_a_cap_that_was_passed_is_said(serve: Serve) -> None:
    requests = fakestage.requests(5)
    each = worst(requests[0], PRICES)
    budget = Budget(max_tokens=each.tokens + 1)
    usage = {"prompt_tokens": each.prompt, "completion_tokens": 9 * each.completion}
    ending, _ = run(serve(lambda seen: answers(usage=usage)), requests, budget=budget, concurrency=1)
    said = summary(ending.tally, budget, 4, priced=False)
    assert [line for line in said if line.startswith("warning: the cap (--max-tokens")] != []
