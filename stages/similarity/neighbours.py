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


def _representatives(row_ids: pa.Array, keys: pa.Array) -> npt.NDArray[np.int64]:
    """Return for each row the position of the row with the smallest id among those with the same key."""
    order = pc.sort_indices(pa.table({"key": keys, "row_id": row_ids}), [("key", "ascending"), ("row_id", "ascending")])
    order = order.to_numpy()
    sorted_keys = keys.take(pa.array(order))
    starts = np.ones(len(keys), bool)
    if len(keys) > 1:
        starts[1:] = pc.not_equal(sorted_keys[1:], sorted_keys[:-1]).to_numpy(zero_copy_only=False)
    first = order[np.maximum.accumulate(np.where(starts, np.arange(len(keys)), 0))]
    out = np.empty(len(keys), np.int64)
    out[order] = first
    return out


def find_neighbours(tasks: list[Task], floor: float) -> tuple[pa.Table, dict[str, int]]:
    """Return all neighbours among the rows of all buckets, sorted by row_id, and counts for the metrics.

    ``exact`` links a row to the smallest row_id of its group; ``near`` links the representatives of two groups whose
    similarity is at least ``floor``, as a maximum spanning forest. Rows of different kinds are never neighbours.
    """
    sketches = list(map_buckets(sketch_bucket, tasks))
    row_ids = pa.concat_arrays([ids for ids, _, _ in sketches])
    kinds = pc.dictionary_encode(pa.concat_arrays([kind for _, kind, _ in sketches])).indices.to_numpy()
    representative = _representatives(row_ids, pa.concat_arrays([key for _, _, key in sketches]))
    alive = np.flatnonzero(representative == np.arange(len(row_ids)))
    pairs = candidate_pairs(tasks[0].scratch, len(tasks), alive, kinds)
    near, similarity = verified(tasks, [len(ids) for ids, _, _ in sketches], pairs, floor)
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
