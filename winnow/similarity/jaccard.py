"""True Jaccard similarity of candidate pairs; without it chains of false candidates remove a fifth too much.

Shingles are compared by 32 bits of their hash, packed below the number of their row or pair into one 64-bit integer:
one sort then finds what is distinct, or shared. Two shingles of a pair of rows collide once in a million pairs.
"""

from typing import Any

import numpy as np

from winnow.storage.types import U32, U64, Bools, Floats, Ints

_HALF = np.uint64(32)


def gathered(values: Any, bounds: Ints, rows: Ints) -> tuple[Any, Ints]:
    """Return the values of ``rows`` (in that order, with repeats) end to end, and their bounds.

    >>> gathered(np.array([5, 6, 7], np.uint32), np.array([0, 2, 3]), np.array([1, 0]))[0].tolist()
    [7, 5, 6]
    """
    at, ends = taken(bounds, rows)
    return values[at], ends


def taken(bounds: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the places of the values of ``rows`` (in that order, with repeats) end to end, and their bounds.

    >>> taken(np.array([0, 2, 3]), np.array([1, 0]))[0].tolist()
    [2, 0, 1]
    """
    lengths = bounds[rows + 1] - bounds[rows]
    ends = np.concatenate(([0], np.cumsum(lengths)))
    return np.arange(ends[-1]) + np.repeat(bounds[rows] - ends[:-1], lengths), ends


def _packed(values: U64, bounds: Ints) -> U64:
    owner = np.repeat(np.arange(len(bounds) - 1, dtype=np.uint64), np.diff(bounds))
    return (owner << _HALF) | values


def distinct(values: U64) -> U64:
    """Return the distinct values, sorted: ``numpy.unique`` of 64-bit integers costs twenty times this sort.

    >>> distinct(np.array([7, 3, 7], np.uint64)).tolist()
    [3, 7]
    """
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def among(values: U64, others: U64) -> Bools:
    """Tell which of ``values`` are in ``others``: ``numpy.isin`` of 64-bit integers costs many times this sort.

    >>> among(np.array([7, 3], np.uint64), np.array([9, 7], np.uint64)).tolist()
    [True, False]
    """
    ordered = np.sort(others)
    at = np.searchsorted(ordered, values)
    at[at == len(ordered)] = 0
    return ordered[at] == values if len(ordered) else np.zeros(len(values), bool)


def unique_per_row(values: U64, bounds: Ints) -> tuple[U32, Ints]:
    """Return the distinct upper halves of the 64-bit values of each row, sorted, with new bounds.

    >>> one, two = np.uint64(1 << 32), np.uint64(2 << 32)
    >>> values, bounds = unique_per_row(np.array([two, one, two, one]), np.array([0, 3, 4]))
    >>> values.tolist(), bounds.tolist()
    ([1, 2, 1], [0, 2, 3])
    """
    packed = distinct(_packed(values >> _HALF, bounds))
    counts = np.bincount((packed >> _HALF).astype(np.int64), minlength=len(bounds) - 1)
    return packed.astype(np.uint32), np.concatenate(([0], np.cumsum(counts)))


def similarities(values: U32, bounds: Ints, pairs: Ints) -> Floats:
    """Return |A and B| / |A or B| for each pair of rows, whose values are distinct.

    >>> values, bounds = np.array([1, 2, 3, 2, 3, 4], np.uint32), np.array([0, 3, 6])
    >>> similarities(values, bounds, np.array([[0, 1]])).tolist()
    [0.5]
    """
    common, sizes = shared(values, bounds, pairs), np.diff(bounds)
    return common / np.maximum(sizes[pairs].sum(axis=1) - common, 1)


def shared(values: U32, bounds: Ints, pairs: Ints) -> Ints:
    """Return |A and B| for each pair of rows, whose values are distinct."""
    if len(pairs) == 0:
        return np.zeros(0, np.int64)
    both = np.concatenate([_packed(*_widened(values, bounds, side)) for side in pairs.T])
    both.sort()
    shared_at = both[1:] == both[:-1]
    return np.bincount((both[1:][shared_at] >> _HALF).astype(np.int64), minlength=len(pairs))


def _widened(values: U32, bounds: Ints, rows: Ints) -> tuple[U64, Ints]:
    wide, ends = gathered(values, bounds, rows)
    return wide.astype(np.uint64), ends
