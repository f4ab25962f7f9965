"""A client of the tests' server: downloads from it, and what it asked."""

from typing import Any

from tests.fetching.server import SHA, Server, network
from winnow.fetching.download import CAP, download
from winnow.fetching.partial import Partial


def get(server: Server, part: Partial, sha256: str | None = SHA, cap: int = CAP, **changes: Any) -> str:
    """Download the server's file over a network with some ``changes``, and return its digest."""
    return download(server.url(), part, sha256, cap, network(server.certificate, **changes), lambda done, total: None)


def ranges(server: Server) -> list[str | None]:
    """Return the Range of each request, None where the whole was asked for."""
    return [headers.get("range") for _, headers in server.requests]
