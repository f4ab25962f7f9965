"""Send one HTTP request and check every connection that it takes: scheme, address, redirects.

The name of a host is looked up once for each connection, all addresses are checked, and the connection is made to one
of those very addresses: a name that points elsewhere a moment later (DNS rebinding) gains nothing. Proxies of the
environment are not used: through one, the address that is reached cannot be checked.
"""

import http.client
import importlib.util
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit

from winnow.fetching.addresses import is_public
from winnow.fetching.pace import Limits, Pace, PacedResponse
from winnow.harness.errors import UserError
from winnow.reading.remote import shown, url_problem

REDIRECTS = 5
_ADDRESSES = 8  # of one name that are tried: each may take as long as ``connect_s``
_MOVED = frozenset({301, 302, 303, 307, 308})
_AS_IS = "/%:@!$&'()*+,;=~-._?"  # of RFC 3986's characters in path and query


@dataclass(frozen=True)
class Network:
    """How connections are made. Commands use the defaults; no option, setting or variable changes ``allowed``."""

    allowed: Callable[[str], bool] = is_public
    resolve: Callable[..., list[Any]] = socket.getaddrinfo
    tls: ssl.SSLContext | None = None
    connect_s: float = 15.0  # seconds for one address to answer
    stall_s: float = 30.0  # seconds without one byte
    tries: int = 5  # broken connections in a row without progress
    pause: Callable[[float], None] = time.sleep
    limits: Limits = field(default_factory=Limits)


class Dropped(Exception):
    """A connection broke, or the server asked to come back later (``wait`` seconds): worth another try."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class Unreachable(Exception):
    """No connection came about."""


def _dial(host: str, port: int, network: Network) -> socket.socket:
    """Return a socket connected to a checked address of ``host``."""
    try:
        addresses = network.resolve(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(error.strerror or str(error)) from None
    for *_, address in addresses:
        if not network.allowed(address[0]):
            which = host if host == address[0] else f"{host} leads to {address[0]}, which"
            raise UserError(f"{which} is no address of the public internet; nothing is fetched from there.")
    why = "it has no address"
    for family, kind, protocol, _, address in addresses[:_ADDRESSES]:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(network.connect_s)
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            why = error.strerror or str(error)
    raise Unreachable(why)


@cache  # reading all authorities takes longer than a small file
def _trusted() -> ssl.SSLContext:
    """Return a context with the system's authorities; certifi's where Python has no list of them (macOS)."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath) and importlib.util.find_spec("certifi"):
        context.load_verify_locations(importlib.import_module("certifi").where())
    return context


class _Connection(http.client.HTTPConnection):
    """An HTTP(S) connection to an address that was checked."""

    def __init__(self, parts: SplitResult, network: Network, pace: Pace) -> None:
        self._secure, self._network = parts.scheme == "https", network
        self.default_port = 443 if self._secure else 80
        host = str(parts.hostname)
        super().__init__(host if ":" in host else host.encode("idna").decode(), parts.port or self.default_port)
        self.response_class = partial(PacedResponse, pace=pace)  # type: ignore[assignment]  # http.client calls it

    def connect(self) -> None:
        connection = _dial(self.host, self.port, self._network)
        try:
            if self._secure:
                context = self._network.tls or _trusted()
                connection = context.wrap_socket(connection, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise UserError(
                f"{self.host} shows a certificate that is not trusted ({error.verify_message}); nothing was fetched."
            ) from None
        except BaseException:
            connection.close()
            raise
        connection.settimeout(self._network.stall_s)
        self.sock = connection


def _target(parts: SplitResult) -> str:
    return quote(parts.path or "/", safe=_AS_IS) + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")


def _check(url: str, before: str | None, plain: bool) -> None:
    """Raise :class:`UserError` unless ``url``, to which ``before`` redirects, may be fetched."""
    by = f"{shown(before)} redirects to {shown(url)}, which" if before else shown(url)
    if problem := url_problem(url):
        raise UserError(f"{by} {problem}; nothing was fetched from there.")
    if urlsplit(url).scheme == "http" and before and urlsplit(before).scheme == "https":
        raise UserError(f"{by} is plain http: what comes from there could be anybody's; nothing was fetched.")
    if urlsplit(url).scheme == "http" and not plain:
        raise UserError(
            f"{by} is plain http, which is used only for a file whose sha256 is known: give its https:// address or "
            "its sha256."
        )


@contextmanager
def answer(
    url: str, headers: dict[str, str], network: Network, plain: bool, pace: Pace
) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer to a GET of ``url``, after at most five redirects; ``plain`` lets http beside https pass.

    Raises :class:`UserError` for what may not be fetched, :class:`Unreachable` where no connection comes about,
    :class:`Dropped` where one breaks, :class:`~winnow.fetching.pace.Slow` where it is slower than ``pace`` allows, also
    inside the body of the ``with``.
    """
    before: str | None = None
    for _ in range(REDIRECTS + 1):
        url = urldefrag(url).url
        _check(url, before, plain)
        connection = _Connection(urlsplit(url), network, pace)
        pace.connected()
        try:
            connection.putrequest("GET", _target(urlsplit(url)), skip_accept_encoding=True)
            for name, value in {"User-Agent": "winnow", "Accept-Encoding": "identity", **headers}.items():
                connection.putheader(name, value)
            connection.putheader("Connection", "close")
            connection.endheaders()
            response = connection.getresponse()
            if response.status not in _MOVED:
                yield response
                return
            before, place = url, response.headers.get("Location")
            if not place:
                raise UserError(f"{shown(url)} redirects to nowhere (status {response.status}); nothing was fetched.")
            url = urljoin(url, place)
        except TimeoutError:
            raise Dropped(f"nothing came for {network.stall_s:g} seconds") from None
        except (http.client.HTTPException, OSError) as error:
            raise Dropped(f"the connection broke: {type(error).__name__}") from None
        finally:
            connection.close()
    raise UserError(f"{shown(url)}: more than {REDIRECTS} redirects; nothing was fetched.")
