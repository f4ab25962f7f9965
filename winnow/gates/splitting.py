"""Splits by content: the hash of a row's opening prompt says where it goes, so no row ever moves another."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop
from winnow.gates.duplicates import Neighbourhood
from winnow.records.draw import draw

SPLITS = ("train", "validation", "test")


def assign(prompt_keys: list[str], seed: int, validation: float, test: float) -> npt.NDArray[np.object_]:
    """Return the split of each opening prompt; equal prompts share one, and other rows change nothing.

    >>> assign(["k"], 0, 0.0, 1.0).tolist()
    ['test']
    """
    share = draw(seed, prompt_keys, "split") / 2.0**64
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
    """Return drops by row id: validation and test rows whose opening prompt a train row has too.

    ``rows`` has the columns ``row_id``, ``prompt_key`` and ``split`` of all alive rows. Only splits that sources have
    of their own can part rows with one prompt.

    >>> rows = {"row_id": ["a:1", "b:1"], "prompt_key": ["k", "k"], "split": ["train", "test"]}
    >>> asked_in_train(pa.table(rows), 0.7)["b:1"].other
    'a:1'
    """
    in_train = pc.equal(rows["split"], "train")
    train = rows.filter(in_train).group_by("prompt_key").aggregate([("row_id", "min")])
    held = rows.filter(pc.invert(in_train))
    asked = pc.index_in(held["prompt_key"], train["prompt_key"])
    some = pc.is_valid(asked)
    others = train["row_id_min"].take(asked.filter(some))
    dropped = held.filter(some).append_column("other", others).to_pylist()
    return {one["row_id"]: Drop("near_train", None, limit, one["other"], one["split"]) for one in dropped}


def near_train(
    linked: Neighbourhood, alive: npt.NDArray[np.int64], splits: npt.NDArray[np.object_], limit: float
) -> dict[int, Drop]:
    """Return drops by position in ``alive``: validation and test rows in one group of links with a train row.

    ``alive`` holds the positions of the alive rows in ``linked``; ``splits`` their splits.
    """
    from winnow.similarity.forest import groups

    member_of = groups(len(linked.row_ids), linked.links)
    train_of: dict[int, int] = {}
    ends = set(np.unique(linked.links).tolist())
    for position, split in zip(alive.tolist(), splits, strict=True):
        if split == "train" and position in ends:
            train_of.setdefault(int(member_of[position]), position)
    drops = {}
    for n, (position, split) in enumerate(zip(alive.tolist(), splits, strict=True)):
        if split != "train" and (near := train_of.get(int(member_of[position]))) is not None:
            drops[n] = Drop("near_train", None, limit, linked.row_ids[near].as_py(), split)
    return drops


def with_splits(decisions: pa.Table, splits: list[str]) -> pa.Table:
    """Return decisions with the column ``split``."""
    return decisions.append_column("split", pa.array(splits, pa.string()))
