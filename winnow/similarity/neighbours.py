"""Neighbours of all rows: equal texts, prompts and replies as stars, near-duplicates as a forest of verified links."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.processes import map_buckets
from winnow.records.schema import NEIGHBOURS
from winnow.similarity.forest import Links, spanning_forest
from winnow.similarity.keys import RowKeys
from winnow.similarity.ranked import Semantic
from winnow.similarity.same import representatives, star
from winnow.similarity.semantic import semantic_links
from winnow.similarity.sketches import Task, candidate_pairs, joined, sketch_bucket
from winnow.similarity.verified import verified
from winnow.storage.types import Floats


def find_neighbours(
    tasks: list[Task], floor: float, semantic: Semantic | None = None
) -> tuple[pa.Table, dict[str, int]]:
    """Return all neighbours among the rows of all buckets, sorted by row_id, and counts for the metrics.

    ``exact`` links a row to the smallest row_id of its group, whose one representative that row then is among the
    other relations. ``prompt`` links rows with one prompt and different texts, ``response`` rows with one reply of
    substance to different prompts, both to the smallest row_id of their group. ``near`` links rows whose similarity
    is at least ``floor``, as a maximum spanning forest; ``semantic`` has the links of :func:`semantic_links`. Rows of
    different kinds are never neighbours.
    """
    sketches = list(map_buckets(sketch_bucket, tasks))
    sizes = [len(one.row_ids) for one in sketches]
    row_ids = pa.concat_arrays([one.row_ids for one in sketches])
    kinds = pc.dictionary_encode(pa.concat_arrays([one.kinds for one in sketches])).indices.to_numpy()
    keys = joined([one.keys for one in sketches])
    del sketches  # as large as what was made of them
    links = equal_rows(row_ids, keys)
    del keys
    alive = np.ones(len(row_ids), bool)
    alive[links["exact"][:, 0]] = False
    candidates = candidate_pairs(tasks[0].scratch, len(tasks), np.flatnonzero(alive), kinds)
    near, similarity = verified(tasks, sizes, candidates, floor)
    forest = spanning_forest(len(row_ids), near, similarity)
    tables = [link_table(row_ids, relation, pairs, np.ones(len(pairs))) for relation, pairs in links.items()]
    tables.append(link_table(row_ids, "near", near[forest][:, ::-1], similarity[forest]))
    counts = {"rows": len(row_ids), "candidates": len(candidates), "near_links": len(forest)}
    counts |= {relation: len(pairs) for relation, pairs in links.items()}
    if semantic:
        alike, cosine = semantic_links(tasks, sizes, np.flatnonzero(alive), kinds, semantic)
        tables.append(link_table(row_ids, "semantic", alike[:, ::-1], cosine))
        counts["semantic"] = len(alike)
    order = [("row_id", "ascending"), ("relation", "ascending"), ("other_row_id", "ascending")]
    return pa.concat_tables(tables).sort_by(order), counts


def equal_rows(row_ids: pa.Array, keys: RowKeys) -> dict[str, Links]:
    """Return the links (row, row with the smallest id) of each relation between rows with equal keys."""
    representative = representatives(row_ids, keys.exact)
    alive = representative == np.arange(len(row_ids))
    twins = np.flatnonzero(~alive)
    replies = star(row_ids, keys.reply, alive & keys.answers)
    elsewhere = (keys.prompt[replies[:, 0]] != keys.prompt[replies[:, 1]]).any(axis=1)
    return {
        "exact": np.stack([twins, representative[twins]], axis=1),
        "prompt": star(row_ids, keys.prompt, alive & keys.asks),
        "response": replies[elsewhere],
    }


def link_table(row_ids: pa.Array, relation: str, links: Links, similarity: Floats) -> pa.Table:
    """Return links between positions in ``row_ids`` as rows of the :data:`NEIGHBOURS` table."""
    row, other = (row_ids.take(pa.array(side)) for side in links.T)
    return pa.table([row, other, pa.repeat(relation, len(links)), pa.array(np.round(similarity, 6))], schema=NEIGHBOURS)
