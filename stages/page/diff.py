"""What an edit changed, short enough to read: the changed places with a little text around each."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

AROUND = 36  # characters of unchanged text shown on each side of a change
CHANGES = 6  # changed places shown of one edit
_LONGEST = 240  # characters shown of one removed or added piece
_WORD = 14  # characters of a word that are given up to cut between words
_WORDS = 300  # beyond so many tokens a changed block is shown whole, not token by token
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\s|.", re.ASCII | re.DOTALL)


class Piece(NamedTuple):
    """A stretch of text: ``same``, ``del`` (only before), ``ins`` (only after), or ``more`` (changes not shown)."""

    kind: str
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """Return what changed from ``before`` to ``after``, at most :data:`CHANGES` places.

    >>> [tuple(p) for p in pieces("The cafÃ© is open.", "The café is open.")]
    [('same', 'The caf'), ('del', 'Ã©'), ('ins', 'é'), ('same', ' is open.')]
    """
    out: list[Piece] = []
    changes = 0
    for kind, text in _merged(_blocks(before, after)):
        if kind == "same":
            if changes >= CHANGES:
                out.append(Piece("more", ""))
                break
            out.append(Piece(kind, text))
            continue
        changes += not out or out[-1].kind == "same"
        out.append(Piece(kind, _middle(text)))
    last = len(out) - 1
    return [
        Piece(kind, _around(text, n == 0, n == last)) if kind == "same" else Piece(kind, text)
        for n, (kind, text) in enumerate(out)
        if text or kind == "more"
    ]


def _middle(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} … {text[-half:]}"


def _around(text: str, first: bool, last: bool) -> str:
    """Cut unchanged text to what stands next to a change.

    >>> _around("x" * 99, True, False) == "…" + "x" * AROUND
    True
    """
    if first and last:
        return text
    if first:
        return text if len(text) <= AROUND + 8 else "…" + _end(text)
    if last:
        return text if len(text) <= AROUND + 8 else _start(text) + "…"
    return text if len(text) <= 2 * AROUND + 8 else f"{_start(text)} … {_end(text)}"


def _start(text: str) -> str:
    """Return the beginning of ``text``, to the end of a word where one ends near the limit."""
    head = text[:AROUND]
    space = head.rfind(" ", AROUND - _WORD)
    return head[:space] if space > 0 and text[AROUND] != " " else head.rstrip(" ")


def _end(text: str) -> str:
    tail = text[-AROUND:]
    space = tail.find(" ", 0, _WORD)
    return tail[space + 1 :] if space >= 0 and text[-AROUND - 1] != " " else tail.lstrip(" ")


def _merged(found: Iterator[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind, and put what was removed before what was added in its place."""
    removed, added, same = "", "", ""
    for kind, text in found:
        if not text:
            continue
        if kind == "same":
            yield from _change(removed, added)
            removed, added, same = "", "", same + text
            continue
        if same:
            yield Piece("same", same)
            same = ""
        removed, added = (removed + text, added) if kind == "del" else (removed, added + text)
    yield from _change(removed, added)
    if same:
        yield Piece("same", same)


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece("del", removed)
    if added:
        yield Piece("ins", added)


def _blocks(before: str, after: str) -> Iterator[Piece]:
    """Compare line by line, and the lines that differ token by token: near-linear for texts of any length."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    yield Piece("same", before[:start])
    tail = before[len(before) - end :]
    old = before[start : len(before) - end].splitlines(keepends=True)
    new = after[start : len(after) - end].splitlines(keepends=True)
    if len(old) > _WORDS or len(new) > _WORDS:
        yield from (Piece("del", "".join(old)), Piece("ins", "".join(new)))
    elif len(old) == len(new):  # most edits keep the lines: no search for the ones that belong together
        for one, other in zip(old, new, strict=True):
            yield from _tokens(one, other)
    else:
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                yield Piece("same", "".join(old[a:b]))
            else:
                yield from _tokens("".join(old[a:b]), "".join(new[c:d]))
    yield Piece("same", tail)


def _tokens(before: str, after: str) -> Iterator[Piece]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    yield Piece("same", before[:start])
    middle, other = before[start : len(before) - end], after[start : len(after) - end]
    old, new = _TOKEN.findall(middle), _TOKEN.findall(other)
    if len(old) > _WORDS or len(new) > _WORDS:
        yield from (Piece("del", middle), Piece("ins", other))
    else:
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                yield Piece("same", "".join(old[a:b]))
            else:
                yield from _letters("".join(old[a:b]), "".join(new[c:d]))
    yield Piece("same", before[len(before) - end :])


def _letters(before: str, after: str) -> Iterator[Piece]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    yield from (
        Piece("same", before[:start]),
        Piece("del", before[start : len(before) - end]),
        Piece("ins", after[start : len(after) - end]),
        Piece("same", before[len(before) - end :]),
    )


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning.

    >>> _common("abcd", "abx")
    2
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if one[:half] == other[:half] else (low, half - 1)
    return low
