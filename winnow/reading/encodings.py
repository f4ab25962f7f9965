"""Encodings that a file which is not UTF-8 may be in: named in a message, never taken without being asked."""

import re

_ORDER = ("gb18030", "big5", "shift_jis", "euc-kr", "cp1252")
_SHOWN = 1 << 16  # bytes that are tried
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_HIGH = re.compile(rb"[\x80-\xff]")


def candidates(data: bytes, at: int) -> list[str]:
    """Return the encodings that read the lines of ``data`` from the one with the byte ``at`` on without an error.

    They stand in the order in which they are worth a try: where most bytes beyond ASCII stand alone among letters,
    cp1252 comes first, since two bytes make a Chinese, Japanese or Korean character.

    >>> candidates("为什么天空是蓝色的？".encode("gb18030"), 0)[0], candidates("Größe café".encode("cp1252"), 2)[0]
    ('gb18030', 'cp1252')
    """
    start = data.rfind(b"\n", 0, at) + 1
    lines = data[start : start + _SHOWN]
    if len(data) > start + _SHOWN and b"\n" in lines:
        lines = lines[: lines.rindex(b"\n")]
    western = 2 * len(_ALONE.findall(lines)) > len(_HIGH.findall(lines))
    order = sorted(_ORDER, key=lambda name: (name == "cp1252") != western)
    return [name for name in order if _reads(lines, name)]


def advice(data: bytes, at: int) -> str:
    """Return as a clause what to do with a file in which the byte ``at`` of ``data`` is not UTF-8."""
    names = candidates(data, at)
    if not names:
        return "no encoding that is common reads it: the file may be damaged; fetch it again, or name its encoding"
    others = f" (so do {', '.join(names[1:])})" if names[1:] else ""
    return (
        f"{names[0]} reads it without an error{others}; convert the file or name its encoding: `--encoding {names[0]}` "
        f"to winnow add, `encoding: {names[0]}` in its source entry"
    )


def looks_utf16(data: bytes) -> str | None:
    """Return utf-16-le or utf-16-be where every other of the first bytes is NUL, as in Latin text of that encoding.

    >>> looks_utf16("[{}, {}, {}]".encode("utf-16-le")), looks_utf16(b"[{}, {}, {}]")
    ('utf-16-le', None)
    """
    first = data[:20]
    if len(first) >= 8 and not any(first[1::2]) and all(first[::2]):
        return "utf-16-le"
    return "utf-16-be" if len(first) >= 8 and not any(first[::2]) and all(first[1::2]) else None


def _reads(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True
