"""Groups of duplicates among all clean rows at a limit, and the choice of the one that stays."""

from collections import defaultdict, deque
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.gates.decisions import Drop
from stages.harness.errors import UserError
from stages.storage.buckets import positions


class Neighbourhood(NamedTuple):
    """Rows with the links between them that reach a limit; rows that are no longer alive still link."""

    row_ids: pa.Array
    links: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    exact: npt.NDArray[np.bool_]


def linked_rows(neighbours: pa.Table, limit: float) -> pa.Array:
    """Return the ids of all rows that have a link of at least ``limit``, sorted: few of all rows."""
    kept = neighbours.filter(pc.greater_equal(neighbours["similarity"], limit))
    ids = pc.unique(pa.chunked_array([*kept["row_id"].chunks, *kept["other_row_id"].chunks], pa.string()))
    return ids.take(pc.sort_indices(ids))


def neighbourhood(row_ids: pa.Array, neighbours: pa.Table, limit: float) -> Neighbourhood:
    """Return the rows ``row_ids`` with their exact links and their near links of at least ``limit``."""
    kept = neighbours.filter(pc.greater_equal(neighbours["similarity"], limit))
    links = np.stack([positions(kept[name], row_ids) for name in ("row_id", "other_row_id")], axis=1)
    if len(links) and links.min() < 0:
        raise UserError("data/neighbours names a row that is not there; run dvc repro.")
    exact = pc.equal(kept["relation"], "exact").to_numpy(zero_copy_only=False)
    return Neighbourhood(row_ids, links, kept["similarity"].to_numpy(zero_copy_only=False), exact)


def duplicates(
    found: Neighbourhood, rank: npt.NDArray[np.int64], alive: npt.NDArray[np.bool_], limit: float
) -> dict[int, Drop]:
    """Return the drops by position: in each group the alive row of the lowest ``rank`` stays.

    ``value`` is the weakest link on the way to the survivor in the forest of links; ``detail`` names the row that
    the dropped one is linked to where that is not the survivor itself.
    """
    from stages.similarity.forest import groups

    member_of = groups(len(found.row_ids), found.links)
    linked = np.unique(found.links)
    best: dict[int, int] = {}
    for position in linked[alive[linked]].tolist():
        group = int(member_of[position])
        if group not in best or rank[position] < rank[best[group]]:
            best[group] = position
    edges: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for (a, b), similarity in zip(found.links.tolist(), found.similarity.tolist(), strict=True):
        edges[a].append((b, similarity))
        edges[b].append((a, similarity))
    representative = dict(found.links[found.exact].tolist())
    ids = found.row_ids
    drops: dict[int, Drop] = {}
    for survivor in best.values():
        queue, seen = deque([(survivor, 1.0, survivor)]), {survivor}
        while queue:
            here, weakest, via = queue.popleft()
            if here != survivor and alive[here]:
                same = representative.get(here, here) == representative.get(survivor, survivor)
                reason = "exact_duplicate" if same else "near_duplicate"
                detail = None if via == survivor else f"linked by {ids[via].as_py()}"
                drops[here] = Drop(reason, weakest, limit, ids[survivor].as_py(), detail)
            for there, similarity in edges[here]:
                if there not in seen:
                    seen.add(there)
                    queue.append((there, min(weakest, similarity), here))
    return drops
