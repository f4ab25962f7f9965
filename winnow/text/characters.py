"""What texts are made of: letters, digits, signs, white space, and in which scripts."""

from functools import cache
from typing import NamedTuple

import numpy as np

from winnow.storage.types import U8, U32, Floats, Ints, Labels
from winnow.text.codepoints import every_character
from winnow.text.columns import matches

_TABLE_SIZE = 0x20000
_RARE_HAN_END = 0x40000  # planes 2 and 3 hold CJK extensions alone
_SELECTORS, _SELECTORS_END = 0xE0100, 0xE01F0  # variation selectors: marks, as those of the first plane
SCRIPTS = ("han", "latin", "kana", "hangul", "cyrillic", "arabic", "other")
NO_SCRIPT = "none"
HIDDEN, SPACE, DIGIT, SIGN, MARK, LETTER = range(6)  # a letter of the script SCRIPTS[k] is LETTER + k
_CLASSES = LETTER + len(SCRIPTS)
# later lines win; what none names is hidden: control and format characters, private use, unassigned
_PATTERNS = (
    (SPACE, r"[\p{Z}\t\n\x0b\f\r\x{85}]"),
    (DIGIT, r"\p{N}"),  # Roman numerals and ideographic zero too, whatever their script
    (SIGN, r"[\p{P}\p{S}]"),
    (MARK, r"\p{M}"),
    (LETTER + 6, r"\p{L}"),
)
_SCRIPT_PATTERNS = (
    r"\p{Han}",
    r"\p{Latin}",
    r"[\p{Hiragana}\p{Katakana}\x{30fc}\x{ff70}]",  # both long vowel marks belong to no script
    r"\p{Hangul}",
    r"\p{Cyrillic}",
    r"\p{Arabic}",
)


@cache
def _table() -> U8:
    """Return the kind of every code point below ``0x20000``, by Arrow's Unicode tables: the lock file pins them."""
    letters = every_character(_TABLE_SIZE, "\0")
    table = np.zeros(_TABLE_SIZE, np.uint8)
    for kind, pattern in _PATTERNS:
        table[matches(letters, pattern)] = kind
    for script, pattern in enumerate(_SCRIPT_PATTERNS):
        table[matches(letters, pattern) & (table == LETTER + 6)] = LETTER + script
    return table


def kinds(points: U32) -> U8:
    """Return what each code point is: ``HIDDEN``, ``SPACE``, ``DIGIT``, ``SIGN``, ``MARK`` or a letter.

    >>> kinds(np.array([ord(c) for c in "a1,你"])).tolist() == [LETTER + 1, DIGIT, SIGN, LETTER]
    True
    """
    if points.max(initial=0) < _TABLE_SIZE:
        return _table()[points]
    kind = _table()[np.minimum(points, _TABLE_SIZE - 1)]
    kind[points >= _TABLE_SIZE] = HIDDEN
    kind[(points >= _TABLE_SIZE) & (points < _RARE_HAN_END)] = LETTER
    kind[(points >= _SELECTORS) & (points < _SELECTORS_END)] = MARK
    return kind


class Mix(NamedTuple):
    """Shares of each text, 0 to 1, rounded to 4 digits; all 0 for an empty text.

    ``letter`` (with combining marks), ``digit``, ``sign`` (punctuation and symbols, emoji too), ``space`` and
    ``hidden`` (control and format characters, private use, unassigned) are shares of its characters and add up to 1;
    ``scripts[:, k]`` is the share of ``SCRIPTS[k]`` among its letters, ``other_scripts`` that of all but Han and
    Latin, ``script`` the one with most letters (the first of equals in the order of ``SCRIPTS``), ``none`` where there
    is no letter.
    """

    letter: Floats
    digit: Floats
    sign: Floats
    space: Floats
    hidden: Floats
    scripts: Floats
    other_scripts: Floats
    script: Labels


def mix(points: U32, bounds: Ints) -> Mix:
    """Return what texts laid end to end are made of.

    >>> import pyarrow as pa
    >>> from winnow.text.codepoints import codepoints
    >>> shares = mix(*codepoints(pa.array(["ab 你!", ""])))
    >>> shares.letter.tolist(), shares.scripts[0, :2].tolist(), shares.script.tolist()
    ([0.6, 0.0], [0.3333, 0.6667], ['latin', 'none'])
    """
    lengths = np.diff(bounds)
    cells = np.repeat(np.arange(len(lengths)) * _CLASSES, lengths)
    cells += kinds(points)
    counts = np.bincount(cells, minlength=len(lengths) * _CLASSES).reshape(len(lengths), _CLASSES)
    letters = counts[:, LETTER:]
    total = letters.sum(1)

    def share(count: Ints) -> Floats:
        return np.round(count / np.maximum(lengths, 1), 4)

    names = np.array(SCRIPTS, object)[letters.argmax(1)]
    names[total == 0] = NO_SCRIPT
    return Mix(
        letter=share(total + counts[:, MARK]),
        digit=share(counts[:, DIGIT]),
        sign=share(counts[:, SIGN]),
        space=share(counts[:, SPACE]),
        hidden=share(counts[:, HIDDEN]),
        scripts=np.round(letters / np.maximum(total, 1)[:, None], 4),
        other_scripts=np.round(letters[:, 2:].sum(1) / np.maximum(total, 1), 4),
        script=names,
    )
