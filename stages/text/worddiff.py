"""Word-level differences between two texts, as a person reads them."""

import difflib
import re

_WORD = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """Return the pieces of both texts in order, each with ``=`` (kept), ``-`` (removed) or ``+`` (added).

    A CJK character counts as a word.

    >>> word_diff("in 2001.[3] The", "in 2001. The")
    [('=', 'in 2001.'), ('-', '[3]'), ('=', ' The')]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("=", "".join(old[a:b])))
            continue
        pieces += [(sign, text) for sign, text in (("-", "".join(old[a:b])), ("+", "".join(new[c:d]))) if text]
    return pieces


def around_changes(pieces: list[tuple[str, str]], context: int = 40) -> list[tuple[str, str]]:
    """Return ``pieces`` with long kept stretches cut to ``context`` characters beside the changes.

    >>> around_changes([("=", "a" * 9 + "b"), ("-", "x")], context=1)
    [('=', '…b'), ('-', 'x')]
    """
    out = []
    for place, (sign, text) in enumerate(pieces):
        if sign == "=":
            first, last = place == 0, place == len(pieces) - 1
            keep_start, keep_end = 0 if first else context, 0 if last else context
            if len(text) > keep_start + keep_end + 1:
                text = text[:keep_start] + "…" + (text[len(text) - keep_end :] if keep_end else "")
        out.append((sign, text))
    return out
