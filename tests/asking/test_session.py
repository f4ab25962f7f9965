"""A run against a server that fails as told: what is kept, what is asked again, when it stops, and that it does."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate

import pytest

from tests.asking import fakestage
from tests.asking import server as fakes
from tests.asking.conftest import KEY, run
from tests.asking.server import Action, Seen, Server, after, answers, cut, in_turn, says
from winnow.ledger.request import request

Serve = Callable[..., Server]
REQUESTS = fakestage.requests(6)


def test_every_request_is_asked_once_and_its_reply_kept(serve: Serve) -> None:
    server = serve()
    ending, kept = run(server, REQUESTS)
    assert [reply.key for reply in kept] == [request.key for request in REQUESTS]
    assert {reply.status for reply in kept} == {"ok"}
    assert len(server.seen) == 6 == ending.tally.attempts
    assert ending.stopped is None
    assert all(seen.headers["authorization"] == f"Bearer {KEY}" for seen in server.seen)
    assert {reply.reply for reply in kept} == {server.answer(request.body) for request in REQUESTS}


def test_a_body_is_sent_in_its_own_order(serve: Serve) -> None:
    server = serve()
    fields = {name: {"type": "string"} for name in ("reason", "accuracy", "verdict", "b", "a")}
    run(server, [request({"model": fakestage.MODEL, "messages": [], "max_tokens": 9, "fields": fields}, 0)])
    assert list(server.seen[0].body["fields"]) == list(fields)  # a model answers in the order of the schema


def test_no_more_requests_at_a_time_than_allowed(serve: Serve) -> None:
    server = serve(lambda seen: after(0.02))
    run(server, fakestage.requests(20), concurrency=3)
    assert server.most_in_flight == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1"},
        {"retry_after_ms": "1000"},
        {"Retry-After": formatdate(1000, usegmt=True), "Date": formatdate(999, usegmt=True)},
    ],
    ids=["seconds", "milliseconds", "date"],
)
def test_nobody_sends_before_the_time_that_the_server_named(serve: Serve, headers: dict[str, str]) -> None:
    server = serve(in_turn(None, says(429, b"{}", **headers)))
    ending, kept = run(server, fakestage.requests(12), concurrency=1)
    assert len(kept) == 12
    assert server.seen[2].time - server.seen[1].time >= 1.0
    assert ending.tally.faults == {"http_429": 1}


def test_a_pause_is_for_all_workers(serve: Serve) -> None:
    refused: list[float] = []

    async def refuse(server: Server, seen: Seen, writer: asyncio.StreamWriter) -> None:
        while len(server.seen) < 5:  # the other three workers are on their way by then
            await asyncio.sleep(0.01)
        refused.append(time.monotonic())
        await says(503, b"", Retry_After="1")(server, seen, writer)

    server = serve(in_turn(None, refuse, *[after(0.5)] * 3))
    run(server, fakestage.requests(12), concurrency=4)
    assert len(server.seen) == 13
    assert all(seen.time >= refused[0] + 1 for seen in server.seen[5:])


def test_a_pause_that_is_too_long_stops_the_run(serve: Serve) -> None:
    server = serve(in_turn(None, None, says(429, b"{}", Retry_After="3600")))
    start = time.monotonic()
    ending, kept = run(server, fakestage.requests(12), concurrency=1)
    assert len(kept) == 2
    assert len(server.seen) == 3
    assert "3,600 seconds, more than --max-wait 300" in str(ending.stopped)
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (says(500, b"oops"), "http_500"), (fakes.reset, "reset"), (cut, "body_cut"), (fakes.html, "html"),
        (fakes.broken, "not_json"),
        (says(200, b'{"error": {"message": "no"}}'), "error_in_200"), (says(200, b"[]"), "not_an_object"),
        (answers(choices=[]), "choices_0"), (answers(choices=[{}, {}]), "choices_2"),
        (says(200, b"[" * 200_000), "not_json"), (answers(message=None), "no_message"),
        (answers(content=[1]), "wrong_type"), (answers(usage=None, choices=None), "choices_missing"),
        (answers(finish_reason="error"), "finish_reason_error"), (answers(finish_reason="\ud800"), "finish_reason_?"),
        (says(429), "http_429"), (says(599), "http_599"),
        (says(200, b"x" * (17 << 20)), "body_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_fault_is_asked_again_and_given_up_after_so_many_attempts(serve: Serve, action: Action, kind: str) -> None:
    ending, kept = run(serve(in_turn(None, action)), REQUESTS[:2], concurrency=1)
    assert [reply.status for reply in kept] == ["ok", "ok"]
    assert ending.tally.faults == {kind: 1}

    one, other = REQUESTS[:2]
    server = serve(lambda seen: action if seen.body == other.body else None)
    ending, kept = run(server, [one, other], attempts=2)
    assert [reply.key for reply in kept] == [one.key]  # and nothing of the other: it stays pending
    assert (ending.tally.faults, ending.tally.unanswered, len(server.seen)) == ({kind: 2}, 1, 3)


@pytest.mark.parametrize("action", [fakes.stall, fakes.drip])
def test_an_attempt_is_bounded_however_a_server_answers_and_is_made_again(serve: Serve, action: Action) -> None:
    # no reply is to come in time, which a busy machine could hinder
    ending, kept = run(serve(lambda seen: action), REQUESTS[:1], timeout=0.3, attempts=2)
    assert (ending.tally.faults, ending.tally.attempts, kept) == ({"timeout": 2}, 2, [])


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"content": None}, "empty", ""), ({"content": " \n"}, "empty", " \n"),
        ({"finish_reason": "length"}, "cut", None), ({"finish_reason": "length", "content": None}, "cut", ""),
        ({"refusal": "I cannot.", "content": None}, "refused", "I cannot."),
        ({"finish_reason": "content_filter"}, "refused", None), ({"finish_reason": "sensitive"}, "refused", None),
        ({"finish_reason": None}, "ok", None),
        ({"model": f"{fakestage.MODEL}-2024-07-18"}, "ok", None),
        ({"usage": None}, "ok", None), ({"content": "\ud800 half"}, "ok", "\ud800 half"),
    ],
)  # fmt: skip
def test_what_is_finished_is_kept_with_its_status_and_not_asked_again(
    serve: Serve, changes: dict[str, object], status: str, text: str | None
) -> None:
    server = serve(lambda seen: answers(**changes))
    ending, kept = run(server, REQUESTS[:2])
    assert [reply.status for reply in kept] == [status] * 2
    assert text is None or kept[0].reply == text
    assert len(server.seen) == 2
    assert ending.stopped is None


def test_another_model_stops_the_run_and_is_recorded(serve: Serve) -> None:
    for name, kept_ones in ((f"{fakestage.MODEL}-2025-01-01", 3), ("gpt-3.5-turbo", 3)):
        server = serve(in_turn(None, None, answers(model=name)))
        ending, kept = run(server, fakestage.requests(12), concurrency=1)
        assert Counter(reply.status for reply in kept) == {"ok": 2, "other_model": 1}
        assert len(server.seen) == kept_ones
        assert f"answers as {name}; {fakestage.MODEL} answered before" in str(ending.stopped)


def test_the_name_of_a_model_is_shown_without_what_moves_a_terminal(serve: Serve) -> None:
    ending, kept = run(serve(lambda seen: answers(model="\x1b[2Jother\ud800\n" + "x" * 5000)), REQUESTS[:1])
    assert "answers as [2Jother" in str(ending.stopped)
    assert (ending.stopped or "").isprintable()
    assert len(kept[0].model) <= 1000


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_costs_one_request_and_its_answer_is_not_shown(serve: Serve, status: int) -> None:
    server = serve(lambda seen: says(status, f"Wrong key {KEY[:12]}…".encode()))
    ending, kept = run(server, REQUESTS)
    assert (len(server.seen), kept) == (1, [])
    assert "check OPENAI_API_KEY" in str(ending.stopped)
    assert KEY[:12] not in str(ending.stopped)


def test_a_key_that_the_server_echoes_is_taken_out(serve: Serve) -> None:
    echo = answers(content=f"8, and your key is {KEY}", finish_reason="stop")
    ending, kept = run(serve(in_turn(echo, says(422, f'{{"error": "Bearer {KEY}?"}}'.encode()))), REQUESTS[:2])
    assert {reply.reply for reply in kept} == {"8, and your key is [key]", "Bearer [key]?"}
    assert KEY not in repr((ending, kept))
    ending, _ = run(serve(lambda seen: says(302, Location=f"http://elsewhere.test/{KEY}")), REQUESTS)
    assert "redirects (HTTP 302) to http://elsewhere.test/[key]" in str(ending.stopped)
    ending, _ = run(serve(lambda seen: answers(model=KEY)), REQUESTS)
    assert "answers as [key]; that is not the model" in str(ending.stopped)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_first_request_that_the_server_rejects_stops_with_its_words_and_advice(serve: Serve, status: int) -> None:
    server = serve(lambda seen: says(status, b'{"error": {"message": "response_format is not\\nsupported"}}'))
    ending, kept = run(server, REQUESTS)
    assert (len(server.seen), kept) == (1, [])
    assert "response_format is not supported" in str(ending.stopped)
    assert str(ending.stopped).endswith("supported. Take another form of replies.")


def test_a_later_request_that_the_server_rejects_is_finished_with_its_reason(serve: Serve) -> None:
    server = serve(in_turn(None, says(400, b'{"detail": "too long"}')))
    ending, kept = run(server, REQUESTS)
    assert sorted((reply.status, reply.reply) for reply in kept)[-1] == ("rejected", "too long")
    assert (len(server.seen), ending.stopped) == (6, None)


def test_a_server_that_rejects_or_fails_one_after_the_other_is_left_alone(serve: Serve) -> None:
    server = serve(lambda seen: None if seen.number == 0 else says(400, b'{"detail": "bad day"}'))
    ending, _ = run(server, fakestage.requests(100), concurrency=1)
    assert (len(server.seen), "20 requests in a row: bad day" in str(ending.stopped)) == (21, True)
    server = serve(lambda seen: None if seen.number == 0 else says(500))
    ending, _ = run(server, fakestage.requests(100), concurrency=1, attempts=1)
    assert (len(server.seen), "20 requests in a row got no reply" in str(ending.stopped)) == (21, True)


def test_nothing_listens(serve: Serve) -> None:
    server = serve()
    server.stop()
    start = time.monotonic()
    ending, kept = run(server, REQUESTS)
    assert "nothing answers at http://127.0.0.1" in str(ending.stopped)
    assert (kept, ending.tally.attempts) == ([], 1)
    assert time.monotonic() - start < 60


def test_canaries_go_first_the_first_one_alone(serve: Serve) -> None:
    server = serve()
    ending, kept = run(server, REQUESTS, canaries=True)
    assert [seen.body["messages"][0]["content"] for seen in server.seen[:2]] == ["Canary 0.", "Canary 1."]
    assert (len(kept), ending.tally.canaries) == (8, 2)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (answers(content="I am new here"), "does not sing"),
        (answers(finish_reason="length"), "unusable (status cut)"),
        (says(500), "got no reply"),
    ],
)
def test_a_canary_that_is_not_well_stops_the_run(serve: Serve, action: Action, said: str) -> None:
    server = serve(lambda seen: action if "Canary 1" in seen.body["messages"][0]["content"] else None)
    ending, _ = run(server, REQUESTS, canaries=True)
    assert said in str(ending.stopped)
    assert all("Canary" in seen.body["messages"][0]["content"] for seen in server.seen)
