"""Endpoint, redaction, prices, estimate, budget, waiting: the parts of asking, one by one."""

import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.asking import fakestage
from tests.asking.conftest import KEY
from tests.conftest import REPOSITORY
from winnow.asking.budget import Budget, Need, worst
from winnow.asking.endpoint import endpoint
from winnow.asking.estimate import cap_problem, estimate, lines
from winnow.asking.outcome import asked_to_wait
from winnow.asking.prices import PICO, Price, read_prices
from winnow.asking.redact import redactor, words
from winnow.harness.errors import UserError
from winnow.ledger.request import request


def leads_to(*addresses: str) -> Any:
    return lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in addresses]


def where(base: str, key: str = KEY, addresses: Sequence[str] = ("93.184.216.34",), **options: bool) -> str:
    given_ = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": key}
    return endpoint(given_, resolve=leads_to(*addresses), **options).url


def test_where_requests_go() -> None:
    assert endpoint({"OPENAI_API_KEY": KEY}).url == "https://api.openai.com/v1/chat/completions"
    assert where("https://models.test/v1/") == "https://models.test/v1/chat/completions"
    assert where("http://models.test:8000/v1", addresses=["10.0.0.7"]).startswith("http://models.test:8000/")
    assert where("http://models.test/v1", key="").startswith("http://models.test/")  # nothing secret travels
    assert where("http://models.test/v1", insecure=True).startswith("http://models.test/")


@pytest.mark.parametrize(
    ("base", "key", "said"),
    [
        ("", "", "OPENAI_API_KEY is not set"),
        ("https://api.openai.com/v1", "", "OPENAI_API_KEY is not set"),
        ("http://models.test/v1", KEY, "plain http to models.test"),
        ("ftp://models.test/v1", KEY, "starts neither"),
        ("https://me:secret@models.test/v1", KEY, "carries a user name"),
        ("https://models.test/v1?key=1", KEY, "leave them out"),
        ("https://models.test/v1", "sk-a\nHost: other", "line break"),
        ("https://models.test/v1", "ключ", "no key has"),
    ],
)
def test_addresses_and_keys_that_are_refused_without_showing_them(base: str, key: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        where(base, key)
    assert "secret" not in str(error.value)
    assert not key or key not in str(error.value)


def test_one_address_of_the_internet_among_private_ones_is_enough_to_refuse() -> None:
    with pytest.raises(UserError, match="plain http"):
        where("http://models.test/v1", addresses=["10.0.0.7", "93.184.216.34"])


def test_an_endpoint_shows_no_key() -> None:
    assert KEY not in repr(endpoint({"OPENAI_API_KEY": KEY}))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_keeps_the_key(before: str, after: str) -> None:
    redact = redactor(KEY)
    assert KEY not in redact(f"{before}{KEY}{after}{KEY}")
    assert KEY[:12] not in words(f"{'x' * 235}{KEY}".encode(), redact)  # shortened after it is redacted, not before
    assert words(f"bad key {KEY[:9]}\u200b{KEY[9:]}".encode(), redact) == "bad key [key]"  # a sign that is left out


@given(st.binary(max_size=300))
def test_words_of_a_server_are_one_short_printable_line(body: bytes) -> None:
    said = words(body, redactor(KEY))
    assert said.isprintable()
    assert 0 < len(said) <= 241


def test_deep_json_is_no_harm() -> None:
    assert words(b'{"error":' * 50_000, str).startswith('{"error":')


def test_prices_of_this_repository_can_be_read() -> None:
    prices = read_prices(REPOSITORY / "data" / "prices.yaml")
    assert prices["gpt-4o-mini"].cost(1_000_000, 1_000_000) == PICO * 75 // 100


@pytest.mark.parametrize(
    "text", ["[]", "m: 1", "m: {input: 1}", "m: {input: -1, output: 1}", "m: {input: x, output: 1}", "{"]
)
def test_prices_that_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="prices"):
        read_prices(tmp_path / "prices.yaml")
    assert read_prices(tmp_path / "none.yaml") == {}


def test_an_estimate_says_requests_tokens_and_cost() -> None:
    some = fakestage.requests(2500)
    found = estimate(some, {fakestage.MODEL: Price(150_000, 600_000, 0.5)})
    assert (found.requests, found.completion, found.unlimited) == (2500, 50_000, 0)
    assert found.prompt < sum(worst(one, {}).prompt for one in some)
    assert found.cost == found.prompt * 150_000 + 50_000 * 600_000
    assert estimate(some, {fakestage.MODEL: Price(150_000, 600_000, 0.5)}, batch=True).cost == pytest.approx(
        found.cost / 2, 1e-6
    )
    assert "unknown price of gpt-4o-mini" in "\n".join(lines(estimate(some, {})))


@pytest.mark.parametrize("limit", [-1, 0, True, "100", 1.5, None])
def test_a_limit_that_bounds_nothing_holds_no_cap(limit: Any) -> None:
    some = [request({"model": "m", "messages": [], "max_tokens": 9, "max_completion_tokens": limit}, 0)]
    found = estimate(some, {})
    if limit is None:
        assert (cap_problem(found, 100, None), worst(some[0], {}).completion) == (None, 9)
    else:
        assert "no cap could be held" in str(cap_problem(found, 100, None))


def test_caps_that_could_not_be_held_are_said_before() -> None:
    unlimited = estimate([request(fakestage.body("Hi", None), 0)], {})
    assert cap_problem(unlimited, None, None) is None
    assert "no max_tokens" in str(cap_problem(unlimited, 100, None))
    assert "no price of gpt-4o-mini" in str(cap_problem(estimate(fakestage.requests(1), {}), None, 1))
    assert cap_problem(estimate(fakestage.requests(1), {}), 100, None) is None


@given(st.text(max_size=200), st.integers(1, 10))
def test_the_worst_case_is_above_the_bytes_of_the_texts(text: str, messages: int) -> None:
    body = fakestage.body(text) | {"messages": [{"role": "user", "content": text}] * messages}
    need = worst(request(body | {"max_tokens": 7}, 0), {})
    assert need.prompt > messages * len(text.encode(errors="replace"))
    assert need.completion == 7


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 100)), max_size=40))
def test_whatever_is_reserved_and_used_no_cap_is_passed(attempts: list[tuple[int, int, int]]) -> None:
    budget, open_ = Budget(max_tokens=200, max_cost=500), list[Need]()
    for prompt, completion, share in attempts:
        need = Need(prompt, completion, prompt * 2 + completion * 3)
        if budget.fits(need):
            budget.reserve(need)
            open_.append(need)
        elif open_:
            done = open_.pop(0)
            used = Need(done.prompt * share // 100, done.completion * share // 100, done.cost * share // 100)
            budget.settle(done, used)
        assert budget.tokens + budget.reserved_tokens <= 200
        assert budget.cost + budget.reserved_cost <= 500


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_is_a_time_to_wait_or_none(after: str, date: str) -> None:
    wait = asked_to_wait({"retry-after": after, "date": date}, datetime.now(UTC))
    assert wait is None or wait >= 0


def test_a_date_is_held_against_the_clock_of_the_server() -> None:
    headers = {"retry-after": "Sun, 06 Nov 2044 08:49:37 GMT", "date": "Sun, 06 Nov 2044 08:49:30 GMT"}
    assert asked_to_wait(headers, datetime(1990, 1, 1, tzinfo=UTC)) == 7
    assert asked_to_wait({"retry-after": headers["retry-after"]}, datetime(2044, 11, 6, 8, 49, tzinfo=UTC)) == 37
    assert asked_to_wait({"retry-after": "soon"}, datetime.now(UTC)) is None
    assert asked_to_wait({"retry-after": "-5"}, datetime.now(UTC)) == 0
