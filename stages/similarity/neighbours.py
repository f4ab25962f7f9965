"""Exact duplicates as groups, near-duplicates as a forest of verified links."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.harness.processes import map_buckets
from stages.records.schema import NEIGHBOURS
from stages.similarity.forest import spanning_forest
from stages.similarity.sketches import Task, candidate_pairs, sketch_bucket
from stages.similarity.verified import verified


def _representatives(row_ids: pa.Array, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return for each row the position of the row with the smallest id among those with the same key.

    >>> keys = np.array([[7, 1], [7, 2], [7, 1]], np.uint64)
    >>> _representatives(pa.array(["s:3", "s:2", "s:1"]), keys).tolist()
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


def find_neighbours(tasks: list[Task], floor: float) -> tuple[pa.Table, dict[str, int]]:
    """Return all neighbours among the rows of all buckets, sorted by row_id, and counts for the metrics.

    ``exact`` links a row to the smallest row_id of its group; ``near`` links the representatives of two groups whose
    similarity is at least ``floor``, as a maximum spanning forest. Rows of different kinds are never neighbours.
    """
    sketches = list(map_buckets(sketch_bucket, tasks))
    sizes = [len(ids) for ids, _, _ in sketches]
    row_ids = pa.concat_arrays([ids for ids, _, _ in sketches])
    kinds = pc.dictionary_encode(pa.concat_arrays([kind for _, kind, _ in sketches])).indices.to_numpy()
    representative = _representatives(row_ids, np.concatenate([key for _, _, key in sketches]))
    del sketches  # as large as what was made of them
    alive = np.flatnonzero(representative == np.arange(len(row_ids)))
    pairs = candidate_pairs(tasks[0].scratch, len(tasks), alive, kinds)
    near, similarity = verified(tasks, sizes, pairs, floor)
    forest = spanning_forest(len(row_ids), near, similarity)
    near, similarity = near[forest], similarity[forest]
    exact = np.flatnonzero(representative != np.arange(len(row_ids)))
    table = pa.table(
        {
            "row_id": pa.concat_arrays([row_ids.take(pa.array(exact)), row_ids.take(pa.array(near[:, 1]))]),
            "other_row_id": pa.concat_arrays(
                [row_ids.take(pa.array(representative[exact])), row_ids.take(pa.array(near[:, 0]))]
            ),
            "relation": pa.array(["exact"] * len(exact) + ["near"] * len(near), pa.string()),
            "similarity": pa.array(np.concatenate([np.ones(len(exact)), np.round(similarity, 6)])),
        },
        schema=NEIGHBOURS,
    )
    counts = {"rows": len(row_ids), "exact": len(exact), "candidates": len(pairs), "near_links": len(near)}
    order = [("row_id", "ascending"), ("relation", "ascending"), ("other_row_id", "ascending")]
    return table.sort_by(order), counts
