"""MinHash signatures and their bands (Broder 1997; Leskovec et al., "Mining of Massive Datasets", ch. 3).

126 hash functions in 21 bands of 6: two texts with Jaccard similarity s share a band with probability
1 - (1 - s**6)**21, that is .60 at s = .60, .93 at .70, .998 at .80. All arithmetic is unsigned 64-bit, so the result
is the same for every chunk size, process and machine.
"""

import numpy as np

from winnow.storage.types import U32, U64, Ints
from winnow.text.tokens import Tokens, mix

BANDS, PER_BAND = 21, 6
_STEP = np.uint64(0x9E3779B97F4A7C15)


def _functions() -> tuple[U64, U64]:
    """Return multipliers (odd) and increments of the hash functions: a fixed sequence, never random."""
    numbers = mix(np.arange(1, 2 * BANDS * PER_BAND + 1, dtype=np.uint64) * _STEP)
    return numbers[::2] | np.uint64(1), numbers[1::2]


def signatures(shingles: Tokens) -> U32:
    """Return the signature of each text, shape (texts, 126); texts without shingles get zeros."""
    hashes, bounds = shingles
    out = np.zeros((len(bounds) - 1, BANDS * PER_BAND), np.uint32)
    some = np.flatnonzero(np.diff(bounds))
    if len(some) == 0:
        return out
    starts = bounds[some]
    for number, (factor, increment) in enumerate(zip(*_functions(), strict=True)):
        permuted = ((hashes * factor + increment) >> np.uint64(32)).astype(np.uint32)
        out[some, number] = np.minimum.reduceat(permuted, starts)
    return out


def band_keys(signatures: U32) -> U64:
    """Return a key per band, shape (texts, 21): texts with an equal key in any band are candidates."""
    keys = np.zeros((len(signatures), BANDS), np.uint64)
    for row in range(PER_BAND):
        keys = mix(keys + signatures[:, row::PER_BAND].astype(np.uint64) + np.uint64(row + 1))
    return keys


def candidates(keys: U64, alike: int = 32) -> Ints:
    """Return pairs ``(a, b)``, a < b, of texts with equal keys in one band, shape (pairs, 2).

    All pairs of a group up to ``alike`` texts; a larger group gives each text paired with the group's first and with
    its ``alike`` successors, so that a cluster of n texts never costs n**2 pairs.

    >>> candidates(np.array([7, 3, 7], np.uint64)).tolist()
    [[0, 2]]
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    pairs = []
    equal = np.ones(len(keys), bool)
    for step in range(1, alike + 1):
        if step >= len(keys):
            break
        equal = equal[: len(keys) - step] & (ordered[step:] == ordered[:-step])
        at = np.flatnonzero(equal)
        if len(at) == 0:
            break
        pairs.append(np.stack([order[at], order[at + step]], axis=1))
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(keys) else np.zeros(0, int)
    sizes = np.diff(np.append(starts, len(keys)))
    for start, size in zip(starts[sizes > alike + 1], sizes[sizes > alike + 1], strict=True):
        rest = order[start + alike + 1 : start + size]
        pairs.append(np.stack([np.full(len(rest), order[start]), rest], axis=1))
    if not pairs:
        return np.zeros((0, 2), np.int64)
    return np.sort(np.concatenate(pairs), axis=1)
