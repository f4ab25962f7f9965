"""``winnow ask``: what it prints, what it writes, what it refuses, and what a kill leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.asking import fakestage
from tests.asking.conftest import KEY
from tests.asking.server import Server, after, answers, in_turn, says
from tests.conftest import REPOSITORY
from winnow.cli import ask
from winnow.cli.main import main
from winnow.ledger.ledger import Ledger

Serve = Callable[..., Server]
LEDGER = Path("data/ledger/judge")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with this repository's settings as the working directory, and a stage with six requests."""
    for name in ("params.yaml", "dvc.yaml", "data/prices.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((REPOSITORY / name).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ask.STAGES, "judge", "tests.asking.fakestage")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("FAKE_REQUESTS", "6")
    return tmp_path


def run(server: Server | None, *arguments: str) -> Result:
    if server:
        os.environ["OPENAI_BASE_URL"] = server.url
    result = CliRunner().invoke(main, ["ask", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert KEY not in result.output
    return result


@pytest.fixture(autouse=True)
def base_url() -> Iterator[None]:
    """Forget the server of a test."""
    yield
    os.environ.pop("OPENAI_BASE_URL", None)


def texts_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_ask_buys_what_is_missing_once(serve: Serve, repository: Path) -> None:
    server = serve()
    result = run(server, "--yes")
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
    result = run(server, "judge", "--yes")
    assert result.output == "Nothing to ask: every request has a reply.\n"
    assert (len(server.seen), texts_below(repository / "data" / "ledger")) == (8, before)


def test_the_next_run_asks_a_new_round_of_canaries_and_holds_it_against_the_first(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(serve(), "--yes").exit_code == 0
    monkeypatch.setenv("FAKE_REQUESTS", "9")
    other = serve(lambda seen: answers(content=f"Verdict of another model {len(seen.body['messages'][0]['content'])}"))
    result = run(other, "--yes")
    assert (result.exit_code, len(other.seen)) == (1, 1)
    assert "Stopped: the canary sings another song: take another model" in result.output
    assert "left: 3" in result.output
    same = serve()
    assert run(same, "--yes").exit_code == 0
    assert len(same.seen) == 5


def test_nothing_is_sent_before_somebody_agrees(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    result = run(server)
    assert (result.exit_code, server.seen) == (1, [])
    assert "requests: 8" in result.output
    assert "there is nobody to ask" in result.output
    result = run(server, "--dry-run")
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
    result = run(None, *arguments)
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_missing_key_or_price_costs_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    Path("data/prices.yaml").unlink()
    result = run(server, "--yes", "--max-cost", "1")
    assert (result.exit_code, server.seen) == (1, [])
    assert "no price of gpt-4o-mini" in result.output
    monkeypatch.delenv("OPENAI_API_KEY")
    os.environ.pop("OPENAI_BASE_URL")
    assert "OPENAI_API_KEY is not set" in run(None, "--yes").output
    assert run(server, "--yes").exit_code == 0  # a server on this machine needs no key
    assert "authorization" not in server.seen[0].headers


def test_a_cap_leaves_the_rest_for_the_next_run(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_REQUESTS", "50")
    server = serve()
    result = run(server, "--yes", "--max-tokens", "2000")
    assert result.exit_code == 1
    assert "Stopped: the next request could pass the cap (--max-" in result.output
    used = sum(reply["prompt_tokens"] + reply["completion_tokens"] for reply in Ledger.read(LEDGER).table.to_pylist())
    assert 1500 < used <= 2000
    assert run(server, "--yes").exit_code == 0
    assert max(server.good.values()) <= 2  # a canary has the same body in every round
    assert all(server.good[seen.name] == 1 for seen in server.seen if "Judge" in seen.body["messages"][0]["content"])


def test_unusable_replies_are_asked_again_only_by_their_status(serve: Serve) -> None:
    cut = serve(lambda seen: None if "Canary" in str(seen.body) else answers(finish_reason="length"))
    result = run(cut, "--yes")
    assert result.exit_code == 0
    assert "winnow ask judge --again cut" in result.output
    server = serve()
    assert run(server, "--yes").output.startswith("Nothing to ask")
    assert run(server, "--yes", "--again", "refused").output.startswith("Nothing to ask")
    assert run(server, "--yes", "--again", "cut").exit_code == 0
    replies = [Ledger.read(LEDGER).get(request.key) for request in fakestage.requests(6)]
    assert {reply and reply.status for reply in replies} == {"ok"}


def answered(lines: list[dict[str, Any]], file: str, canaries: str = "Verdict 8") -> None:
    """Write the results of Batch lines as OpenAI does; the model says ``canaries`` to canaries."""
    out = []
    for one in lines:
        said = canaries if "Canary" in one["body"]["messages"][0]["content"] else f"8 {KEY}"
        message = {"role": "assistant", "content": said}
        body = {"model": fakestage.MODEL, "choices": [{"message": message, "finish_reason": "stop"}]}
        out.append(json.dumps({"custom_id": one["custom_id"], "response": {"status_code": 200, "body": body}}))
    Path(file).write_text("\n".join(out), encoding="utf-8")


def exported(folder: str) -> list[dict[str, Any]]:
    result = run(None, "--export", folder)
    assert result.exit_code == 0, result.output
    text = Path(folder, "judge-0001.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_export_and_import() -> None:
    lines = exported("batch")
    assert ["Canary" in one["body"]["messages"][0]["content"] for one in lines] == [True] * 2 + [False] * 6
    answered(lines[:5], "out-0.jsonl")
    answered(lines[5:7], "out-1.jsonl")
    result = run(None, "--import", "out-0.jsonl", "out-1.jsonl")
    assert result.exit_code == 1, result.output
    assert "replies: 7 ok" in result.output
    assert "left: 1" in result.output
    assert len(Ledger.read(LEDGER)) == 7
    result = run(None, "judge", "--import", "out-1.jsonl")
    assert "known already: 2; of requests that nobody asks for: 0" in result.output
    assert KEY.encode() not in texts_below(Path("data/ledger"))
    assert run(None, "--import", "params.yaml").exit_code == 1


@pytest.mark.parametrize("said", ["No.", "Verdict 9"])
def test_a_batch_whose_canaries_are_off_is_named(said: str) -> None:
    lines = exported("first")
    answered(lines[:4], "out.jsonl")
    assert run(None, "--import", "out.jsonl").exit_code == 1
    lines = exported("second")
    assert len(lines) == 2 + 4
    answered(lines, "out.jsonl", canaries=said)
    result = run(None, "--import", "out.jsonl")
    assert result.exit_code == 1
    assert "Warning: the canary" in result.output
    assert len(Ledger.read(LEDGER)) == 2 + 2 + 6  # what was paid for is kept


PROGRAM = (
    "from winnow.cli import ask; ask.STAGES['judge'] = 'tests.asking.fakestage'; "
    "from winnow.cli.main import main; main()"
)


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
    command = Path(f"/proc/{process.pid}/cmdline")
    assert not command.exists() or KEY.encode() not in command.read_bytes()
    process.send_signal(number)
    begun = time.monotonic()
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert KEY not in output
    if number == signal.SIGINT:
        assert (process.returncode, "Stopped: by hand" in output) == (130, True), output
        assert len(Ledger.read(LEDGER)) == 12
    os.environ["FAKE_REQUESTS"] = "30"
    result = run(server, "--yes")
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
    assert time.monotonic() - begun < 5
    assert (process.returncode, len(server.seen)) == (1, 1)
    assert "Traceback" not in output
    assert "refuses access (HTTP 401)" in output


def test_a_canary_is_held_against_its_first_usable_reply(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = serve(lambda seen: answers(content=None) if "Canary 1" in str(seen.body) else None)
    assert "the canary canary 1 is unusable (status empty)" in run(empty, "--yes").output  # round 0
    assert run(serve(), "--yes").exit_code == 0  # round 1
    monkeypatch.setenv("FAKE_REQUESTS", "9")
    other = serve(lambda seen: answers(content="Verdict X") if "Canary 1" in str(seen.body) else None)
    assert "Stopped: the canary sings another song: take another model" in run(other, "--yes").output
