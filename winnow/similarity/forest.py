"""Groups of rows from links between them."""

import numpy as np

from winnow.storage.types import Floats, Ints

Links = Ints
"""Pairs of positions of rows, shape (links, 2)."""


def spanning_forest(count: int, links: Links, similarity: Floats) -> Ints:
    """Return the positions of the links of a maximum spanning forest, in descending similarity.

    With these alone the connected groups are right at every limit above the floor, and n alike rows cost n - 1 lines
    (Kruskal 1956). Ties are broken by the order of the rows.

    >>> links = np.array([[0, 1], [1, 2], [0, 2]])
    >>> spanning_forest(3, links, np.array([0.7, 0.9, 0.8])).tolist()
    [1, 2]
    """
    order = np.lexsort((links[:, 1], links[:, 0], -similarity))
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    kept = []
    for position, (a, b) in zip(order.tolist(), links[order].tolist(), strict=True):
        if (left := root(a)) != (right := root(b)):
            parent[left] = right
            kept.append(position)
    return np.array(kept, np.int64)


def groups(count: int, links: Links) -> Ints:
    """Return the number of the connected group of each of ``count`` rows.

    >>> groups(4, np.array([[0, 2]])).tolist()
    [0, 1, 0, 2]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(links), np.int8)
    graph = coo_matrix((ones, (links[:, 0], links[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)
