"""Groups of duplicates among all clean rows at a limit, and the choice of the one that stays."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop
from winnow.harness.errors import UserError
from winnow.storage.buckets import positions

REASONS = {
    "near": "near_duplicate",
    "semantic": "semantic_duplicate",
    "response": "same_response",
    "prompt": "same_prompt",
}
"""Why a row leaves, by the relation that it has with the row that stays; twins are ``exact_duplicate`` throughout."""

Ranks = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Neighbourhood(NamedTuple):
    """Rows with the links between them that reach a limit; rows that are no longer alive still link."""

    row_ids: pa.Array
    links: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    exact: npt.NDArray[np.bool_]


def _reaching(neighbours: pa.Table, limit: float, relation: str) -> pa.Table:
    """Return the exact links, and those of ``relation`` that reach ``limit``."""
    wanted = pc.and_(pc.equal(neighbours["relation"], relation), pc.greater_equal(neighbours["similarity"], limit))
    return neighbours.filter(pc.or_(pc.equal(neighbours["relation"], "exact"), wanted))


def linked_rows(neighbours: pa.Table, limit: float, relation: str = "near") -> pa.Array:
    """Return the ids of all rows with an exact link or one of ``relation`` of at least ``limit``, sorted."""
    kept = _reaching(neighbours, limit, relation)
    ids = pc.unique(pa.chunked_array([*kept["row_id"].chunks, *kept["other_row_id"].chunks], pa.string()))
    return ids.take(pc.sort_indices(ids))


def neighbourhood(row_ids: pa.Array, neighbours: pa.Table, limit: float, relation: str = "near") -> Neighbourhood:
    """Return the rows ``row_ids`` with their exact links and their links of ``relation`` of at least ``limit``."""
    kept = _reaching(neighbours, limit, relation)
    links = np.stack([positions(kept[name], row_ids) for name in ("row_id", "other_row_id")], axis=1)
    if len(links) and links.min() < 0:
        raise UserError("data/neighbours names a row that is not there; run dvc repro.")
    exact = pc.equal(kept["relation"], "exact").to_numpy(zero_copy_only=False)
    return Neighbourhood(row_ids, links, kept["similarity"].to_numpy(zero_copy_only=False), exact)


def twins(linked: Neighbourhood) -> npt.NDArray[np.int64]:
    """Return for each row the position of the row that stands for it and its exact duplicates."""
    representative = np.arange(len(linked.row_ids))
    representative[linked.links[linked.exact, 0]] = linked.links[linked.exact, 1]
    return representative


def duplicates(
    linked: Neighbourhood, rank: Ranks, alive: Mask, limit: float, relation: str = "near"
) -> dict[int, Drop]:
    """Return the drops by position: in each group the alive row of the lowest ``rank`` stays.

    ``value`` is the weakest link on the way to the survivor in the forest of links; ``detail`` names the row that
    the dropped one is linked to where that is not the survivor itself.
    """
    survivors = _survivors(linked, rank, alive)
    before, weakest = _ways(linked, survivors)
    same = twins(linked)
    survivor = _roots(before)
    out = np.flatnonzero(alive & (before != np.arange(len(before))))
    ids = linked.row_ids
    named = ids.take(pa.array(survivor[out])).to_pylist()
    via = ids.take(pa.array(before[out])).to_pylist()
    exact = same[out] == same[survivor[out]]
    return {
        position: Drop(
            "exact_duplicate" if twin else REASONS[relation],
            value,
            limit,
            stays,
            None if step == stays else f"linked by {step}",
        )
        for position, twin, value, stays, step in zip(
            out.tolist(), exact.tolist(), weakest[out].tolist(), named, via, strict=True
        )
    }


def _survivors(linked: Neighbourhood, rank: Ranks, alive: Mask) -> npt.NDArray[np.int64]:
    """Return the positions of the alive rows of the lowest rank of all groups of two rows or more."""
    from winnow.similarity.forest import groups

    ends = np.unique(linked.links)
    living = ends[alive[ends]]
    member_of = groups(len(linked.row_ids), linked.links)[living]
    order = np.lexsort((rank[living], member_of))
    return living[order][np.diff(member_of[order], prepend=-1) > 0]


def _ways(linked: Neighbourhood, survivors: npt.NDArray[np.int64]) -> tuple[Ranks, npt.NDArray[np.float64]]:
    """Return for each row the next one on its way to the survivor, and the weakest link of the whole way.

    Survivors, and rows of groups without one, have themselves. Links form a forest, so there is one way.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order

    count = len(linked.row_ids)  # a node of this number is joined to all survivors, so that one search reaches all
    rows = np.concatenate((linked.links[:, 0], np.full(len(survivors), count)))
    others = np.concatenate((linked.links[:, 1], survivors))
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, others)), shape=(count + 1, count + 1))
    before = breadth_first_order(graph, count, directed=False)[1][:count].astype(np.int64)
    ends = (before < 0) | (before == count)
    before[ends] = np.flatnonzero(ends)
    weakest = np.ones(count)
    for a, b in (linked.links.T, linked.links.T[::-1]):
        down = before[a] == b
        weakest[a[down]] = linked.similarity[down]
    step = before
    while (step[step] != step).any():  # twice as far each time
        weakest, step = np.minimum(weakest, weakest[step]), step[step]
    return before, weakest


def _roots(before: Ranks) -> Ranks:
    while (before[before] != before).any():
        before = before[before]
    return before
