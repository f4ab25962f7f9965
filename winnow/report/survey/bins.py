"""Length bins that grow with the length, six to a decade, so that short and long texts both show their shape."""

import numpy as np
import numpy.typing as npt

EDGES = (0, 1, 1.5, 2, 3, 5, 7, *(m * 10**k for k in range(4) for m in (10, 15, 20, 30, 50, 70)), 100_000)
"""Lower edges of the bins; the last bin has no upper edge."""


def bin_of(lengths: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """Return the bin of each length.

    >>> [EDGES[n] for n in bin_of(np.array([0.0, 1.0, 19.9, 20.0, 1e9]))]
    [0, 1, 15, 20, 100000]
    """
    return np.searchsorted(np.array(EDGES), lengths, side="right") - 1


def position(length: float) -> float:
    """Return where ``length`` lies on the axis of bins, from 0 to 1; logarithmic inside a bin.

    >>> position(0), position(10) * len(EDGES)
    (0.0, 7.0)
    """
    at = int(bin_of(np.array([length]))[0])
    low, high = EDGES[at], EDGES[min(at + 1, len(EDGES) - 1)]
    inside = 0.0 if at == 0 or high == low else float(np.log(length / low) / np.log(high / low))
    return (at + min(inside, 1.0)) / len(EDGES)
