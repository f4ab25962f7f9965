"""The share of an English text's words that no word list has: misspellings, other languages, noise."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.lexicon import load, mistake, section
from winnow.storage.types import U64, Bools, Floats, Ints
from winnow.text.codepoints import slices
from winnow.text.tokens import SLICE, among, hashed_spans, hashed_tokens
from winnow.text.words import Words

_SHORTEST = 3
# fmt: off
_PREFIXES = (
    "un", "re", "in", "im", "ir", "il", "dis", "mis", "non", "over", "out", "pre", "under", "inter", "super", "sub",
    "multi", "micro", "anti", "semi", "self", "trans", "co", "de", "en", "fore", "hyper", "mid", "up", "down", "bio",
)
_ENDINGS = [
    "", "s", "es", "ed", "ing", "ings", "er", "ers", "est", "ly", "ness", "ment", "ments", "less", "ful", "fully",
    "able", "ably", "ability", "ation", "ations", "al", "ally", "ity", "ities", "ize", "izes", "ized", "izing", "ise",
    "ised", "ising", "ic", "ical", "ically", "ist", "ists", "ism", "ive", "or", "ors", "ion", "ions", "y", "ish",
    "ship", "like", "wise", "ward", "en", "ens", "ened", "ening", "ous", "ance", "ence", "ant", "ent",
]
# fmt: on
_OPEN = [ending for ending in _ENDINGS if ending and ending[0] in "aeiouy"]


def forms(words: pa.Array) -> pa.Array:
    """Return each of ``words`` with every ending, in the spellings that endings take (some 90 a word).

    Most of them are no words, which does no harm: misspellings and noise are not among them either.

    >>> {"stopped", "cities", "making", "simply", "presence"} <= set(
    ...     forms(pa.array(["stop", "city", "make", "simple", "present"])).to_pylist()
    ... )
    True
    """

    def some(pattern: str) -> pa.Array:
        return words.filter(pc.match_substring_regex(words, pattern))

    def joined(stems: pa.Array, endings: list[str]) -> list[pa.Array]:
        return [pc.binary_join_element_wise(stems, ending, "") for ending in endings]

    def cut(stems: pa.Array, letters: int) -> pa.Array:
        return pc.utf8_slice_codeunits(stems, 0, -letters)

    doubled = some("[^aeiou][aeiou][^aeiouwxy]$")
    doubled = pc.binary_join_element_wise(doubled, pc.utf8_slice_codeunits(doubled, -1), "")
    spellings = joined(words, _ENDINGS)
    spellings += joined(cut(some("e$"), 1), _OPEN) + joined(some("e$"), ["d", "r", "st"])
    spellings += joined(cut(some("y$"), 1), ["i" + ending for ending in _ENDINGS])
    spellings += joined(doubled, _OPEN)
    spellings += joined(cut(some("t$"), 1), ["cy", "ce", "ces"]) + joined(cut(some("te$"), 2), ["cy", "ce"])
    return pa.chunked_array(spellings).combine_chunks()


@cache
def _base() -> U64:
    """Return the sorted hashes of the listed words."""
    return np.sort(hashed_tokens(listed()).hashes)


@cache
def _known() -> U64:
    """Return the sorted hashes of all forms of the listed words."""
    return np.sort(np.concatenate([hashed_tokens(part).hashes for _, part in slices(forms(listed()), SLICE)]))


def known(words: pa.Array) -> Bools:
    """Return a mask of the single words that are listed, or are a listed one with an ending."""
    return among(hashed_tokens(words).hashes, _known())


@cache
def listed() -> pa.Array:
    """Return the words of ``english.yaml`` and the stop words, sorted, without endings."""
    lists = section("english", "english", load("english"), ("words",), ("words",))
    if not isinstance(lists["words"], str):
        raise mistake("english", "words", "must be one text of words with spaces between; write it after `>-`")
    return pa.array(sorted({*lists["words"].split(), *load("stopwords")["en"].split()}))


def unknown_word_rate(words: Words) -> Floats:
    """Return the share of each text's words that are not known, 0 to 1, rounded to 4 digits; 0.0 where none counts.

    Words of three letters or more count, all of a to z: one with a capital is a name as likely as not. A word is
    known if ``english.yaml`` has it, with or without an ending and a prefix. In clean prose 2 to 3 words of 100 are
    unknown all the same (terms, names of plants and dishes), in other European languages 70 to 90: the rate describes
    texts, not words.

    >>> from winnow.text.words import words
    >>> unknown_word_rate(words(pa.array(["The cats were unhappily blorked by Zorg", ""]))).tolist()
    [0.25, 0.0]
    """
    letters = (words.points >= ord("a")) & (words.points <= ord("z"))
    sums = np.zeros(len(letters) + 1, np.int64)
    np.cumsum(letters, out=sums[1:])
    sizes = words.ends - words.starts
    at = np.flatnonzero((sums[words.ends] - sums[words.starts] == sizes) & (sizes >= _SHORTEST))
    rows, count = words.rows()[at], len(words.bounds) - 1
    left = np.flatnonzero(~among(words.hashes[at], _base()))
    left = left[~among(words.hashes[at[left]], _known())]
    left = left[~_known_behind_a_prefix(words, at[left])]
    total = np.bincount(rows, minlength=count)
    return np.round(np.bincount(rows[left], minlength=count) / np.maximum(total, 1), 4)


def _known_behind_a_prefix(words: Words, tokens: Ints) -> Bools:
    """Return a mask of the tokens that are a prefix and a known word."""
    index, starts = [], []
    for prefix in _PREFIXES:
        able = np.flatnonzero(words.ends[tokens] - words.starts[tokens] >= len(prefix) + _SHORTEST)
        for step, letter in enumerate(prefix):
            able = able[words.points[words.starts[tokens[able]] + step] == ord(letter)]
        index.append(able)
        starts.append(words.starts[tokens[able]] + len(prefix))
    which, begins = np.concatenate(index), np.concatenate(starts)
    known = np.zeros(len(tokens), bool)
    known[which[among(hashed_spans(words.folded, begins, words.ends[tokens[which]]), _known())]] = True
    return known
