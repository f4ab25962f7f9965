"""Rows with equal keys: each is linked to the row of its group with the smallest id, so n rows cost n - 1 lines."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.similarity.keys import Keys
from winnow.storage.types import Bools, Ints


def representatives(row_ids: pa.Array, keys: Keys) -> Ints:
    """Return for each row the position of the row with the smallest id among those with the same key.

    >>> keys = np.array([[7, 1], [7, 2], [7, 1]], np.uint64)
    >>> representatives(pa.array(["s:3", "s:2", "s:1"]), keys).tolist()
    [2, 1, 2]
    """
    representative = np.arange(len(keys))
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    new = np.ones(len(keys), bool)
    new[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    group = np.cumsum(new) - 1
    several = np.bincount(group, minlength=1)[group] > 1
    rows, group = order[several], group[several]  # the ids of these few rows alone are compared
    rank = np.argsort(pc.sort_indices(row_ids.take(pa.array(rows))).to_numpy())
    by_rank = np.lexsort((rank, group))
    rows, group = rows[by_rank], group[by_rank]
    first = np.searchsorted(group, group)
    representative[rows] = rows[first]
    return representative


def star(row_ids: pa.Array, keys: Keys, among: Bools) -> Ints:
    """Return links (row, row with the smallest id and the same key) between the rows ``among``, shape (links, 2).

    >>> keys = np.array([[7, 1], [7, 1], [7, 1]], np.uint64)
    >>> star(pa.array(["s:3", "s:2", "s:1"]), keys, np.array([True, True, False])).tolist()
    [[0, 1]]
    """
    rows = np.flatnonzero(among)
    anchors = rows[representatives(row_ids.take(pa.array(rows)), keys[rows])]
    links = np.stack([rows, anchors], axis=1)
    return links[rows != anchors]
