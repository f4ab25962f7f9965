"""Download one file by HTTP: resume where it stopped, retry when a connection breaks, check its digest.

After RFC 9110: ``Range`` with ``If-Range`` (13.1.5 and 14), so that a file that changed meanwhile comes whole and anew;
206, 200 and 416 are the answers to that; ``Content-Length`` or chunks, so that a body that was cut off is found.
"""

import re
from collections.abc import Callable
from http.client import HTTPResponse
from urllib.parse import urlsplit

from winnow.fetching.connect import Dropped, Network, Unreachable, answer
from winnow.fetching.pace import Pace, Slow
from winnow.fetching.partial import Partial, sha256_of
from winnow.harness.errors import UserError
from winnow.reading.remote import shown

CAP = 4 << 30  # bytes
_CHUNK = 1 << 18  # bytes asked from the socket at once
_PROGRESS = 1 << 20  # bytes gained that make a broken connection no reason to give up
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_WHY = {401: " (it wants a login)", 403: " (not for everybody)", 404: " (no such file)", 410: " (the file is gone)"}
_LONGEST_WAIT = 60.0  # seconds
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PAGE = re.compile(rb"(?i)\s*(<!doctype html|<html)")
_POINTER = b"version https://git-lfs.github.com/spec/v1"

Progress = Callable[[int, int | None], None]
"""Called with the bytes received so far and the bytes of the whole, None where the server does not say."""


class _Again(Exception):
    """The partial file is of no use: the download starts anew."""


def download(url: str, partial: Partial, sha256: str | None, cap: int, network: Network, progress: Progress) -> str:
    """Make ``partial`` the whole file at ``url`` and return its SHA-256.

    ``sha256`` is what it must be, None where it is not known yet; ``cap`` is the most bytes it may have. Raises
    :class:`UserError` when that fails; the bytes received stay for the next time unless they are of no use.
    """
    tries, host, came, begun_anew, pace = 0, urlsplit(url).hostname, False, False, Pace(network.limits)
    while True:
        before = partial.size
        try:
            return _attempt(url, partial, sha256, cap, network, pace, progress)
        except _Again:
            partial.discard()
            if begun_anew:
                raise UserError(f"{shown(url)} changes from one answer to the next; try again later.") from None
            begun_anew = True
            continue
        except Slow as error:
            raise UserError(f"{shown(url)}: given up, {error}{_kept(url, partial, sha256)}") from None
        except Unreachable as error:
            if not came and partial.size <= before:
                raise UserError(f"{host} cannot be reached ({error}): fetching needs a network.") from None
            why, wait = str(error), 0.0
        except Dropped as error:
            why, wait = str(error), error.wait
        gained = partial.size - before
        came = came or gained > 0
        tries = 1 if gained >= _PROGRESS else tries + 1
        if tries >= network.tries:
            raise UserError(f"{shown(url)}: given up after {tries} tries ({why}){_kept(url, partial, sha256)}")
        network.pause(min(max(wait, 2.0 ** (tries - 1)), _LONGEST_WAIT))


def _kept(url: str, partial: Partial, sha256: str | None) -> str:
    """Return as the end of a sentence what is kept of a download that was given up, and how to go on."""
    resumes = sha256 or (partial.note(url) or {}).get("validator")
    if not (partial.size and resumes):
        return "; fetch again later."
    return f"; {partial.size:,} bytes are kept: fetch again later, it goes on from there."


def _attempt(
    url: str, partial: Partial, sha256: str | None, cap: int, network: Network, pace: Pace, progress: Progress
) -> str:
    note, offset = partial.note(url), partial.size
    total = note.get("total") if note else None
    if sha256 and offset and offset == total and sha256_of(partial.path) == sha256:
        return sha256  # all of it came last time
    validator = note.get("validator") if note else None
    if offset and (note is None or not (validator or sha256)):  # nothing would tell whether it is still that file
        partial.discard()
        offset = 0
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    if offset and validator:
        headers["If-Range"] = validator
    with answer(url, headers, network, sha256 is not None, pace) as response:
        if offset and response.status == 416:
            if response.headers.get("Content-Range", "").strip() != f"bytes */{offset}":
                raise _Again
        else:
            offset = _begin(url, response, partial, offset, sha256, cap)
            _receive(url, response, partial, offset, cap, progress)
    digest = sha256_of(partial.path)
    if sha256 and digest != sha256:
        if offset:  # the two parts may be of two files
            raise _Again
        partial.discard()
        raise UserError(
            f"{shown(url)} gives a file with sha256 {digest}, but {sha256} is what it must be; nothing was changed: "
            "find out why it changed before you write the new one."
        )
    return digest


def _begin(url: str, response: HTTPResponse, partial: Partial, offset: int, sha256: str | None, cap: int) -> int:
    """Look at status and headers, make the partial file ready; return the byte at which the body goes on."""
    _refuse(url, response)
    headers, length = response.headers, response.headers.get("Content-Length")
    if not response.chunked and not (length or "").strip().isdigit():
        if sha256 is None:
            raise UserError(f"{shown(url)}: the server does not say how long it is; give its sha256 to fetch it.")
        length = None
    validator = _validator(response)
    if response.status == 206:
        span = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
        note = partial.note(url) or {}
        whole = int(span[3]) if span and span[3] != "*" else None
        same = note.get("total") in (None, whole) and note.get("validator") in (None, validator)
        if not offset or span is None or int(span[1]) != offset or not same:
            raise _Again
        rest = int(span[2]) + 1 - offset
        if whole is not None and whole > cap:
            _too_large(url, whole, cap)
        partial.check_room(rest)
        return offset
    total = None if response.chunked or length is None else int(length)
    if total is not None and total > cap:
        _too_large(url, total, cap)
    partial.check_room(total or 0)
    partial.start(url, validator, total)
    return 0


def _validator(response: HTTPResponse) -> str | None:
    """Return what tells this file from a changed one: a strong ETag, else the date of the last change."""
    etag = response.headers.get("ETag", "").strip()
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _refuse(url: str, response: HTTPResponse) -> None:
    status, kind = response.status, response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if status in _LATER:
        wait = response.headers.get("Retry-After", "").strip()
        raise Dropped(f"the server answers {status} {response.reason}", float(wait) if wait.isdigit() else 0.0)
    if status not in (200, 206):
        raise UserError(
            f"{shown(url)}: the server answers {status} {response.reason}{_WHY.get(status, '')}; check the URL."
        )
    if kind in ("text/html", "application/xhtml+xml"):
        _page(url, kind)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    packed = urlsplit(url).path.endswith((".gz", ".zst"))  # there the file itself is what is compressed
    if encoding not in ("", "identity") and not packed:
        raise UserError(f"{shown(url)}: the server sends it as {encoding} though not asked to; it cannot be used.")


def _page(url: str, kind: str) -> None:
    raise UserError(
        f"{shown(url)} gives a web page ({kind}) and no data: it may want a login, or the file has moved; check the "
        "URL."
    )


def _too_large(url: str, size: int, cap: int) -> None:
    raise UserError(
        f"{shown(url)} has {size:,} bytes or more and the limit is {cap:,}; raise max_bytes in its entry, or "
        "--max-bytes."
    )


def _receive(url: str, response: HTTPResponse, partial: Partial, offset: int, cap: int, progress: Progress) -> None:
    """Append the body to the partial file, checking its first bytes and its length."""
    announced = response.headers.get("Content-Length")
    rest = int(announced) if announced and not response.chunked else None
    total = None if rest is None else offset + rest
    done = offset
    with partial.appending() as file:
        progress(done, total)
        while total is None or done < total:
            chunk = response.read1(_CHUNK if total is None else min(_CHUNK, total - done))
            if not chunk:
                break
            if done == 0 and (_PAGE.match(chunk) or chunk.startswith(_POINTER)):
                partial.discard()
                if _PAGE.match(chunk):
                    _page(url, "it begins like one")
                raise UserError(f"{shown(url)} gives a Git LFS pointer, not the file; take the URL of the file itself.")
            if done + len(chunk) > cap:
                partial.discard()
                _too_large(url, done + len(chunk), cap)
            partial.write(file, chunk)
            done += len(chunk)
            progress(done, total)
    if total is not None and done < total:
        raise Dropped(f"{done:,} of {total:,} bytes came")
