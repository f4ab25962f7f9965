"""Which rows a page shows: sampled by a hash, so that every run takes the same, and spread over the sources."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.records.draw import Draws

Item = TypeVar("Item")
Ints = npt.NDArray[np.int64]


def codes(*columns: pa.Array | pa.ChunkedArray) -> tuple[Ints, list[tuple[Any, ...]]]:
    """Return the group of each row, a number, and the values that the groups stand for.

    >>> codes(pa.array(["b", "a", "b"]), pa.array([1, 1, 1]))
    (array([1, 0, 1]), [('a', 1), ('b', 1)])
    """
    rows = list(zip(*(column.to_pylist() for column in columns), strict=True))
    names = sorted(set(rows), key=lambda row: tuple((value is not None, value) for value in row))
    place = {name: n for n, name in enumerate(names)}
    return np.array([place[row] for row in rows], np.int64), names


def first_of_each(groups: Ints, draws: Draws, count: int) -> Ints:
    """Return the positions of the ``count`` lowest draws of each group, groups in order, the lowest first.

    >>> first_of_each(np.array([1, 0, 1, 1]), np.array([5, 9, 7, 6], np.uint64), 2).tolist()
    [1, 0, 3]
    """
    order = np.lexsort((draws, groups))
    ordered = groups[order]
    place = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return order[place < count]


def spread(by_source: Mapping[str, Sequence[Item]], count: int) -> list[Item]:
    """Return up to ``count`` items, taken in turn from each source, in the order of the names.

    >>> spread({"b": [1, 2, 3], "a": [7]}, 3)
    [7, 1, 2]
    """
    queues = [list(items) for _, items in sorted(by_source.items())]
    chosen: list[Item] = []
    while len(chosen) < count and any(queues):
        chosen += [queue.pop(0) for queue in queues if queue]
    return chosen[:count]
