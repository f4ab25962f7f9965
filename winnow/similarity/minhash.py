"""MinHash signatures and their bands (Broder 1997; Leskovec et al., "Mining of Massive Datasets", ch. 3).

126 hash functions in 21 bands of 6: two texts with Jaccard similarity s share a band with probability
1 - (1 - s**6)**21, that is .60 at s = .60, .93 at .70, .998 at .80. All arithmetic is unsigned 32-bit, which processors
do for eight numbers at a time, so the result is the same for every chunk size, process and machine.
"""

import numpy as np

from winnow.storage.types import U32, U64, Ints
from winnow.text.tokens import mix

BANDS, PER_BAND = 21, 6
_STEP = np.uint64(0x9E3779B97F4A7C15)
_BLOCK = 1 << 15  # shingles that are hashed at a time, so that they stay in the cache of the processor


def _functions() -> tuple[U32, U32]:
    """Return multipliers (odd) and increments of the hash functions: a fixed sequence, never random."""
    numbers = (mix(np.arange(1, 2 * BANDS * PER_BAND + 1, dtype=np.uint64) * _STEP) >> np.uint64(32)).astype(np.uint32)
    return numbers[::2] | np.uint32(1), numbers[1::2]


def signatures(hashes: U64 | U32, bounds: Ints) -> U32:
    """Return the signature of each list of shingles, shape (lists, 126); zeros for an empty one.

    Of 64-bit hashes the upper half counts.
    """
    values = (hashes if hashes.dtype == np.uint32 else hashes >> np.uint64(32)).astype(np.uint32, copy=False)
    some = np.flatnonzero(np.diff(bounds))
    starts = bounds[some]
    least = np.zeros((BANDS * PER_BAND, len(some)), np.uint32)
    first = 0
    while first < len(some):
        stop = max(first + 1, int(np.searchsorted(starts, starts[first] + _BLOCK)))
        end = starts[stop] if stop < len(some) else len(values)
        block, places = values[starts[first] : end], starts[first:stop] - starts[first]
        permuted = np.empty_like(block)
        for number, (factor, increment) in enumerate(zip(*_functions(), strict=True)):
            np.multiply(block, factor, out=permuted)
            np.add(permuted, increment, out=permuted)
            np.minimum.reduceat(permuted, places, out=least[number, first:stop])
        first = stop
    out = np.zeros((len(bounds) - 1, BANDS * PER_BAND), np.uint32)
    out[some] = least.T
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

    Of a key as many upper bits count as leave room for a position: of a million texts 44, which are equal by chance in
    one band of thirty.

    >>> candidates(np.array([7, 3, 7], np.uint64) << np.uint64(9)).tolist()
    [[0, 2]]
    """
    # keys and positions in one number: to sort it costs a fifth of an argsort
    bits = np.uint64(max(1, (len(keys) - 1).bit_length()))
    packed = np.sort((keys >> bits) << bits | np.arange(len(keys), dtype=np.uint64))
    order, ordered = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64), packed >> bits
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
