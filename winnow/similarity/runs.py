"""Runs of k tokens as 64-bit hashes, of any k at the cost of a difference of prefix sums."""

from functools import cache
from typing import NamedTuple

import numpy as np

from winnow.storage.types import U64, Ints

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MOST_BITS = 22


@cache
def _powers(base: int, count: int) -> U64:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers)


def _power(base: np.uint64, count: int) -> U64:
    return _powers(int(base), 1 << max(12, count.bit_length()))[:count]


class Runs:
    """Hashes of the runs of tokens that are hashes themselves (well spread, as those of text are)."""

    def __init__(self, tokens: U64) -> None:
        self._sums = np.zeros(len(tokens) + 1, np.uint64)
        np.cumsum(tokens * _power(_BASE, len(tokens)), out=self._sums[1:])

    def between(self, starts: Ints, stops: Ints) -> U64:
        """Return the hash of each run from a start to its stop; 0 for an empty one."""
        return (self._sums[stops] - self._sums[starts]) * _power(_INVERSE, len(self._sums))[starts]

    def of(self, length: int) -> U64:
        """Return the hash of each run of ``length`` tokens, one for each token that such a run starts at.

        >>> tokens = np.array([3, 5, 3, 5], np.uint64)
        >>> runs = Runs(tokens).of(2)
        >>> bool(runs[0] == runs[2]), len(Runs(tokens).of(5))
        (True, 0)
        """
        count = max(len(self._sums) - length, 0)
        return (self._sums[length:] - self._sums[:count]) * _power(_INVERSE, count)


class Known(NamedTuple):
    """Hashes to be looked up: sorted, and a table that tells at once of most others that they are not there."""

    keys: U64
    table: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def find(self, hashes: U64) -> tuple[Ints, Ints]:
        """Return where in ``hashes`` known ones stand, and which key each is."""
        at = np.flatnonzero(self.table[hashes >> np.uint64(65 - len(self.table).bit_length())])
        key = np.minimum(np.searchsorted(self.keys, hashes[at]), len(self.keys) - 1)
        same = self.keys[key] == hashes[at]
        return at[same], key[same]


def known(keys: U64) -> Known:
    """Return sorted distinct ``keys`` ready to be looked up."""
    bits = min(len(keys).bit_length() + 4, _MOST_BITS)
    table = np.zeros(1 << bits, np.bool_)
    table[keys >> np.uint64(64 - bits)] = True
    return Known(keys, table)
