"""Caps per source: which rows of a source stay when it has more than its share."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stages.gates.decisions import Drop


def over_caps(row_ids: Sequence[str], sources: Sequence[str], caps: Mapping[str, int], seed: int) -> dict[str, Drop]:
    """Return the drops by row id: of each capped source the rows with the lowest hashes stay.

    One more row displaces at most one other, and no row of another source.

    >>> drops = over_caps(["a:1", "a:2", "a:3"], ["a"] * 3, {"a": 1}, 0)
    >>> len(drops), next(iter(drops.values())).reason
    (2, 'over_cap')
    """
    drawn = defaultdict(list)
    for row_id, source in zip(row_ids, sources, strict=True):
        if source in caps:
            drawn[source].append((hashlib.blake2b(f"{seed}:{row_id}".encode(), digest_size=8).digest(), row_id))
    drops = {}
    for source, rows in drawn.items():
        for place, (_, row_id) in enumerate(sorted(rows)[caps[source] :], caps[source] + 1):
            drops[row_id] = Drop("over_cap", place, caps[source])
    return drops
