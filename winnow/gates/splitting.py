"""Splits by content: the hash of a row's split key says where it goes, so no row ever moves another."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop
from winnow.gates.duplicates import Links, Mask, Ranks, anchors, links_between
from winnow.records.draw import draw

SPLITS = ("train", "validation", "test")
LEAKS = ("near", "near_prompt", "mirror")
"""Relations that may link splits, beside equal rows and equal prompts."""

Splits = npt.NDArray[np.object_]


def assign(split_keys: list[str], seed: int, validation: float, test: float) -> Splits:
    """Return the split of each key; equal keys share one, and other rows change nothing.

    >>> assign(["k"], 0, 0.0, 1.0).tolist()
    ['test']
    """
    share = draw(seed, split_keys, "split") / 2.0**64
    splits = np.full(len(share), "train", dtype=object)
    splits[share < validation + test] = "validation"
    splits[share < test] = "test"
    return splits


def honour(splits: npt.NDArray[np.object_], own: pa.Array) -> npt.NDArray[np.object_]:
    """Return the splits with those that sources have of their own in their places.

    >>> honour(np.array(["train", "test"], object), pa.array(["test", None])).tolist()
    ['test', 'test']
    """
    given = pc.is_valid(own).to_numpy(zero_copy_only=False)
    return np.where(given, own.to_numpy(zero_copy_only=False), splits)


def asked_in_train(rows: pa.Table, limit: float) -> dict[str, Drop]:
    """Return drops by row id: validation and test rows whose split key a train row has too.

    ``rows`` has the columns ``row_id``, ``split_key`` and ``split`` of all alive rows. Only splits that sources have of
    their own can part rows of one group, document or prompt.

    >>> rows = {"row_id": ["a:1", "b:1"], "split_key": ["k", "k"], "split": ["train", "test"]}
    >>> asked_in_train(pa.table(rows), 0.7)["b:1"].other
    'a:1'
    """
    in_train = pc.equal(rows["split"], "train")
    train = rows.filter(in_train).group_by("split_key").aggregate([("row_id", "min")])
    held = rows.filter(pc.invert(in_train))
    asked = pc.index_in(held["split_key"], train["split_key"])
    some = pc.is_valid(asked)
    others = train["row_id_min"].take(asked.filter(some))
    dropped = held.filter(some).append_column("other", others).to_pylist()
    return {one["row_id"]: Drop("near_train", None, limit, one["other"], one["split"]) for one in dropped}


def near_train(row_ids: pa.Array, neighbours: pa.Table, splits: Splits, limit: float) -> dict[int, Drop]:
    """Return drops by position: validation and test rows that are themselves at ``limit`` to a train row.

    ``row_ids`` are all rows with a link, sorted; ``splits`` their splits, None for rows that are out. Equal rows, equal
    or near prompts, near rows and the two directions of a translation count. ``value`` is the similarity, ``other`` the
    train row, ``detail`` the split and what the two have in common.
    """
    count = len(row_ids)
    twins = anchors(count, links_between(row_ids, neighbours, "exact"))
    asked = anchors(count, links_between(row_ids, neighbours, "prompt"))[twins]
    drops: dict[int, Drop] = {}
    for relation in LEAKS:
        links = links_between(row_ids, neighbours, relation, limit)
        groups = asked if relation == "near_prompt" else twins
        for row, (other, value) in _leaks(groups, links, splits).items():
            if row not in drops:
                detail = f"{splits[row]}, {relation}"
                drops[row] = Drop("near_train", value, limit, row_ids[other].as_py(), detail)
    return drops


def _leaks(groups: Ranks, links: Links, splits: Splits) -> dict[int, tuple[int, float]]:
    """Return the rows outside train whose group has a train row, or is linked to one that has; with row and value."""
    first = _first_of(groups, splits == "train")
    own = np.unique(groups)
    a, b = np.concatenate((links.ends, links.ends[:, ::-1], np.stack((own, own), axis=1))).T
    a, b = groups[a], groups[b]
    value = np.concatenate((links.similarity, links.similarity, np.ones(len(own))))
    held = np.flatnonzero(first[b] >= 0)
    held = held[np.lexsort((first[b[held]], -value[held], a[held]))]
    best: dict[int, tuple[int, float]] = {}
    for group, other, similarity in zip(a[held].tolist(), first[b[held]].tolist(), value[held].tolist(), strict=True):
        best.setdefault(group, (other, similarity))
    outside = np.flatnonzero((splits == "validation") | (splits == "test"))
    return {
        row: best[group] for row, group in zip(outside.tolist(), groups[outside].tolist(), strict=True) if group in best
    }


def _first_of(groups: Ranks, among: Mask) -> Ranks:
    """Return by group the first position of ``among``, -1 for a group without one."""
    out = np.full(len(groups), -1)
    rows = np.flatnonzero(among)[::-1]
    out[groups[rows]] = rows
    return out


def with_splits(decisions: pa.Table, splits: Sequence[str]) -> pa.Table:
    """Return decisions with the column ``split``."""
    return decisions.append_column("split", pa.array(splits, pa.string()))
