"""Servers to download from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fetching.server import Server, certificate
from winnow.fetching.partial import Partial


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for files.test and other.test, which the tests' network trusts."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that speaks plain http."""
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def secure(trusted: Path) -> Iterator[Server]:
    """A server that speaks https."""
    made = Server(trusted)
    yield made
    made.stop()


@pytest.fixture
def part(tmp_path: Path) -> Partial:
    """A partial file that nothing was downloaded of yet."""
    return Partial(tmp_path / "rows.jsonl.part")
