"""Differences between two texts, word by word, as a person reads them.

A difference is a list of pieces in the order of the texts, each with ``=`` (kept), ``-`` (removed) or ``+`` (added).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from typing import TypeVar

Pieces = list[tuple[str, str]]
_Differing = Callable[[str, str, bool], Iterator[tuple[str, str]]]
_Sequence = TypeVar("_Sequence", str, list[str])

MORE = "…"
"""The sign of the piece that stands for changes that are not shown."""

_WORD = re.compile(r"[^\W\d_]+|\d+|\s|.", re.ASCII | re.DOTALL)
_SEARCHED = 300  # beyond so many lines or words no two are matched: difflib's time grows with the square
_SLACK = 8  # characters that are not worth a cut
_TO_WORD_END = 14  # characters dropped so that a cut falls between words


def word_diff(before: str, after: str, letters: bool = False) -> Pieces:
    """Return the pieces of both texts. A CJK character counts as a word; with ``letters``, changed words are cut to
    what changed in them.

    Lines are compared first and then the words of lines that differ, so long texts take little more than linear time.

    >>> word_diff("in 2001.[3] The", "in 2001. The")
    [('=', 'in 2001.'), ('-', '[3]'), ('=', ' The')]
    >>> word_diff("an old car", "an old cat"), word_diff("an old car", "an old cat", letters=True)[1:]
    ([('=', 'an old '), ('-', 'car'), ('+', 'cat')], [('-', 'r'), ('+', 't')])
    """
    return list(_merged(_lines(before, after, letters)))


def around_changes(pieces: Pieces, context: int = 40) -> Pieces:
    """Return ``pieces`` with long kept stretches cut to about ``context`` characters beside the changes.

    >>> around_changes([("=", "a" * 99 + "b"), ("-", "x")], context=1)
    [('=', '…b'), ('-', 'x')]
    >>> around_changes([("=", "kept as it was")], context=1)
    [('=', 'kept as it was')]
    """
    last = len(pieces) - 1
    return [
        (sign, _around(text, n == 0, n == last, context) if sign == "=" else text)
        for n, (sign, text) in enumerate(pieces)
    ]


def bounded(pieces: Pieces, changes: int, longest: int) -> Pieces:
    """Return ``pieces`` up to so many changed places, then :data:`MORE`; of a long change only its two ends.

    >>> bounded([("-", "a"), ("=", " "), ("+", "long" * 5), ("=", " "), ("-", "b")], changes=2, longest=6)
    [('-', 'a'), ('=', ' '), ('+', 'lon … ong'), ('…', '')]
    """
    out: Pieces = []
    places = 0
    for sign, text in pieces:
        if sign == "=":
            if places >= changes:
                return [*out, (MORE, "")] if len(out) < len(pieces) - 1 else [*out, (sign, text)]
            out.append((sign, text))
            continue
        places += not out or out[-1][0] == "="
        out.append((sign, text if len(text) <= longest else f"{text[: longest // 2]} … {text[-(longest // 2) :]}"))
    return out


def _around(text: str, first: bool, last: bool, context: int) -> str:
    if first and last:
        return text
    if len(text) <= (context if first or last else 2 * context) + _SLACK:
        return text
    if first:
        return "…" + _end(text, context)
    if last:
        return _start(text, context) + "…"
    return f"{_start(text, context)} … {_end(text, context)}"


def _start(text: str, size: int) -> str:
    """Return the beginning of ``text``, to the end of a word where one ends near the cut."""
    head = text[:size]
    space = head.rfind(" ", max(0, size - _TO_WORD_END))
    return head[:space] if space > 0 and text[size] != " " else head.rstrip(" ")


def _end(text: str, size: int) -> str:
    tail = text[-size:]
    space = tail.find(" ", 0, min(_TO_WORD_END, size - 1))
    return tail[space + 1 :] if space >= 0 and text[-size - 1] != " " else tail.lstrip(" ")


def _merged(pieces: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Join neighbours of one sign, and put what was removed before what was added in its place."""
    removed, added, same = "", "", ""
    for sign, text in (*pieces, ("=", "")):
        if sign == "=" and text:
            yield from _change(removed, added)
            removed, added, same = "", "", same + text
        elif text:
            if same:
                yield "=", same
            same = ""
            removed, added = (removed + text, added) if sign == "-" else (removed, added + text)
    yield from _change(removed, added)
    if same:
        yield "=", same


def _change(removed: str, added: str) -> Iterator[tuple[str, str]]:
    yield from ((sign, text) for sign, text in (("-", removed), ("+", added)) if text)


def _lines(before: str, after: str, letters: bool) -> Iterator[tuple[str, str]]:
    head, old, new, tail = _apart(before.splitlines(keepends=True), after.splitlines(keepends=True))
    yield "=", "".join(head)
    if len(old) > _SEARCHED or len(new) > _SEARCHED:
        yield from _differing("".join(old), "".join(new), letters)
    elif len(old) == len(new):  # most edits keep the lines: no search for the ones that belong together
        for one, other in zip(old, new, strict=True):
            yield from _words(one, other, letters)
    else:
        yield from _matched(old, new, letters, _words)
    yield "=", "".join(tail)


def _words(before: str, after: str, letters: bool) -> Iterator[tuple[str, str]]:
    head, old, new, tail = _apart(_WORD.findall(before), _WORD.findall(after))
    yield "=", "".join(head)
    if len(old) > _SEARCHED or len(new) > _SEARCHED:
        yield from _differing("".join(old), "".join(new), letters)
    else:
        yield from _matched(old, new, letters, _differing)
    yield "=", "".join(tail)


def _matched(old: list[str], new: list[str], letters: bool, differing: _Differing) -> Iterator[tuple[str, str]]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "=", "".join(old[a:b])
        else:
            yield from differing("".join(old[a:b]), "".join(new[c:d]), letters)


def _differing(before: str, after: str, letters: bool) -> Iterator[tuple[str, str]]:
    if letters:
        head, old, new, tail = _apart(before, after)
        yield from (("=", head), ("-", old), ("+", new), ("=", tail))
    else:
        yield from (("-", before), ("+", after))


def _apart(before: _Sequence, after: _Sequence) -> tuple[_Sequence, _Sequence, _Sequence, _Sequence]:
    """Return the common beginning, the two middles and the common end.

    >>> _apart("abcd", "axd"), _apart(["a", "b"], ["a", "b", "b"])
    (('a', 'bc', 'x', 'd'), (['a', 'b'], [], ['b'], []))
    """
    start = _common(before, after)
    head, before, after = before[:start], before[start:], after[start:]
    end = _common(before[::-1], after[::-1])
    return head, before[: len(before) - end], after[: len(after) - end], before[len(before) - end :]


def _common(one: _Sequence, other: _Sequence) -> int:
    """Return the length of the common beginning.

    >>> _common("abcd", "abx")
    2
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if one[low:half] == other[low:half] else (low, half - 1)
    return low
