"""Requests as files of the OpenAI Batch API, which ``vllm run-batch`` reads too, and the results of such files."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from winnow.asking.outcome import Fault, Reading, from_value
from winnow.asking.redact import words
from winnow.harness.errors import UserError
from winnow.ledger.line import Reply
from winnow.ledger.request import Request, payload
from winnow.records.record import canonical_json

LINES, BYTES = 50_000, 100_000_000
"""The most that a file may hold (OpenAI, Batch API reference)."""
_LONGEST = 32 << 20  # bytes of a line of results
_REJECTED = frozenset({400, 413, 422})
_ENDPOINT = "/v1/chat/completions"


def batch_line(request: Request) -> bytes:
    """Return the line of a Batch file that asks ``request``; its ``custom_id`` is the key.

    >>> batch_line(Request("k", {"model": "m"})).decode()
    '{"custom_id":"k","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}\\n'
    """
    line = {"custom_id": request.key, "method": "POST", "url": _ENDPOINT, "body": request.body}
    return payload(line) + b"\n"


def export(
    requests: Iterable[Request], folder: Path, stage: str, lines: int = LINES, size: int = BYTES
) -> list[tuple[Path, int]]:
    """Write ``<stage>-0001.jsonl``… of at most ``lines`` lines and ``size`` bytes; return them with their lines.

    The same requests give the same files. A folder that holds such files already is a :class:`UserError`: the shards
    of two exports must not be taken for one.
    """
    if folder.is_dir() and any(folder.glob(f"{stage}-*.jsonl")):
        raise UserError(f"{folder} holds {stage}-*.jsonl already; give an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[tuple[Path, int]] = []
    for number, shard in enumerate(_shards(map(batch_line, requests), lines, size), 1):
        path = folder / f"{stage}-{number:04}.jsonl"
        near, count = path.with_name(f".{path.name}.part"), 0
        with near.open("wb") as file:
            for line in shard:
                file.write(line)
                count += 1
        os.replace(near, path)
        written.append((path, count))
    return written


def _shards(lines: Iterator[bytes], most: int, size: int) -> Iterator[Iterator[bytes]]:
    """Yield iterators over consecutive lines, each within the limits; read each before the next."""
    ahead = next(lines, None)

    def shard() -> Iterator[bytes]:
        nonlocal ahead
        count = total = 0
        while ahead is not None and count < most and (count == 0 or total + len(ahead) <= size):
            line, ahead = ahead, next(lines, None)
            count, total = count + 1, total + len(line)
            yield line

    while ahead is not None:
        yield shard()


@dataclass
class Imported:
    """What became of lines of results; ``bad`` holds "file, line n: what is wrong", the first of them."""

    replies: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    known: int = 0
    unknown: int = 0
    bad: list[str] = field(default_factory=list)
    bad_lines: int = 0


def results(
    files: Sequence[Path],
    is_wanted: Callable[[str], bool],
    is_known: Callable[[str], bool],
    reading: Reading,
    keep: Callable[[Reply], None],
) -> Imported:
    """Read files of results and ``keep`` the finished replies to wanted keys, each key once.

    A result that is no reply (expired, rate-limited, a server's fault) is counted, and its request stays pending.
    """
    imported, done = Imported(), set[str]()
    for file in files:
        for number, line in _lines(file):
            try:
                key, value = _parsed(line)
            except ValueError as error:
                imported.bad_lines += 1
                if len(imported.bad) < 10:
                    imported.bad.append(f"{file}, line {number}: {error}")
                continue
            if key in done or (not is_wanted(key) and is_known(key)):
                imported.known += 1
            elif not is_wanted(key):
                imported.unknown += 1
            elif isinstance(reply := _result(key, value, reading), Reply):
                keep(reply)
                done.add(key)
                imported.replies[reply.status] += 1
                if reply.model:
                    imported.models[reply.model] += 1
            else:
                imported.faults[reply.kind] += 1
    return imported


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, with their numbers; one that is too long is cut, and so no JSON."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST):
                number += 1
                if not line.endswith(b"\n") and len(line) == _LONGEST:
                    _skip(file)
                if line.strip():
                    yield number, line
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}).") from None


def _skip(file: BinaryIO) -> None:
    while (rest := file.readline(_LONGEST)) and not rest.endswith(b"\n"):
        pass


def _parsed(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("no UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("no JSON, or cut short") from None
    if not isinstance(value, dict) or not isinstance(value.get("custom_id"), str):
        raise ValueError("no result of a batch: it has no custom_id")
    return value["custom_id"], value


def _result(key: str, value: dict[str, Any], reading: Reading) -> Reply | Fault:
    """Classify one result: OpenAI puts the server's words into ``response.body``, ``vllm run-batch`` into ``error``."""
    response = value.get("response")
    if not isinstance(response, dict):
        error = value.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return Fault(words(code.encode(), reading.redact, 40) if isinstance(code, str) else "no_response", False)
    status, body = response.get("status_code"), response.get("body")
    if status == 200 and (body is not None or not value.get("error")):
        return from_value(key, body, reading)
    if isinstance(status, int) and status in _REJECTED:
        said = canonical_json(body or value.get("error") or "")
        return Reply(key, "rejected", "", None, words(said.encode(errors="replace"), reading.redact), None, None)
    return Fault(f"http_{status}" if isinstance(status, int) and status != 200 else "no_response", False)
