"""One HTTP attempt, bounded in time and bytes. It retries nothing: the one owner of retries is the session."""

import asyncio
from types import TracebackType

import aiohttp

from winnow.asking.endpoint import Endpoint
from winnow.asking.outcome import Answer, Fault, Halt

LARGEST_BODY = 16 << 20  # bytes
_CONNECT = 30.0  # seconds for a connection to come about


class Client:
    """Posts bodies to an endpoint over at most ``connections`` connections; ``timeout`` seconds for a whole attempt."""

    def __init__(self, endpoint: Endpoint, timeout: float, connections: int) -> None:
        self.endpoint, self.timeout = endpoint, timeout
        headers = {"Content-Type": "application/json", "User-Agent": "winnow", "Accept-Encoding": "identity"}
        if endpoint.key:
            headers["Authorization"] = f"Bearer {endpoint.key}"
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT, timeout)),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def post(self, payload: bytes) -> Answer | Fault | Halt:
        """Send ``payload`` once. A fault before anything was sent is not charged; any other may have been."""
        where = self.endpoint
        try:
            async with (
                asyncio.timeout(self.timeout),
                self._http.post(where.url, data=payload, allow_redirects=False, proxy=where.proxy) as response,
            ):
                body = await _body(response.content)
                if body is None:
                    return Fault("body_too_large", True)
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
            return Halt(f"{where.shown} shows a certificate that is not trusted; nothing was sent.")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientProxyConnectionError):
            return Fault("connect", False)
        except TimeoutError:
            return Fault("timeout", True)
        except aiohttp.ClientPayloadError:
            return Fault("body_cut", True)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError):
            return Fault("reset", True)
        except aiohttp.ClientError:
            return Fault("not_http", True)


async def _body(stream: aiohttp.StreamReader) -> bytes | None:
    """Return the whole body, None where it is larger than :data:`LARGEST_BODY`."""
    parts, size = [], 0
    async for part in stream.iter_chunked(1 << 16):
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)
