"""Servers that fail as told, and runs against them."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.asking import fakestage
from tests.asking.server import Script, Server
from tests.conftest import REPOSITORY
from winnow.asking.budget import Budget
from winnow.asking.endpoint import endpoint
from winnow.asking.outcome import Reading
from winnow.asking.pace import Limits
from winnow.asking.prices import Price
from winnow.asking.run import Ending, ask
from winnow.asking.session import How
from winnow.cli.main import main
from winnow.ledger.line import Reply
from winnow.ledger.request import Request

JUDGE = "winnow.judging.stage:JUDGE"
KEY = "sk-canary-0123456789abcdefghij"
PRICES = {fakestage.MODEL: Price(150_000, 600_000, 0.5)}


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers and stop them at the end."""
    started: list[Server] = []

    def start(script: Script = lambda seen: None, **options: Any) -> Server:
        started.append(Server(script, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def run(
    server: Server,
    requests: Iterable[Request],
    *,
    canaries: bool = False,
    timeout: float = 60.0,
    budget: Budget | None = None,
    **limits: Any,
) -> tuple[Ending, list[Reply]]:
    """Ask ``requests`` and return how it ended and what was kept."""
    kept: list[Reply] = []
    where = endpoint({"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY})
    limit = Limits(**{"concurrency": 4, "attempts": 4, "first_backoff": 0.01, **limits})
    first = fakestage.FAKE.canaries(0) if canaries else []
    reading = Reading(fakestage.FAKE.accepts, where.redact, fakestage.FAKE.advice)
    how = How(where, limit, timeout, budget or Budget(), PRICES, reading)
    ending = ask(how, kept.append, first, {}, iter(requests))
    return ending, sorted(kept)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with this repository's settings as the working directory, and a stage with six requests."""
    for name in ("params.yaml", "dvc.yaml", "data/prices.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(JUDGE, "tests.asking.fakestage:FAKE"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("FAKE_REQUESTS", "6")
    monkeypatch.setenv("OPENAI_BASE_URL", "")  # forgotten after the test
    return tmp_path


def command(server: Server | None, *arguments: str) -> Result:
    if server:
        os.environ["OPENAI_BASE_URL"] = server.url
    result = CliRunner().invoke(main, ["ask", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert KEY not in result.output
    return result


def texts_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
