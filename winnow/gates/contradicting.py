"""Rows that say the opposite of each other: those in the minority leave, at a tie all do."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from winnow.gates.decisions import Drop
from winnow.gates.duplicates import Links, Mask, anchors, links_between

RELATIONS = ("contrary", "concurring")
REASONS = {"feedback": "kto_contradiction", "preference": "swapped_pair"}


def contradictions(row_ids: pa.Array, neighbours: pa.Table, kinds: Sequence[str], alive: Mask) -> dict[int, Drop]:
    """Return the drops by position; ``value`` is the rows on the side of the row, ``limit`` those on the other.

    ``kinds`` are the kinds of ``row_ids``. ``other`` is the first row of the other side.
    """
    contrary, concurring = (links_between(row_ids, neighbours, relation) for relation in RELATIONS)
    ends = np.concatenate((contrary.ends, concurring.ends))
    groups = anchors(len(row_ids), Links(ends, np.ones(len(ends))))
    side = np.zeros(len(row_ids), np.int64)
    side[contrary.ends[:, 0]] = 1
    count = np.zeros((len(row_ids), 2), np.int64)
    first = np.full((len(row_ids), 2), -1)
    members = np.flatnonzero(alive & np.isin(groups, groups[contrary.ends[:, 0]]))
    for row in members[::-1].tolist():
        count[groups[row], side[row]] += 1
        first[groups[row], side[row]] = row
    drops = {}
    for row in members.tolist():
        own, other = (int(count[groups[row], one]) for one in (side[row], 1 - side[row]))
        if 0 < own <= other:
            against = row_ids[int(first[groups[row], 1 - side[row]])].as_py()
            drops[row] = Drop(REASONS[kinds[row]], float(own), float(other), against)
    return drops
