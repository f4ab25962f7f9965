"""Rows that say the same in other words: exact search for the highest cosines above a floor, in bounded memory.

The similarity is the cosine of the whole rows or of their turns alone, whichever is smaller, as for near-duplicates.
"""

import numpy as np
import numpy.typing as npt

from winnow.similarity import embed, sparse
from winnow.similarity.forest import Links, spanning_forest
from winnow.similarity.ranked import Semantic, best
from winnow.similarity.sketches import Task
from winnow.storage.types import Floats, Ints

_HELD = 2_000_000  # pairs, after which those that are not among the best of a row go


def semantic_links(
    tasks: list[Task], sizes: list[int], rows: Ints, kinds: npt.NDArray[np.int32], semantic: Semantic
) -> tuple[Links, Floats]:
    """Return links between ``rows`` (sorted positions) of one kind that reach the floor, and their similarities.

    Each row gives its ``links`` best; of these a maximum spanning forest stays, so that n alike rows cost n - 1 lines.
    """
    finder = sparse.alike_pairs if semantic.method == "tfidf" else embed.alike_pairs
    links, similarity = np.zeros((0, 2), np.int64), np.zeros(0)
    waiting: list[tuple[Links, Floats]] = []
    for pairs in finder(tasks, sizes, rows, kinds, semantic):
        waiting.append(pairs)
        if sum(len(one) for one, _ in waiting) > _HELD:
            links, similarity = _merged([(links, similarity), *waiting], semantic.links)
            waiting = []
    links, similarity = _merged([(links, similarity), *waiting], semantic.links)
    kept = spanning_forest(sum(sizes), links, similarity)
    return links[kept], similarity[kept]


def _merged(parts: list[tuple[Links, Floats]], count: int) -> tuple[Links, Floats]:
    return best(np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts]), count)
