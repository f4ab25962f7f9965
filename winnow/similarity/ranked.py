"""Settings of the search for rows of similar meaning, and the best of the pairs that it finds."""

from dataclasses import dataclass

import numpy as np

from winnow.similarity.forest import Links
from winnow.storage.types import Floats


@dataclass(frozen=True)
class Semantic:
    """How vectors are made (``tfidf``, or ``embed`` with the folder of a model), and what is kept of their links."""

    method: str
    floor: float
    links: int
    model: str = ""


def best(pairs: Links, values: Floats, count: int) -> tuple[Links, Floats]:
    """Return the pairs that are among the ``count`` of the highest value of either row; ties go to the earlier row.

    Taking the best of parts first changes nothing, so memory stays bounded whatever the number of pairs.

    >>> pairs = np.array([[0, 1], [0, 2], [0, 3], [1, 2]])
    >>> best(pairs, np.array([0.8, 0.9, 0.8, 0.8]), 1)[0].tolist()
    [[0, 1], [0, 2], [0, 3]]
    """
    row = np.concatenate((pairs[:, 0], pairs[:, 1]))
    other = np.concatenate((pairs[:, 1], pairs[:, 0]))
    order = np.lexsort((other, -np.concatenate((values, values)), row))
    ordered = row[order]
    place = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    kept = np.unique(order[place < count] % max(len(pairs), 1))
    return pairs[kept], values[kept]
