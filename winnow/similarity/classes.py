"""What a token means for the comparison of two rows: negation, number, name, sign, identifier, pole, or little.

Below the 32 bits of its hash a token has, from the lowest bit: 21 that say of which letters (modulo 21) it has an odd
number (0 where it is too short for a typo to be told from another word), 5 of its first letter, 2 of its length modulo
4, 1 that a sentence ends after it, and 3 for its class. Letters of a short name are hashed: only a name of the same
letters has the same bits, and none is close.
"""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.similarity.lexicon import FUNCTION_WORDS, NEGATIONS, NOT_NEGATIONS, POLES
from winnow.storage.types import U8, U32, U64, Bools, Ints
from winnow.text.codepoints import SEPARATOR, SINGLE, WORD, classify, codepoints, every_character
from winnow.text.tokens import hashed_spans, hashed_tokens, mix, spans

PLAIN, FUNCTION, NEGATION, NUMBER, NAME, SIGN, IDENTIFIER, POLE = range(8)
LETTERS = np.uint64((1 << 21) - 1)
FIRST_AT, LENGTH_AT, END_AT, CLASS_AT = np.uint64(21), np.uint64(26), np.uint64(28), np.uint64(29)
SHORTEST, SHORTEST_NAME = (
    5,
    7,
)  # letters from which a word may hold a typo; in a shorter name (Hebei, Hubei) only a swap
_TABLE = 0x20000

_NUMERALS = "二三四五六七八九十百千万亿两零〇"
_SIGNS = "≤≥≠±×÷√∫→←∈∞+*/%=<>^&|~$€£¥"
_BRACKETS, _HYPHENS, _COLONS = "()[]{}", "-−", ":"
_ENDS = ".!?。！？;；\n:："
_CLOSE = "\0"


def describe(texts: pa.Array) -> tuple[U64, Ints]:
    """Return the tokens of texts that still have their capitals, and the bounds of each text among them.

    Texts are closed by a character that none has, so that no text says what a token of the next one means.
    """
    points, bounds = codepoints(pc.binary_join_element_wise(texts, _CLOSE, ""))
    kinds = _with_signs(points, bounds, classify(points))
    starts, ends = spans(points, bounds, kinds)
    small = _small()[np.minimum(points, _TABLE - 1)]
    small = np.where(points < _TABLE, small, points)
    hashes = hashed_spans(small, starts, ends)
    low = _letters(small, kinds, starts, ends)
    kind = _classes(points, small, kinds, starts, ends, hashes, bounds)
    low[(ends - starts < SHORTEST) | ~np.isin(kind, (PLAIN, FUNCTION, NAME))] &= ~LETTERS
    name = (kind == NAME) & (ends - starts >= SHORTEST) & (ends - starts < SHORTEST_NAME)
    low[name] = (low[name] & ~LETTERS) | (mix(low[name] & LETTERS) & LETTERS)
    low |= (kind.astype(np.uint64) << CLASS_AT) | (_sentence_ends(points, starts, ends) << END_AT)
    return (hashes & ~np.uint64(0xFFFFFFFF)) | low, np.searchsorted(starts, bounds).astype(np.int64)


@cache
def _small() -> U32:
    letters = every_character(_TABLE, " ")
    lowered = pc.utf8_lower(letters)
    table = np.arange(_TABLE, dtype=np.uint32)
    single = pc.equal(pc.utf8_length(lowered), 1).to_numpy(zero_copy_only=False) & (table != 0xFFFF)
    surrogate = (table >= 0xD800) & (table < 0xE000)
    wide = "".join(lowered.filter(pa.array(single & ~surrogate)).to_pylist()).encode("utf-32-le")
    table[single & ~surrogate] = np.frombuffer(wide, np.uint32)
    return table


@cache
def _of(characters: str) -> Bools:
    table = np.zeros(_TABLE, bool)
    table[[ord(one) for one in characters]] = True
    return table


@cache
def _hashes(words: str) -> U64:
    return np.sort(hashed_tokens(pa.array(words.split(), pa.string())).hashes)


def _is(points: U32, characters: str) -> Bools:
    return _of(characters)[np.minimum(points, _TABLE - 1)]


def _shifted(values: Bools, by: int) -> Bools:
    """Return ``values`` of the neighbour ``by`` places on; False beyond the ends."""
    out = np.zeros_like(values)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def _digits(points: U32) -> Bools:
    return (points >= 48) & (points < 58)


def _with_signs(points: U32, bounds: Ints, kinds: U8) -> U8:
    """Make a token of each sign that means something: a minus or bracket beside a digit, an operator anywhere."""
    digit, space = _digits(points), points == 32
    bracket = _is(points, _BRACKETS)
    letter = (kinds == WORD) & ~digit
    before = _shifted(digit, 1) | (_shifted(space, 1) & _shifted(digit, 2))  # a digit comes next
    minus = _is(points, _HYPHENS) & before & ~_shifted(letter, -1)
    near = bracket & (_shifted(digit, 1) | _shifted(digit, -1))
    beside = digit | bracket
    colon = _is(points, _COLONS) & _shifted(beside, 1) & _shifted(beside, -1)
    sign = minus | near | colon | _is(points, "≤≥≠±×÷√∫→←∈∞")
    return np.where(sign, np.uint8(SINGLE), kinds)


def _letters(small: U32, kinds: U8, starts: Ints, ends: Ints) -> U64:
    """Return the letters that each token has an odd number of, its first letter, and its length modulo 4."""
    letter = (kinds == WORD) & ~_digits(small)
    bits = np.where(letter, np.uint64(1) << ((small.astype(np.uint64) - np.uint64(97)) % np.uint64(21)), np.uint64(0))
    found = np.bitwise_xor.reduceat(bits, starts) if len(starts) else np.zeros(0, np.uint64)
    first = (small[starts].astype(np.uint64) & np.uint64(31)) << FIRST_AT
    return found | first | (((ends - starts).astype(np.uint64) & np.uint64(3)) << LENGTH_AT)


def _any(mask: Bools, starts: Ints) -> Bools:
    return np.logical_or.reduceat(mask, starts) if len(starts) else np.zeros(0, bool)


def _classes(points: U32, small: U32, kinds: U8, starts: Ints, ends: Ints, hashes: U64, bounds: Ints) -> U8:
    """Return the class of each token; where it could have several, the one that separates more."""
    word = kinds[starts] == WORD
    inside = kinds != SEPARATOR
    out = np.where(_known(hashes, FUNCTION_WORDS), np.uint8(FUNCTION), np.uint8(PLAIN))
    capital = (small[starts] != points[starts]) & word
    out[capital & ~_opens(points, starts, bounds) & (ends - starts > 1)] = NAME
    inner = (small != points) & inside & _shifted(inside & (small == points) & ~_digits(points), -1)
    after = points[np.minimum(ends, len(points) - 1)]
    before = points[np.maximum(starts - 1, 0)]
    called = (ends < len(points)) & ((after == ord("(")) | (after == ord("_")))
    out[word & (_any(inner, starts) | called | ((starts > 0) & (before == ord("_"))))] = IDENTIFIER
    out[_known(hashes, POLES)] = POLE
    numeral = _is(points, _NUMERALS)
    one = (points == ord("一")) & (_shifted(numeral, 1) | _shifted(numeral, -1) | _shifted(points == ord("第"), -1))
    out[_any(_digits(points) & inside, starts) | ((numeral | one)[starts])] = NUMBER
    out[~word & (_is(points, _SIGNS + _BRACKETS + _HYPHENS + _COLONS)[starts])] = SIGN
    apostrophe = (before == 39) | (before == 0x2019)
    contracted = (points[starts] == ord("t")) & (ends - starts == 1) & apostrophe & (starts > 0)
    out[(_known(hashes, NEGATIONS) & ~_no_negation(points)[starts]) | contracted] = NEGATION
    return out


def _known(hashes: U64, words: str) -> Bools:
    known = _hashes(words)
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return known[at] == hashes


def _no_negation(points: U32) -> Bools:
    """Tell where a Chinese negation negates nothing: in 非常 or 未来, and between two equal characters (能不能)."""
    out = np.zeros(len(points), bool)
    if points.max(initial=0) < 0x3000:
        return out
    out[1:-1] = (points[:-2] == points[2:]) & (points[2:] >= 0x3400)
    for word in NOT_NEGATIONS.split():
        both = (points == ord(word[0])) & _shifted(points == ord(word[1]), 1)
        out |= both | _shifted(both, -1)
    return out


def _opens(points: U32, starts: Ints, bounds: Ints) -> Bools:
    """Tell which tokens open a text or a sentence: a capital there makes no name."""
    blank = _is(points, " \t\"“”'‘’(（「『*_")
    at = np.where(~blank, np.arange(len(points)), -1)
    last = np.maximum.accumulate(at)
    before = np.where(starts > 0, last[np.maximum(starts - 1, 0)], -1)
    text = bounds[np.searchsorted(bounds, starts, "right") - 1]
    closing = _is(points, _ENDS + "-•>#|)/")
    return (before < text) | closing[np.maximum(before, 0)]


def _sentence_ends(points: U32, starts: Ints, ends: Ints) -> U64:
    """Tell, as 0 or 1, which tokens are the last of a sentence or a text."""
    blank = np.zeros(len(points) + 1, bool)
    closed = points == ord(_CLOSE)
    blank[:-1] = (points == 32) | (points == 9) | (points == 10) | closed
    stop = _is(points, ".") & blank[1:]
    stop |= closed | _is(points, _ENDS.replace(".", "").replace(":", "")) | (_is(points, ":") & blank[1:])
    upto = np.concatenate(([0], np.cumsum(stop)))
    following = np.append(starts[1:], len(points))
    return (upto[following] > upto[ends]).astype(np.uint64)
