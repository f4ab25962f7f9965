"""Duplicates among all clean rows at a limit, and the choice of the ones that stay."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import DUPLICATES
from winnow.gates.decisions import Drop
from winnow.harness.errors import UserError
from winnow.storage.buckets import positions

_COMPARED = (
    200  # rows of a group, those that stay before it in order, that a row without a link to any is compared with
)

Ranks = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Compare = Callable[[Ranks], Values]
"""Gives the similarity of pairs of positions, shape (pairs, 2); 0 where it is not known."""


class Links(NamedTuple):
    """Links between positions, shape (links, 2), with their similarities."""

    ends: Ranks
    similarity: Values


def rows_linked(neighbours: pa.Table, order: Sequence[tuple[str, float]]) -> pa.Array:
    """Return the ids of all rows with a link of one of the relations that reaches its limit, sorted."""
    kept = [_reaching(neighbours, relation, limit) for relation, limit in order]
    ends = [chunk for table in kept for name in ("row_id", "other_row_id") for chunk in table[name].chunks]
    ids = pc.unique(pa.chunked_array(ends, pa.string()))
    return ids.take(pc.sort_indices(ids))


def links_between(row_ids: pa.Array, neighbours: pa.Table, relation: str, limit: float = 0.0) -> Links:
    """Return the links of ``relation`` of at least ``limit``, as positions in ``row_ids``."""
    kept = _reaching(neighbours, relation, limit)
    ends = np.stack([positions(kept[name], row_ids) for name in ("row_id", "other_row_id")], axis=1)
    if len(ends) and ends.min() < 0:
        raise UserError("data/neighbours/links names a row that is not there; run dvc repro.")
    return Links(ends, kept["similarity"].to_numpy(zero_copy_only=False))


def _reaching(neighbours: pa.Table, relation: str, limit: float) -> pa.Table:
    wanted = pc.and_(pc.equal(neighbours["relation"], relation), pc.greater_equal(neighbours["similarity"], limit))
    return neighbours.filter(wanted)


def anchors(count: int, equal: Links) -> Ranks:
    """Return for each of ``count`` rows the position of the row that its group of equal rows is linked to, or itself.

    >>> anchors(3, Links(np.array([[2, 0]]), np.ones(1))).tolist()
    [0, 1, 0]
    """
    out = np.arange(count)
    out[equal.ends[:, 0]] = equal.ends[:, 1]
    return out


def equals(groups: Ranks, rank: Ranks, alive: Mask) -> dict[int, int]:
    """Return, of each group of equal rows, the alive rows that leave, each with the one of the lowest rank.

    >>> equals(np.array([0, 1, 0, 0]), np.array([3, 0, 1, 2]), np.array([True, True, True, False]))
    {0: 2}
    """
    living = np.flatnonzero(alive)
    order = living[np.lexsort((rank[living], groups[living]))]
    first = np.searchsorted(groups[order], groups[order])
    return {row: stays for row, stays in zip(order.tolist(), order[first].tolist(), strict=True) if row != stays}


def nearest(links: Links, rank: Ranks, alive: Mask) -> dict[int, tuple[int, float]]:
    """Return the rows that leave, each with a row that stays and is linked to it, the most similar one.

    Greedy in the order of ``rank``: a row leaves if it has a link to a row before it that stays.
    """
    ends = np.concatenate((links.ends, links.ends[:, ::-1]))
    value = np.concatenate((links.similarity, links.similarity))
    back = (rank[ends[:, 1]] < rank[ends[:, 0]]) & alive[ends].all(axis=1)  # from a row to one before it
    ends, value = ends[back], value[back]
    order = np.lexsort((rank[ends[:, 1]], -value, rank[ends[:, 0]]))
    out: dict[int, tuple[int, float]] = {}
    for row, other, similarity in zip(*ends[order].T.tolist(), value[order].tolist(), strict=True):
        if row not in out and other not in out:
            out[row] = (other, similarity)
    return out


def verified(links: Links, rank: Ranks, alive: Mask, limit: float, compare: Compare) -> Links:
    """Return ``links`` and those between rows that would stay though one is at ``limit`` to another of its group.

    Not all links of a large group are facts. So the rows of a group that stay are compared with each other; where one
    leaves, rows that left for its sake may stay, and are compared in turn.
    """
    from winnow.similarity.forest import groups

    member_of = groups(len(rank), links.ends)
    known = set(map(tuple, np.sort(links.ends, axis=1).tolist()))
    linked = np.zeros(len(rank), bool)
    linked[links.ends] = True
    while True:
        out = nearest(links, rank, alive)
        staying = np.flatnonzero(linked & alive & ~np.isin(np.arange(len(rank)), list(out)))
        pairs = np.array([pair for pair in _within(staying, member_of, rank) if pair not in known], np.int64)
        if len(pairs) == 0:
            return links
        known.update(map(tuple, pairs.tolist()))
        value = compare(pairs)
        more = value >= limit
        links = Links(np.concatenate((links.ends, pairs[more])), np.concatenate((links.similarity, value[more])))


def _within(rows: Ranks, member_of: Ranks, rank: Ranks) -> list[tuple[int, int]]:
    """Return pairs of ``rows`` of one group, each with those before it in order, at most :data:`_COMPARED`."""
    order = rows[np.lexsort((rank[rows], member_of[rows]))]
    pairs = []
    for step in range(1, min(_COMPARED, max(len(order) - 1, 0)) + 1):
        same = np.flatnonzero(member_of[order[step:]] == member_of[order[:-step]])
        if len(same) == 0:
            break
        pairs.append(np.sort(np.stack((order[same], order[same + step]), axis=1), axis=1))
    return sorted(map(tuple, np.concatenate(pairs).tolist())) if pairs else []


def duplicates(
    row_ids: pa.Array,
    twins: Ranks,
    links: Links,
    rank: Ranks,
    alive: Mask,
    limit: float,
    relation: str,
    compare: Compare | None = None,
) -> dict[int, Drop]:
    """Return the drops by position: exact duplicates and near rows; ``other`` of each is a row that stays.

    ``twins`` are the groups of exact duplicates, which ``links`` join by one row of each. An exact duplicate of a row
    that leaves as a near-duplicate is itself one, if it is at the limit to the row that stays: the two may differ in
    capitals, and so in names.
    """
    equal = equals(twins, rank, alive)
    links = Links(standing(twins, rank, alive)[links.ends], links.similarity)
    if compare:
        links = verified(links, rank, alive, limit, compare)
    near = nearest(links, rank, alive)
    near |= {row: near[stays] for row, stays in equal.items() if stays in near}
    if compare:
        own = measured(near, twins, compare, limit)
        far = np.isin(np.arange(len(twins)), list(near.keys() - own.keys()))
        near, equal = own, {row: stays for row, stays in equal.items() if stays not in near} | equals(twins, rank, far)
    return {
        row: Drop(DUPLICATES[relation], near[row][1], limit, row_ids[near[row][0]].as_py())
        if row in near
        else Drop(DUPLICATES["exact"], 1.0, limit, row_ids[equal[row]].as_py())
        for row in sorted({*equal, *near})
    }


def measured(
    near: dict[int, tuple[int, float]], twins: Ranks, compare: Compare, limit: float
) -> dict[int, tuple[int, float]]:
    """Return those of ``near`` that are at ``limit`` themselves: some were measured by an exact duplicate of them."""
    pairs = np.array([(row, other) for row, (other, _) in near.items()], np.int64).reshape(-1, 2)
    pairs = pairs[(twins[pairs] != pairs).any(axis=1)]
    values = compare(np.sort(pairs, axis=1)).tolist()
    anew = {row: (other, value) for (row, other), value in zip(pairs.tolist(), values, strict=True)}
    return {row: drop for row, drop in (near | anew).items() if drop[1] >= limit}


def standing(twins: Ranks, rank: Ranks, alive: Mask) -> Ranks:
    """Return for each row the alive row of the lowest rank among its exact duplicates; where none is, their anchor."""
    living = np.flatnonzero(alive)
    order = living[np.lexsort((rank[living], twins[living]))]
    group, first = np.unique(twins[order], return_index=True)
    out = np.arange(len(twins))
    out[group] = order[first]
    return out[twins]
