"""``winnow ask``: what it prints, what it writes, what it refuses, and what a kill leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.asking import fakestage
from tests.asking.conftest import KEY, command, texts_below
from tests.asking.server import Server, after, answers, in_turn, says
from tests.conftest import REPOSITORY
from winnow.cli.main import main
from winnow.ledger.ledger import Ledger

Serve = Callable[..., Server]
LEDGER = Path("data/ledger/judge")
pytestmark = pytest.mark.usefixtures("repository")


def test_ask_buys_what_is_missing_once(serve: Serve, repository: Path) -> None:
    server = serve()
    result = command(server, "--yes")
    assert result.exit_code == 0, result.output
    ledger = Ledger.read(LEDGER)
    assert all(ledger.get(request.key) for request in fakestage.requests(6))
    assert len(ledger) == len(server.seen) == 8  # two canaries
    for line in (
        "requests: 8, model gpt-4o-mini",
        "canaries: 2",
        "replies: 8 ok",
        "attempts: 8",
        "left: 0",
        "cost: $0.0",
    ):
        assert line in result.output
    assert result.output.endswith("next: dvc repro\n")
    assert KEY.encode() not in texts_below(repository)

    before = texts_below(repository / "data" / "ledger")
    result = command(server, "judge", "--yes")
    assert result.output == "Nothing to ask: every request has a reply.\n"
    assert (len(server.seen), texts_below(repository / "data" / "ledger")) == (8, before)


def test_the_next_run_asks_a_new_round_of_canaries_and_checks_it_against_the_first(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(serve(), "--yes").exit_code == 0
    monkeypatch.setenv("FAKE_REQUESTS", "9")
    other = serve(lambda seen: answers(content=f"Verdict of another model {len(seen.body['messages'][0]['content'])}"))
    result = command(other, "--yes")
    assert (result.exit_code, len(other.seen)) == (1, 1)
    assert "Stopped: the canary sings another song: take another model" in result.output
    assert "left: 3" in result.output
    same = serve()
    assert command(same, "--yes").exit_code == 0
    assert len(same.seen) == 5


def test_nothing_is_sent_before_somebody_agrees(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    result = command(server)
    assert (result.exit_code, server.seen) == (1, [])
    assert "requests: 8" in result.output
    assert "there is nobody to ask" in result.output
    result = command(server, "--dry-run")
    assert (result.exit_code, server.seen, LEDGER.exists()) == (0, [], False)
    assert "of replies at most\ncost: $0.0" in result.output
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    assert CliRunner().invoke(main, ["ask"], input="n\n").exit_code == 1
    assert server.seen == []
    assert CliRunner().invoke(main, ["ask"], input="y\n").exit_code == 0
    assert len(server.seen) == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--import", "params.yaml", "--export", "x"], "not both"),
        (["clean"], "no stage clean that asks a model"),
        (["--again", "ok"], "'ok' is not one of"),
        (["--max-cost", "0"], "not in the range"),
        (["--max-cost", "nan"], "nan is no such number"),
        (["--timeout", "inf"], "inf is no such number"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: list[str], said: str) -> None:
    result = command(None, *arguments)
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_missing_key_or_price_costs_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    Path("data/prices.yaml").unlink()
    result = command(server, "--yes", "--max-cost", "1")
    assert (result.exit_code, server.seen) == (1, [])
    assert "no price of gpt-4o-mini" in result.output
    monkeypatch.delenv("OPENAI_API_KEY")
    os.environ.pop("OPENAI_BASE_URL")
    assert "OPENAI_API_KEY is not set" in command(None, "--yes").output
    assert command(server, "--yes").exit_code == 0  # a server on this machine needs no key
    assert "authorization" not in server.seen[0].headers


def test_a_cap_leaves_the_rest_for_the_next_run(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_REQUESTS", "50")
    server = serve()
    result = command(server, "--yes", "--max-tokens", "2000")
    assert result.exit_code == 1
    assert "Stopped: the next request could pass the cap (--max-" in result.output
    used = sum(reply["prompt_tokens"] + reply["completion_tokens"] for reply in Ledger.read(LEDGER).table.to_pylist())
    assert 1500 < used <= 2000
    assert command(server, "--yes").exit_code == 0
    assert max(server.good.values()) <= 2  # a canary has the same body in every round
    assert all(server.good[seen.name] == 1 for seen in server.seen if "Judge" in seen.body["messages"][0]["content"])


def test_unusable_replies_are_asked_again_only_by_their_status(serve: Serve) -> None:
    cut = serve(lambda seen: None if "Canary" in str(seen.body) else answers(finish_reason="length"))
    result = command(cut, "--yes")
    assert result.exit_code == 0
    assert "winnow ask judge --again cut" in result.output
    server = serve()
    assert command(server, "--yes").output.startswith("Nothing to ask")
    assert command(server, "--yes", "--again", "refused").output.startswith("Nothing to ask")
    assert command(server, "--yes", "--again", "cut").exit_code == 0
    replies = [Ledger.read(LEDGER).get(request.key) for request in fakestage.requests(6)]
    assert {reply and reply.status for reply in replies} == {"ok"}


PROGRAM = "from winnow.cli.main import main; main()"


def start(server: Server, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "ask", "--yes", *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENAI_BASE_URL": server.url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(server: Server, requests: int) -> None:
    until = time.monotonic() + 20
    while len(server.seen) < requests and time.monotonic() < until:
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_or_killed_run_loses_at_most_what_was_in_flight(serve: Serve, number: int) -> None:
    server = serve(in_turn(*[None] * 12, *[after(30)] * 4))
    process = start(server, "--concurrency", "4", FAKE_REQUESTS="30")
    wait_for(server, 16)
    time.sleep(0.1)  # for the last good answers to be written
    shown = Path(f"/proc/{process.pid}/cmdline")
    assert not shown.exists() or KEY.encode() not in shown.read_bytes()
    process.send_signal(number)
    begun = time.monotonic()
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert KEY not in output
    if number == signal.SIGINT:
        assert (process.returncode, "Stopped: by hand" in output) == (130, True), output
        assert len(Ledger.read(LEDGER)) == 12
    os.environ["FAKE_REQUESTS"] = "30"
    result = command(server, "--yes")
    assert result.exit_code == 0, result.output
    assert (number == signal.SIGKILL) == ("12 replies of a run that was killed are kept" in result.output)
    paid = [seen.name for seen in server.seen if "Judge" in seen.body["messages"][0]["content"]]
    assert len(paid) - len(set(paid)) == 4  # those in flight, and no other
    assert all(server.good[name] == 1 for name in paid)


def test_a_refused_key_ends_soon(serve: Serve) -> None:
    server = serve(lambda seen: says(401, b"no"))
    begun = time.monotonic()
    process = start(server)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 15
    assert (process.returncode, len(server.seen)) == (1, 1)
    assert "Traceback" not in output
    assert "refuses access (HTTP 401)" in output


def test_a_canary_is_checked_against_its_first_usable_reply(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = serve(lambda seen: answers(content=None) if "Canary 1" in str(seen.body) else None)
    assert "the canary canary 1 is unusable (status empty)" in command(empty, "--yes").output  # round 0
    assert command(serve(), "--yes").exit_code == 0  # round 1
    monkeypatch.setenv("FAKE_REQUESTS", "9")
    other = serve(lambda seen: answers(content="Verdict X") if "Canary 1" in str(seen.body) else None)
    assert "Stopped: the canary sings another song: take another model" in command(other, "--yes").output
