"""How much of a text repeats what stood before: the measures of Gopher (Rae et al. 2021, table A1).

Two things differ from the paper, so that they work for Chinese and for short texts. Grams are runs of
mixed tokens, and shares are of the characters of tokens (no white space, no punctuation). And a gram that occurs once
repeats nothing, so that a reply of three words has the share 0, not 1.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import U64, Bools, Floats, Ints
from winnow.text.words import Words


def row_keys(rows: Ints, hashes: U64, count: int) -> U64:
    """Return keys that are equal where row (below ``count``) and hash are: the row above as much of the hash as fits.

    >>> row_keys(np.array([1]), np.array([2**64 - 1], np.uint64), 2).tolist() == [2**64 - 1]
    True
    """
    bits = max(1, (count - 1).bit_length())
    return (rows.astype(np.uint64) << np.uint64(64 - bits)) | (hashes >> np.uint64(bits))


def grouped(keys: npt.NDArray[np.generic]) -> tuple[Ints, Bools]:
    """Return the order that puts equal keys together (each in its old order), and where in it a new key begins."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.ones(len(keys), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return order, new


class _Repeats(NamedTuple):
    """The grams that occur more than once in their text: positions group by group, and where a group begins."""

    positions: Ints
    new: Bools

    def names(self, size: int) -> Ints:
        """Return for each of ``size`` tokens the number of the repeated gram that starts there, -1 if none does."""
        names = np.full(size, -1)
        names[self.positions] = np.cumsum(self.new) - 1
        return names


def _repeats(keys: npt.NDArray[np.generic], positions: Ints) -> _Repeats:
    order, new = grouped(keys)
    again = ~new
    again[:-1] |= ~new[1:]
    return _Repeats(positions[order[again]], new[again])


def _join(first: Ints, second: Ints, shift: int) -> _Repeats:
    """Return the repeated grams made of ``first`` at a token and ``second`` at ``shift`` tokens after it.

    A gram repeats only if both its parts do, so few tokens are looked at (naming by pairs: Karp, Miller and Rosenberg
    1972). Names belong to one text, and two parts can meet across the end of a text in one place only: what crosses
    it occurs once and falls out.
    """
    at = np.flatnonzero((first[: max(len(first) - shift, 0)] >= 0) & (second[shift:] >= 0))
    return _repeats(first[at] * len(first) + second[at + shift], at)


class Repetition(NamedTuple):
    """Shares of the characters of tokens, 0 to 1, rounded to 4 digits; 0 for a text without tokens.

    ``top_n``: in the most frequent of the n-grams that occur at least twice (of equally frequent ones the longest).
    ``duplicate_n``: in n-grams that occurred before in the text; the first occurrence does not count.
    """

    top_2: Floats
    top_3: Floats
    top_4: Floats
    duplicate_5: Floats
    duplicate_10: Floats


def ngram_repetition(words: Words) -> Repetition:
    """Return how much of each text stands in repeated n-grams.

    >>> from winnow.text.words import words
    >>> shares = ngram_repetition(words(pa.array(["ab cd ab cd ef", "one two three", ""])))
    >>> shares.top_2.tolist(), shares.duplicate_5.tolist()
    ([0.8, 0.0, 0.0], [0.0, 0.0, 0.0])
    """
    size = len(words.starts)
    rows = words.rows()
    one = _repeats(row_keys(rows, words.hashes, len(words.bounds) - 1), np.arange(size)).names(size)
    two = _join(one, one, 1)
    names = two.names(size)
    three, four = _join(names, names, 1), _join(names, names, 2)
    names = four.names(size)
    five = _join(names, names, 1)
    names = five.names(size)
    ten = _join(names, names, 5)
    lengths = words.ends - words.starts
    sums = np.zeros(size + 1, np.int64)
    np.cumsum(lengths, out=sums[1:])
    total = sums[words.bounds[1:]] - sums[words.bounds[:-1]]

    def share(positions: Ints, n: int) -> Floats:
        covered = np.zeros(size, bool)
        for step in range(n):
            covered[positions + step] = True
        at = np.flatnonzero(covered)
        repeated = np.bincount(rows[at], weights=lengths[at], minlength=len(total))
        return np.round(repeated / np.maximum(total, 1), 4)

    return Repetition(
        share(_top(two, 2, rows, sums), 2),
        share(_top(three, 3, rows, sums), 3),
        share(_top(four, 4, rows, sums), 4),
        share(five.positions[~five.new], 5),
        share(ten.positions[~ten.new], 10),
    )


def _top(grams: _Repeats, n: int, rows: Ints, sums: Ints) -> Ints:
    """Return the positions of the most frequent gram of each row, of equally frequent ones the longest, the first."""
    group = np.cumsum(grams.new) - 1
    head = grams.positions[grams.new]
    counts = np.bincount(group, minlength=len(head))
    ranked = np.lexsort((-head, sums[head + n] - sums[head], counts, rows[head]))
    last = np.ones(len(head), bool)
    last[:-1] = rows[head[ranked[1:]]] != rows[head[ranked[:-1]]]
    chosen = np.zeros(len(head), bool)
    chosen[ranked[last]] = True
    return grams.positions[chosen[group]]


def duplicate_lines(texts: pa.Array) -> tuple[Floats, Floats]:
    r"""Return the share of lines that stood before in the text, and the share of characters in such lines.

    Lines are compared without white space at their ends; empty ones do not count. Both are 0 for a text of one line.

    >>> [share.tolist() for share in duplicate_lines(pa.array(["a\nbb\n\n a", "a a", ""]))]
    [[0.3333, 0.0, 0.0], [0.25, 0.0, 0.0]]
    """
    lines, characters = np.zeros(len(texts)), np.zeros(len(texts))
    several = np.flatnonzero(pc.match_substring(texts, "\n").to_numpy(zero_copy_only=False))
    if len(several):
        split = pc.split_pattern(texts.take(pa.array(several)), "\n")
        trimmed = pc.utf8_trim_whitespace(pc.list_flatten(split))
        lengths = pc.utf8_length(trimmed).to_numpy(zero_copy_only=False).astype(np.int64)
        rows = pc.list_parent_indices(split).to_numpy(zero_copy_only=False)
        codes = trimmed.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        order, new = grouped(rows * (len(codes) + 1) + codes)
        again = np.zeros(len(codes), bool)
        again[order] = ~new
        some = lengths > 0
        for shares, weights in ((lines, some.astype(np.int64)), (characters, lengths)):
            repeated = np.bincount(rows, weights=weights * again, minlength=len(several))
            total = np.bincount(rows, weights=weights, minlength=len(several))
            shares[several] = np.round(repeated / np.maximum(total, 1), 4)
    return lines, characters
