"""A real HTTP(S) server on this machine that serves one file, with faults as a script says, request by request."""

import datetime
import hashlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from winnow.fetching.connect import Network

BODY = b"".join(b'{"instruction": "Say %d.", "input": "", "output": "It is %d."}\n' % (n, n) for n in range(20_000))
SHA = hashlib.sha256(BODY).hexdigest()
HALF = len(BODY) // 2

Fault = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next fault of the script, then as a good server would."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.close_connection = True
        (self.server.script.pop(0) if self.server.script else good)(self)

    def send(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        """Answer; ``length`` is what Content-Length says where that is not the truth."""
        self.send_response(status)
        headers = {"Content-Length": str(len(body) if length is None else length)} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def good(handler: Handler) -> None:
    """The whole file, or the range that was asked for while the file is still the same."""
    body, etag = handler.server.body, handler.server.etag
    wanted = handler.headers.get("Range")
    if wanted and handler.headers.get("If-Range") in (None, etag):
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            return handler.send(416, Content_Range=f"bytes */{len(body)}")
        rest = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return handler.send(206, body[start:], ETag=etag, Content_Range=rest)
    return handler.send(200, body, ETag=etag)


def half(handler: Handler) -> None:
    """Half of the file, then the line drops."""
    handler.send(200, handler.server.body[:HALF], length=len(handler.server.body), ETag=handler.server.etag)


def stall(handler: Handler) -> None:
    """Half of the file, then silence."""
    half(handler)
    handler.server.gate.wait(5)


def whole(handler: Handler) -> None:
    """The whole file, whatever range was asked for."""
    handler.send(200, handler.server.body, ETag=handler.server.etag)


def chunked(handler: Handler, cut: bool = False) -> None:
    """The file in chunks, with no length said beforehand; ``cut``: without the last one."""
    handler.send(200, ETag=handler.server.etag, Content_Length="", Transfer_Encoding="chunked")
    for start in range(0, len(handler.server.body), 100_000):
        piece = handler.server.body[start : start + 100_000]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    if not cut:
        handler.wfile.write(b"0\r\n\r\n")


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Return what answers with this status, body and headers."""
    return lambda handler: handler.send(status, body, length=None, **headers)


class Server(ThreadingHTTPServer):
    """The server; ``script`` holds the faults of the next requests, ``requests`` what was asked."""

    daemon_threads = True

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.etag = BODY, '"one"'
        self.script: list[Fault] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.gate = threading.Event()
        self.scheme, self.certificate = "http", certificate
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, path: str = "/data/rows.jsonl", host: str = "files.test") -> str:
        """Return an URL of this server; ``host`` is known to :func:`network` alone."""
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what many tests are about."""

    def stop(self) -> None:
        """End it."""
        self.gate.set()
        self.shutdown()
        self.server_close()


def resolve(host: str, port: int, **options: Any) -> list[Any]:
    """Look up names ending in .test on this machine, addresses as they are."""
    return socket.getaddrinfo("127.0.0.1" if host.endswith(".test") else host, port, **options)


def network(certificate: Path | None = None, **changes: Any) -> Network:
    """Return a network in which this machine alone may be reached, and nobody waits long."""
    tls = ssl.create_default_context(cafile=certificate) if certificate else None
    settings: dict[str, Any] = {
        "allowed": lambda address: address == "127.0.0.1",
        "resolve": resolve,
        "tls": tls,
        "connect_s": 2.0,
        "stall_s": 0.3,
        "pause": lambda seconds: None,
    }
    return Network(**(settings | changes))


def certificate(folder: Path) -> Path:
    """Write a key and its own certificate for files.test and other.test, good for a day, and return the file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.test")])
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
    names = [x509.DNSName("files.test"), x509.DNSName("other.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "test.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
