"""A real HTTP server on this machine that answers chat completions, with faults as a script says, attempt by attempt.

Its good answers are a function of the request's body alone, so that runs with and without faults must end equal.
"""

import asyncio
import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, NamedTuple

from winnow.records.identity import digest
from winnow.records.record import canonical_json


class Seen(NamedTuple):
    """A request as it came: its number (from 0), which attempt at this body it is (from 1), when, and what it held."""

    number: int
    attempt: int
    time: float
    name: str
    body: dict[str, Any]
    headers: dict[str, str]


Action = Callable[["Server", Seen, asyncio.StreamWriter], Awaitable[None]]
Script = Callable[[Seen], Action | None]


def completion(server: "Server", seen: Seen, **changes: Any) -> dict[str, Any]:
    """Return a good answer to a request; ``changes`` are made to it, to its only choice, or to the message in that."""
    text = server.answer(seen.body)
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": len(canonical_json(seen.body)) // 4, "completion_tokens": len(text) // 4 + 1}
    value = {
        "id": seen.name,
        "object": "chat.completion",
        "model": seen.body["model"],
        "choices": [choice],
        "usage": usage,
    }
    server.spent += sum(usage.values())
    for name, change in changes.items():
        part = next(one for one in (message, choice, value) if name in one or one is value)
        part[name] = change
    return value


def says(status: int, body: bytes = b"", **headers: str) -> Action:
    """Answer with this status, body and headers."""

    async def act(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
        names = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Date": formatdate(usegmt=True)}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in names.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return act


def answers(**changes: Any) -> Action:
    """Answer well, but for these changes."""

    async def act(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
        value = completion(server, seen, **changes)
        if not changes:
            server.good[seen.name] += 1
        await says(200, json.dumps(value).encode())(server, seen, writer)

    return act


good = answers()
html = says(200, b"<!doctype html><title>Welcome</title>", Content_Type="text/html")
broken = says(200, b'{"choices": [{"message": {"content": "8')


async def reset(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Reset the connection without an answer."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def cut(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Send half of a good answer and hang up."""
    body = json.dumps(completion(server, seen)).encode()
    await says(200, body[: len(body) // 2], Content_Length=str(len(body)))(server, seen, writer)
    writer.close()


async def stall(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(60)


async def drip(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Send a good answer, a byte every 20 ms."""
    body = json.dumps(completion(server, seen)).encode()
    await says(200, b"", Content_Length=str(len(body)))(server, seen, writer)
    for byte in body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


def after(seconds: float, action: Action = good) -> Action:
    """Do ``action`` after so many seconds."""

    async def act(server: "Server", seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await action(server, seen, writer)

    return act


def in_turn(*actions: Action | None) -> Script:
    """Return a script that does these to the first requests, whatever they ask, and answers all others well."""
    return lambda seen: actions[seen.number] if seen.number < len(actions) else None


def first_attempts(*actions: Action | None) -> Script:
    """Return a script that does these to the first attempts at every request."""
    return lambda seen: actions[seen.attempt - 1] if seen.attempt <= len(actions) else None


class Server:
    """The server, in a thread of its own; ``seen`` are the requests so far, ``good`` the good answers by request.

    ``spent`` counts the tokens of all answers that were begun, told to the client or not.
    """

    def __init__(
        self, script: Script = lambda seen: None, answer: Callable[[dict[str, Any]], str] | None = None
    ) -> None:
        self.script = script
        self.answer = answer or (lambda body: f"Verdict {digest(canonical_json(body))}")
        self.seen: list[Seen] = []
        self.good: Counter[str] = Counter()
        self.spent = 0
        self.in_flight = self.most_in_flight = 0
        self._attempts: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        """End it."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        listening = await asyncio.start_server(self._client, "127.0.0.1", 0, backlog=1000)
        self.port = listening.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        listening.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                await self._request(reader, writer)
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
        name = digest(canonical_json(body))
        self._attempts[name] += 1
        seen = Seen(len(self.seen), self._attempts[name], time.monotonic(), name, body, headers)
        self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await (self.script(seen) or good)(self, seen, writer)
        finally:
            self.in_flight -= 1
