"""Where requests go and with which key: from the environment alone, refused where the key would travel in the clear."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from winnow.asking.redact import Redact, redactor
from winnow.fetching.addresses import is_public
from winnow.harness.errors import UserError
from winnow.reading.remote import url_problem

DEFAULT = "https://api.openai.com/v1"
_NEEDS_A_KEY = "api.openai.com"


@dataclass(frozen=True)
class Endpoint:
    """``url`` is that of chat completions, ``shown`` what messages call it; ``key`` is empty where none is needed."""

    url: str
    shown: str
    key: str = field(repr=False)
    proxy: str | None = field(repr=False)
    redact: Redact = field(repr=False)


def endpoint(
    environment: Mapping[str, str], *, insecure: bool = False, resolve: Callable[..., list[Any]] = socket.getaddrinfo
) -> Endpoint:
    """Return where ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` point; what may not be used is a :class:`UserError`.

    ``insecure`` lets a key travel by plain http to an address of the public internet.

    >>> endpoint({"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1/", "OPENAI_API_KEY": ""}).url
    'http://127.0.0.1:8000/v1/chat/completions'
    """
    base = (environment.get("OPENAI_BASE_URL", "").strip() or DEFAULT).rstrip("/")
    key = environment.get("OPENAI_API_KEY", "").strip()
    redact = redactor(key)
    if problem := url_problem(base):
        raise UserError(f"OPENAI_BASE_URL {problem}; set it to the address of a server, such as {DEFAULT}.")
    parts = urlsplit(base)
    if parts.query or parts.fragment:
        raise UserError("OPENAI_BASE_URL has a ? or a #, which no base address has; leave them out.")
    if not all("!" <= sign <= "~" for sign in key):
        raise UserError("OPENAI_API_KEY holds a space, a line break or a sign that no key has; set it again.")
    host = str(parts.hostname)
    if not key and host == _NEEDS_A_KEY:
        raise UserError(
            f"OPENAI_API_KEY is not set and {host} wants a key: set it in the environment, or set OPENAI_BASE_URL to "
            "a server that needs none."
        )
    if key and parts.scheme == "http" and not insecure and _reaches_the_internet(host, resolve):
        raise UserError(
            f"OPENAI_BASE_URL is plain http to {redact(host)}, an address of the public internet, where everybody on "
            "the way could read the key: use https://, or --insecure-http if you know what you do."
        )
    return Endpoint(f"{base}/chat/completions", redact(base), key, _proxy(parts.scheme, host), redact)


def _reaches_the_internet(host: str, resolve: Callable[..., list[Any]]) -> bool:
    try:
        addresses = resolve(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise UserError(f"OPENAI_BASE_URL names the host {host}, which has no address; correct it.") from None
    return any(is_public(address[0]) for *_, address in addresses)


def _proxy(scheme: str, host: str) -> str | None:
    """Return the environment's proxy, for https alone: there it sees neither key nor texts."""
    return getproxies().get("https") if scheme == "https" and not proxy_bypass(host) else None
