"""How many sentences a text has."""

from functools import cache

import numpy as np
import pyarrow as pa

from winnow.storage.types import U8, U64, Bools, Ints
from winnow.text.characters import LETTER, kinds
from winnow.text.tokens import among, hashed_tokens
from winnow.text.words import Words

_TABLE_SIZE = 0x10000
_NOTHING, _FULL_STOP, _MARK, _ALWAYS, _CLOSER, _BLANK, _LINE = range(7)
_SIGNS = {
    _FULL_STOP: ".",
    _MARK: "!?…‽؟۔",
    _ALWAYS: "。！？｡．।॥։።။។",  # written where no space follows
    _CLOSER: "\"')]}*_”’»」』）】》",
    _BLANK: " \t\u00a0\u3000",
    _LINE: "\n\r\v\f\u0085\u2028\u2029",
}
_ABBREVIATIONS = ["mr", "mrs", "ms", "dr", "prof", "rev", "gen", "sen", "gov", "hon", "st", "mt", "vs", "cf", "fig"]
_ABBREVIATIONS += ["vol", "pp", "al", "approx", "ca", "incl", "dept"]
_CLOSERS = 3  # at most: ?")
_HAN, _LATIN, _KANA = LETTER, LETTER + 1, LETTER + 2


@cache
def _table() -> U8:
    table = np.zeros(_TABLE_SIZE, np.uint8)
    for kind, signs in _SIGNS.items():
        table[[ord(sign) for sign in signs]] = kind
    return table


@cache
def _abbreviations() -> U64:
    return np.sort(hashed_tokens(pa.array(_ABBREVIATIONS)).hashes)


def sentences(words: Words) -> Ints:
    r"""Return the number of sentences of each text, at least 1 where it has a token and 0 where it has none.

    A sentence has a letter and ends with 。！？, with .!? before white space (closing quotes between), or
    with its line: a heading and an item of a list are one each. A full stop ends none after a single letter (``J.``,
    ``e.g.``) or one of some 20 abbreviations (``Dr.``), in a number (``3.14``) or in a list's number (``1.``). In
    languages that end sentences with a space, such as Thai, only lines count.

    >>> from winnow.text.words import words
    >>> sentences(words(pa.array(["Dr. No, e.g. 3.5. Why?", "你好。“好吗？”再见", "1. A\n2. B", "42", "…"]))).tolist()
    [2, 3, 2, 1, 0]
    """
    at = np.flatnonzero(kinds(words.points[words.starts]) >= LETTER)
    sentence = sentence_numbers(words)[at]
    new = np.ones(len(at), bool)
    new[1:] = sentence[1:] != sentence[:-1]
    counts = np.bincount(words.rows()[at[new]], minlength=len(words.bounds) - 1)
    return np.maximum(counts, np.diff(words.bounds) > 0)


def sentence_numbers(words: Words) -> Ints:
    """Return for each token the number of its sentence: ascending, other in the next text, with gaps."""
    return np.searchsorted(_ends(words), words.starts, "right")


def _ends(words: Words) -> Ints:
    """Return in ascending order the positions at which a new sentence may begin."""
    points = words.points
    signs = _table()[np.minimum(points, np.uint32(_TABLE_SIZE - 1))]
    at = np.flatnonzero(signs)
    sign = signs[at]
    sure = at[(sign == _ALWAYS) | (sign == _LINE)] + 1
    maybe = at[(sign == _FULL_STOP) | (sign == _MARK)]
    after = maybe + 1
    edge = np.zeros(len(points) + 1, bool)
    edge[words.edges] = True
    for _ in range(_CLOSERS):
        after += ~edge[after] & (signs[np.minimum(after, len(signs) - 1)] == _CLOSER)
    next_ = np.minimum(after, len(signs) - 1)
    letter = kinds(points[next_])
    ended = edge[after] | (signs[next_] == _BLANK) | (signs[next_] == _LINE) | (letter == _HAN) | (letter == _KANA)
    maybe, after = maybe[ended], after[ended]
    stops = signs[maybe] == _FULL_STOP
    stops[stops] = ~_after_short(words, maybe[stops])
    ends = after[stops | (signs[maybe] == _MARK)]
    return np.sort(np.concatenate([sure, ends, words.edges]), kind="stable")


def _after_short(words: Words, stops: Ints) -> Bools:
    """Return a mask of the full stops that stand right after a single Latin letter or an abbreviation."""
    if len(words.ends) == 0:
        return np.zeros(len(stops), bool)
    token = np.minimum(np.searchsorted(words.ends, stops, "left"), len(words.ends) - 1)
    single = words.ends[token] - words.starts[token] == 1
    single &= kinds(words.points[words.starts[token]]) == _LATIN
    return (words.ends[token] == stops) & (single | among(words.hashes[token], _abbreviations()))
