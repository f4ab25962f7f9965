"""Rows made from rows without a model (``augment``) among duplicates: a child has its parent's reply by intention.

So parent and child are no near-duplicates of each other. A child of a row that leaves as a duplicate leaves with it:
the row that stays has the same reply, and a child of its own. Where a plan says so, a parent leaves for its child.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import DUPLICATES
from winnow.gates.decisions import Drop
from winnow.storage.buckets import each_bucket

REPLACED = "replaced"
_NEAR = ("near", "semantic")


def children_of(annotate: Path, buckets: int, plans: Collection[str]) -> dict[str, str]:
    """Return the parent of each row of the sources ``plans``, by row id."""
    names = pa.array(sorted(plans), pa.string())
    found: dict[str, str] = {}
    for table in each_bucket(annotate, buckets, ["row_id", "source", "parents"]) if len(names) else ():
        rows = table.filter(pc.is_in(table["source"], value_set=names))
        found |= {row["row_id"]: row["parents"][0] for row in rows.to_pylist()}
    return found


def apart(neighbours: pa.Table, children: Mapping[str, str]) -> pa.Table:
    """Return the links but for those by which a child and its own parent, or an exact duplicate, are nearly equal.

    >>> links = {"row_id": ["a:1", "a:1"], "other_row_id": ["p:1", "a:2"], "relation": ["near", "near"]}
    >>> apart(pa.table(links), {"p:1": "a:1"})["other_row_id"].to_pylist()
    ['a:2']
    """
    if not children:
        return neighbours
    pairs = [neighbours[name].to_pylist() for name in ("relation", "row_id", "other_row_id")]
    anchor = {row: other for relation, row, other in zip(*pairs, strict=True) if relation == "exact"}
    parents = {child: anchor.get(parent, parent) for child, parent in children.items()}

    def own(relation: str, row: str, other: str) -> bool:
        """Say whether two rows are a child and its parent, or an exact duplicate of that."""
        kin = parents.get(row) == anchor.get(other, other) or parents.get(other) == anchor.get(row, row)
        return kin and relation in _NEAR

    return neighbours.filter(pa.array([not own(*pair) for pair in zip(*pairs, strict=True)], pa.bool_()))


def with_children(
    drops: Mapping[str, Drop], children: Mapping[str, str], plans: Mapping[str, Any], alive: Iterable[pa.Array]
) -> dict[str, Drop]:
    """Return ``drops`` with those of children whose parent leaves as a duplicate, and of parents that are replaced.

    ``plans`` are those of ``augment.plans``: they say whose rows take the place of their parents. ``alive`` are the
    rows that enter.

    >>> gone = {"a:2": Drop("near_duplicate", 0.9, 0.8, "a:1")}
    >>> rows = [pa.array(["a:1", "a:2", "p:1", "p:2"])]
    >>> found = with_children(gone, {"p:1": "a:1", "p:2": "a:2"}, {"p": {"parent": "replace"}}, rows)
    >>> [(row, drop.reason, drop.other) for row, drop in sorted(found.items())]
    [('a:1', 'replaced', 'p:1'), ('a:2', 'near_duplicate', 'a:1'), ('p:2', 'near_duplicate', 'a:1')]
    """
    if not children:
        return dict(drops)
    kin = {*children, *children.values()}
    there = {row_id for ids in alive for row_id in ids.to_pylist() if row_id in kin}
    out = dict(drops)
    reasons = set(DUPLICATES.values())
    replaces = {name for name, plan in plans.items() if plan.get("parent") == "replace"}
    for child, parent in sorted(children.items()):
        if child not in there or child in out:
            continue
        if (drop := drops.get(parent)) and drop.reason in reasons:
            out[child] = replace(drop, detail=f"with {parent}")
        elif parent in there and parent not in out and child.split(":", 1)[0] in replaces:
            out[parent] = Drop(REPLACED, other=child)
    return out
