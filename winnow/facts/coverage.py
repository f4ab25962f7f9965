"""How much of what an instruction names is in its response: keywords and entities."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.lexicon import load, mistake, section
from winnow.storage.types import U64, Bools, Floats
from winnow.text.characters import LETTER, kinds
from winnow.text.codepoints import SINGLE, classify
from winnow.text.repetition import grouped, row_keys
from winnow.text.sentences import sentence_numbers
from winnow.text.tokens import among
from winnow.text.words import Words, prefix_hashes, words

STEM = 6
"""Characters that stand for a word, so that ``translate`` meets ``translation``: a stemmer by truncation."""
_SHORTEST = 3  # letters of a keyword
_QUOTED = 8  # tokens of a quotation that is a name, at most
_OPENING, _CLOSING, _EITHER = (np.array([ord(sign) for sign in signs]) for signs in ("“「『《‘", "”」』》’", '"'))
_LATIN = LETTER + 1


class Terms(NamedTuple):
    """The term that stands for each token of texts: the stem of a word, or a pair of characters of a script without
    spaces; a token that is neither ``word`` nor ``pair`` is a sign or a character that stands alone.
    """

    hashes: U64
    word: Bools
    pair: Bools


def terms(words: Words) -> Terms:
    """Return the term that starts at each token."""
    points = words.points[words.starts]
    lengths = words.ends - words.starts
    kind = kinds(points)
    single = (classify(points) == SINGLE) & (kind >= LETTER)
    pair = np.zeros(len(single), bool)
    pair[:-1] = single[:-1] & single[1:] & (words.ends[:-1] == words.starts[1:])
    pair[words.bounds[1:-1][words.bounds[1:-1] > 0] - 1] = False  # no pair across the end of a text
    word = classify(points) != SINGLE
    return Terms(prefix_hashes(words, np.where(word, np.minimum(lengths, STEM), 1 + pair)), word, pair)


class Coverage(NamedTuple):
    """Shares of an instruction's different keywords and entities that its response holds, 0 to 1, rounded to 4 digits;
    1.0 where the instruction has none.
    """

    keywords: Floats
    entities: Floats


def coverage(instructions: pa.Array, response: Words) -> Coverage:
    """Return the shares of what each of ``instructions`` names that are in its response.

    Keywords are words of three letters and more, and pairs of Chinese characters, that ``stopwords.yaml`` does not
    list. Entities are capitalised words that begin no sentence, words in capitals, words with a digit, numbers of two
    digits and more (``Write 5 …`` names none), and what stands in quotation marks, up to eight tokens of it; they are
    counted by word. Names in Chinese are seen in quotation marks only; in German every noun is an entity. A reply in
    another language than the instruction, such as a translation, holds little of it.

    >>> instructions = pa.array(["Who wrote the novel Emma?", "介绍《红楼梦》", "Hi"])
    >>> shares = coverage(instructions, words(pa.array(["Emma", "红楼", ""])))
    >>> shares.keywords.tolist(), shares.entities.tolist()
    ([0.3333, 0.5, 1.0], [1.0, 0.5, 1.0])
    """
    asked = words(instructions)
    term = terms(asked)
    rows, count = asked.rows(), len(instructions)
    there = np.sort(row_keys(response.rows(), terms(response).hashes, count))
    keys = row_keys(rows, term.hashes, count)
    covered = among(keys, there)

    def share(chosen: Bools) -> Floats:
        at = np.flatnonzero(chosen)
        order, new = grouped(keys[at])
        at = at[order[new]]
        total = np.bincount(rows[at], minlength=count)
        met = np.bincount(rows[at[covered[at]]], minlength=count)
        return np.where(total > 0, np.round(met / np.maximum(total, 1), 4), 1.0)

    stop = _stopped(asked, term)
    return Coverage(share(_keywords(asked, term) & ~stop), share(_entities(asked, term, stop)))


def _keywords(asked: Words, term: Terms) -> Bools:
    long = asked.ends - asked.starts >= _SHORTEST
    return term.pair | (term.word & long & (kinds(asked.points[asked.starts]) >= LETTER))


def _entities(asked: Words, term: Terms, stop: Bools) -> Bools:
    sizes = asked.ends - asked.starts
    points = asked.points[asked.starts]
    kind = kinds(points)
    upper = asked.points != asked.folded
    upper &= kinds(asked.points) == _LATIN
    digits = np.concatenate([[0], np.cumsum((asked.points >= ord("0")) & (asked.points <= ord("9")))])
    digits = digits[asked.ends] - digits[asked.starts]
    capital = upper[asked.starts] & (sizes > 1)
    capitals = capital & upper[np.minimum(asked.starts + 1, len(upper) - 1)]
    number = sentence_numbers(asked)
    first = np.ones(len(points), bool)
    first[1:] = number[1:] != number[:-1]
    first |= asked.points[np.maximum(asked.starts - 2, 0)] == ord(":")
    named = capitals | (capital & ~first) | ((digits > 0) & (sizes > 1) & (kind >= kinds(np.array([ord("0")]))[0]))
    return (term.word & named & ~stop) | (_quoted(asked) & ((term.word & ~stop) | term.pair))


def _quoted(asked: Words) -> Bools:
    """Return a mask of the tokens in quotation marks, in a short quotation."""
    points = asked.points
    at = np.flatnonzero(np.isin(points, np.concatenate([_OPENING, _CLOSING, _EITHER])))
    inside = np.zeros(len(asked.starts) + 1, np.int64)
    if len(at) > 1:
        text = np.searchsorted(asked.edges, at, "right")
        plain = points[at] == _EITHER[0]
        nth = np.cumsum(plain) - 1
        begin = np.searchsorted(text, text, "left")  # the first mark of the same text
        odd = (nth - (nth[begin] - plain[begin] + 1)) % 2 == 0
        opens = np.isin(points[at], _OPENING) | (plain & odd)
        closes = np.isin(points[at], _CLOSING) | (plain & ~odd)
        pair = np.flatnonzero(opens[:-1] & closes[1:] & (text[:-1] == text[1:]))
        low = np.searchsorted(asked.starts, at[pair], "left")
        high = np.searchsorted(asked.starts, at[pair + 1], "left")
        short = high - low <= _QUOTED
        np.add.at(inside, low[short], 1)
        np.add.at(inside, high[short], -1)
    return np.cumsum(inside)[:-1] > 0


@cache
def _stop_hashes() -> tuple[U64, U64]:
    """Return the hashes of stopped tokens (words and single characters) and the terms of stopped pairs, sorted."""
    lists = section("stopwords", "stopwords", load("stopwords"), ("en", "zh"), ("en", "zh"))
    for language, text in lists.items():
        if not isinstance(text, str):
            raise mistake("stopwords", language, "must be one text of words with spaces between; write it after `>-`")
    listed = words(pa.array(" ".join(lists.values()).split()))
    alone = np.flatnonzero(np.diff(listed.bounds) == 1)
    pairs = terms(listed)
    return np.sort(listed.hashes[listed.bounds[alone]]), np.sort(pairs.hashes[pairs.pair])


def _stopped(asked: Words, term: Terms) -> Bools:
    tokens, pairs = _stop_hashes()
    stopped = among(asked.hashes, tokens)
    after = np.append(stopped[1:], False)
    return np.where(term.pair, stopped | after | among(term.hashes, pairs), stopped)
