"""The similarity of near rows by the sketches that ``neighbours`` wrote; no text is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import DUPLICATES
from winnow.gates.decisions import Drop
from winnow.gates.duplicates import Compare, Ranks, Values
from winnow.similarity.jaccard import taken
from winnow.similarity.pairs import alike
from winnow.similarity.sketch import PARTS, Sketches
from winnow.similarity.verified import blocks, numbered
from winnow.storage.buckets import positions, read_all


def comparison(folder: Path, buckets: int) -> Callable[[pa.Array], Compare]:
    """Return what makes, of sorted row ids, a function that compares pairs of positions in them.

    Rows without a sketch are in no group that needs one; their similarity is 0.
    """
    table = read_all(folder, buckets).combine_chunks()
    sizes = table["sizes"].combine_chunks().values.to_numpy(zero_copy_only=False).astype(np.int64)
    tokens = table["tokens"].combine_chunks().values.to_numpy(zero_copy_only=False)
    whole = Sketches(tokens, np.concatenate(([0], np.cumsum(sizes))))
    of_row = sizes.reshape(-1, len(PARTS)).sum(axis=1)

    def among(row_ids: pa.Array) -> Compare:
        at = positions(row_ids, table["row_id"])

        def compare(pairs: Ranks) -> Values:
            own = at[pairs]
            known = np.flatnonzero((own >= 0).all(axis=1))
            values = np.zeros(len(pairs))
            for some in blocks(own[known], of_row[own[known]].sum(axis=1)):
                rows, local = numbered(own[known[some]])
                values[known[some]] = alike(_taken(whole, rows), local)
            return values

        return compare

    return among


def by_script(drops: dict[str, Drop], neighbours: pa.Table) -> dict[str, Drop]:
    """Return ``drops`` with a reason of their own where one of two duplicates is traditional Chinese, the other not."""
    traditional = set(neighbours.filter(pc.equal(neighbours["relation"], "traditional"))["row_id"].to_pylist())
    reasons = (DUPLICATES["exact"], DUPLICATES["near"])
    return {
        row_id: replace(drop, reason=DUPLICATES["traditional"])
        if drop.reason in reasons and (row_id in traditional) != (drop.other in traditional)
        else drop
        for row_id, drop in drops.items()
    }


def _taken(whole: Sketches, rows: Ranks) -> Sketches:
    at, bounds = taken(whole.bounds, (rows[:, None] * len(PARTS) + np.arange(len(PARTS))).ravel())
    return Sketches(whole.tokens[at], bounds)
