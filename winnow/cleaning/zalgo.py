r"""Heaps of combining marks on one letter."""

import re
import unicodedata

from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import outside
from winnow.cleaning.row import Row
from winnow.cleaning.structure import json_spans

# Marks that go on letters of any script; those of one script (Hebrew points, Tibetan stacks, Thai) are not among them.
_MARK = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Vietnamese, Yoruba, IPA and mathematics set up to three marks on a letter.
_HEAP = re.compile(rf"([^{_MARK}]?)[{_MARK}]{{4,}}")

TRIGGER = r"[\x{300}-\x{36f}\x{483}-\x{489}\x{1ab0}-\x{1aff}\x{1dc0}-\x{1dff}\x{20d0}-\x{20ff}\x{fe20}-\x{fe2f}]{4}"


def zalgo(text: str, row: Row) -> str:
    r"""Take away the marks of a letter that has four or more.

    Web pages hold them as a joke ("zalgo"), to break filters, and where a copy went wrong; each mark is a token
    or three, and the word under them is what a model ought to read.

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return zalgo(text, alone(text, "response"))
    >>> fixed("Z\u0336\u0321\u032a\u0308\u0301algo")
    'Zalgo'

    Letters with up to three marks are as their language wants them, and whoever asks for such a text gets it:

    >>> for text in ["ệ", "o\u0323\u0302\u0301", "שָׁלֹ֑ם", "བསྒྲུབས"]:
    ...     assert fixed(text) == text
    >>> heap = "a\u0300\u0301\u0302\u0303"
    >>> zalgo(heap, alone("Write an a as zalgo: " + heap, "instruction")) == heap
    True
    """
    fixed = outside(_flat, text, json_spans(text))
    return text if fixed == text or speaks_of("marks", row.said.asked) else fixed


def _flat(text: str) -> str:
    return _HEAP.sub(lambda m: unicodedata.normalize("NFD", m[1])[:1] if m[1] else "", text)
