"""Check ``url``, ``sha256`` and ``max_bytes`` of a source entry, and name the files that they download to.

A file's name is taken from the entry alone, never from a server's answer: from ``path`` where that names one file,
else from the end of the URL. Nothing here opens a connection.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from winnow.harness.errors import UserError
from winnow.reading.files import SUFFIXES, suffix_of

UNKNOWN = "unknown"  # in a list of digests: a file that was not fetched yet
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\]|^\.|[ .]$")  # in a file name
_NAME_BYTES = 200  # below the 255 that file systems allow, with room for an ending


@dataclass(frozen=True)
class Remote:
    """One file of a source: its URL, its place below ``data/raw``, its digest where that is known."""

    url: str
    place: Path
    sha256: str | None


def url_problem(url: str) -> str | None:
    """Return a clause that says why ``url`` may not be fetched, None if it may.

    >>> url_problem("https://example.org/rows.json"), url_problem("file:///etc/passwd")
    (None, 'starts neither with https:// nor with http://')
    >>> url_problem("https://me:secret@example.org/rows.json")
    'carries a user name or a password'
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        return "holds a space, a backslash or a control character"
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http"):
            return "starts neither with https:// nor with http://"
        if "@" in parts.netloc:
            return "carries a user name or a password"
        if not parts.hostname or "%" in parts.hostname:
            return "names no host"
        parts.hostname.encode("idna")
        if parts.port == 0:
            return "has a port that cannot be"
    except ValueError:
        return "has a host or a port that cannot be"
    return None


def shown(url: str) -> str:
    """Return ``url`` as it may be printed: without user name and password, one line, not endless.

    >>> shown("https://me:secret@example.org/rows.json")
    'https://example.org/rows.json'
    """
    plain = re.sub(r"(?<=//)[^/]*@", "", "".join(char if char.isprintable() else "?" for char in url))
    return plain if len(plain) <= 300 else plain[:300] + "…"


def places(urls: Sequence[str], path: str) -> list[Path]:
    """Return the place of each URL's file: ``path`` itself where it names one file, else a place below ``path``.

    That place is the shortest end of the URLs that tells them apart.

    >>> [str(place) for place in places(["https://a.org/x/train.jsonl", "https://a.org/y/train.jsonl"], "hh")]
    ['hh/x/train.jsonl', 'hh/y/train.jsonl']
    >>> places(["https://a.org/download?id=5"], "mine/rows.jsonl")
    [PosixPath('mine/rows.jsonl')]

    Raises :class:`ValueError` with a clause for an URL that does not end in the name of a data file.
    """
    if len(urls) == 1 and suffix_of(Path(path)) in SUFFIXES:
        return [Path(path)]
    parts = [[unquote(part) for part in urlsplit(url).path.split("/") if part] for url in urls]
    for depth in range(1, max(map(len, parts)) + 1):
        ends = ["/".join(one[-depth:]) for one in parts]
        if len({end.casefold() for end in ends}) == len(ends):  # some file systems do not tell A from a
            break
    else:
        raise ValueError("is there twice, or two URLs end alike")
    for one in parts:
        if not one or suffix_of(Path(one[-1])) not in SUFFIXES:
            raise ValueError(
                f"ends in {one[-1] if one else 'nothing'!r}, which names no data file (.json, .jsonl, .csv, .tsv, "
                ".parquet, .arrow, also .gz or .zst)"
            )
        if bad := [part for part in one[-depth:] if _UNFIT.search(part) or len(part.encode()) > _NAME_BYTES]:
            raise ValueError(f"has {bad[0][:80]!r} at its end, which cannot name a file")
    return [Path(path, end) for end in ends]


def remotes(name: str, value: Mapping[str, Any]) -> tuple[Remote, ...]:
    """Return the files that the entry ``sources.<name>`` can be fetched from; empty where it has no ``url``.

    Raises :class:`UserError` for an entry that makes no sense.
    """
    where = f"params.yaml: sources.{name}"
    if value.get("url") is None:
        if value.get("sha256") is not None:
            raise UserError(f"{where}.sha256 has no url beside it; it is the digest of what the url gives.")
        return ()
    urls, digests = _list(value["url"]), _list(value.get("sha256"))
    if not urls or not all(isinstance(url, str) and url for url in urls):
        raise UserError(f"{where}.url must be an URL or a list of URLs.")
    for url in urls:
        if problem := url_problem(url):
            raise UserError(f"{where}.url: {shown(url)} {problem}; give the https:// address of the file.")
    try:
        files = places(urls, value["path"])
    except ValueError as error:
        raise UserError(
            f"{where}.url: {shown(urls[0]) if len(urls) == 1 else 'one of the URLs'} {error}; the page that a source "
            "comes from is its homepage, and the file's own name can stand at the end of path."
        ) from None
    if digests and len(digests) != len(urls):
        raise UserError(f"{where}.sha256 has {len(digests)} digest(s) for {len(urls)} URL(s); give one for each.")
    for digest in digests:
        if digest != UNKNOWN and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            raise UserError(f"{where}.sha256: {digest!r} is no SHA-256: 64 of 0-9 and a-f, or {UNKNOWN}.")
    known = [None if digest == UNKNOWN else digest for digest in digests] or [None] * len(urls)
    return tuple(Remote(*one) for one in zip(urls, files, known, strict=True))


def max_bytes(name: str, value: Mapping[str, Any]) -> int | None:
    """Return the most bytes that one file of the entry may have, None where it sets no limit."""
    limit = value.get("max_bytes")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise UserError(f"params.yaml: sources.{name}.max_bytes is {limit!r}; it is a whole number of bytes.")
    return limit


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]
