"""What one list of a pair has more of than the other: tokens or sentences, counted for many pairs by one sort."""

from typing import NamedTuple

import numpy as np

from winnow.similarity.classes import CLASS_AT, END_AT, FIRST_AT, FUNCTION, LENGTH_AT, LETTERS
from winnow.similarity.jaccard import taken
from winnow.storage.types import U8, U64, Bools, Ints
from winnow.text.tokens import mix

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_MOST_TYPOS = 40  # words that one side of a pair has more of, beyond which none is looked at as a typo


class Surplus(NamedTuple):
    """One entry for each token that the two lists of a pair do not have equally often.

    ``pair`` is the position of the pair of lists, ``times`` how often more the first list has the token (below 0: the
    second), ``key`` the hash of the token, ``kind`` its class, ``typo`` whether the other list has nearly its letters.
    """

    pair: Ints
    key: U64
    times: Ints
    kind: U8
    typo: Bools

    def content(self) -> Bools:
        """Tell which entries carry meaning: no typo and no function word."""
        return ~self.typo & (self.kind != FUNCTION)


def surplus(tokens: U64, bounds: Ints, lists: Ints) -> Surplus:
    """Return what the two lists of each of ``lists``, shape (pairs, 2), differ in."""
    places, owners, sides = [], [], []
    for one in range(2):
        at, ends = taken(bounds, lists[:, one])
        places.append(at)
        owners.append(np.repeat(np.arange(len(lists)), np.diff(ends)))
        sides.append(np.full(len(at), 1 - 2 * one))
    token = tokens[np.concatenate(places)]
    owner, side = np.concatenate(owners).astype(np.uint64), np.concatenate(sides)
    keys = (owner << _HALF) | (token >> _HALF)
    order = np.argsort(keys, kind="stable")
    keys, side, token = keys[order], side[order], token[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    if len(starts) == 0:
        empty = np.zeros(0, np.int64)
        return Surplus(empty, empty.astype(np.uint64), empty, empty.astype(np.uint8), empty.astype(bool))
    count = np.add.reduceat(side, starts)
    some = np.flatnonzero(count)
    entry = np.maximum.reduceat(token & _LOW, starts)[some]  # of the class that separates most, whichever side it is on
    pair = (keys[starts[some]] >> _HALF).astype(np.int64)
    kind = (entry >> CLASS_AT).astype(np.uint8)
    return Surplus(pair, keys[starts[some]] & _LOW, count[some], kind, _typos(pair, count[some], entry))


def _typos(pair: Ints, count: Ints, token: U64) -> Bools:
    """Tell which entries have a counterpart on the other side with the same first letter, and letters but for two.

    A letter too many, too few, swapped or replaced leaves the parity of all but two letters as it was. Words with the
    same letters need no equal first one: hte.
    """
    out = np.zeros(len(pair), bool)
    long = np.flatnonzero((token & LETTERS) != 0)
    if len(long) == 0:
        return out
    first, second = long[count[long] > 0], long[count[long] < 0]
    begin, others = _run(pair[second], pair[first])
    sizes = np.where(np.maximum(others, _run(pair[first], pair[first])[1]) <= _MOST_TYPOS, others, 0)
    one = np.repeat(first, sizes)
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    other = second[np.repeat(begin, sizes) + offset] if len(second) else np.zeros(0, np.int64)
    differ = token[one] ^ token[other]
    letters = np.bitwise_count(differ & LETTERS)
    first_letter = ((differ >> FIRST_AT) & np.uint64(31)) == 0
    length = ((token[one] >> LENGTH_AT) - (token[other] >> LENGTH_AT)) & np.uint64(3)
    close = (length != 2) & ((letters == 0) | ((letters <= 2) & first_letter))
    out[one[close]] = out[other[close]] = True
    return out


def _run(sorted_values: Ints, values: Ints) -> tuple[Ints, Ints]:
    """Return where the run of each of ``values`` begins among ``sorted_values``, and its length."""
    begin = np.searchsorted(sorted_values, values)
    return begin, np.searchsorted(sorted_values, values, "right") - begin


def sentences(tokens: U64, bounds: Ints) -> tuple[U64, Ints, Ints]:
    """Return a hash of each sentence of all lists, its number of tokens, and the bounds of each list among them."""
    last = ((tokens >> END_AT) & np.uint64(1)).astype(bool)
    last[bounds[1:][np.diff(bounds) > 0] - 1] = True
    ends = np.flatnonzero(last) + 1
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1])) if len(ends) else ends
    position = np.arange(len(tokens)) - np.repeat(starts, ends - starts)
    terms = mix((tokens >> _HALF) + (position.astype(np.uint64) << _HALF))
    hashes = np.add.reduceat(terms, starts) if len(starts) else np.zeros(0, np.uint64)
    return (hashes & ~_LOW), ends - starts, np.searchsorted(starts, bounds).astype(np.int64)


def fingerprints(tokens: U64, bounds: Ints) -> U64:
    """Return a number for each list that equal lists share, whatever the classes of their tokens."""
    sizes = np.diff(bounds)
    place = np.arange(len(tokens)) - np.repeat(bounds[:-1], sizes)
    sums = np.concatenate(
        (np.zeros(1, np.uint64), np.cumsum(mix((tokens >> _HALF) + (place.astype(np.uint64) << _HALF))))
    )
    return mix(sums[bounds[1:]] - sums[bounds[:-1]] + sizes.astype(np.uint64))


def numbered(hashes: U64, lengths: Ints) -> tuple[U64, Ints]:
    """Return sentences as numbers from 0, in the upper half, and the tokens of each number."""
    order = np.argsort(hashes, kind="stable")
    new = np.ones(len(hashes), bool)
    new[1:] = hashes[order[1:]] != hashes[order[:-1]]
    number = np.empty(len(hashes), np.uint64)
    number[order] = np.cumsum(new) - 1
    return number << _HALF, lengths[order[new]]
