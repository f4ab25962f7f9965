"""Families: a row that was made from another one goes where that one goes, whatever its own text says."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.buckets import bucket_of, read_bucket


class Place(NamedTuple):
    """What decides the split of a row: its key, and the split that its source has it in."""

    key: str
    own_split: str | None


def families(records: pa.Table) -> dict[int, str]:
    """Return by position the row that a row made from others goes back to: its group, where that is a row id.

    ``records`` has the columns ``group`` and ``parents``. Groups of rows without parents are names of their source.

    >>> rows = {"group": ["a:1", "tree", "a:2"], "parents": [["a:1"], ["a:1"], []]}
    >>> families(pa.table(rows, schema=pa.schema([("group", pa.string()), ("parents", pa.list_(pa.string()))])))
    {0: 'a:1'}
    """
    made = pc.greater(pc.list_value_length(records["parents"]), 0).fill_null(False)
    named = pc.and_(made, pc.match_substring(records["group"], ":").fill_null(False)).to_pylist()
    if not any(named):
        return {}
    groups = records["group"].to_pylist()
    return {position: groups[position] for position, one in enumerate(named) if one}


def places_of(roots: Sequence[str], annotate: Path, records: Path, buckets: int) -> dict[str, Place]:
    """Return what decides the splits of ``roots``, alive or not; rows that are gone have no place."""
    by_bucket: dict[int, set[str]] = {}
    for root in roots:
        by_bucket.setdefault(bucket_of(root, buckets), set()).add(root)
    found: dict[str, Place] = {}
    for bucket, ids in sorted(by_bucket.items()):
        among = pa.array(sorted(ids), pa.string())
        keys = read_bucket(annotate, bucket, ["row_id", "split_key"])
        own = read_bucket(records, bucket, ["row_id", "own_split"])
        keys, own = (table.filter(pc.is_in(table["row_id"], value_set=among)) for table in (keys, own))
        found |= {
            row_id: Place(key, split)
            for row_id, key, split in zip(
                *(keys[name].to_pylist() for name in ("row_id", "split_key")), own["own_split"].to_pylist(), strict=True
            )
        }
    return found


def joined(keys: pa.Table, records: pa.Table, annotate: Path, folder: Path, buckets: int) -> tuple[pa.Table, pa.Array]:
    """Return the split keys (``row_id``, ``split_key``) and own splits of some rows, those of its root for each row of
    a family.

    ``records`` has ``group``, ``parents`` and ``own_split`` of the same rows; ``folder`` is that of all records.
    """
    own = records["own_split"].combine_chunks()
    roots = families(records)
    if not roots:
        return keys, own
    places = places_of(sorted(set(roots.values())), annotate, folder, buckets)
    texts, splits = keys["split_key"].to_pylist(), own.to_pylist()
    for position, root in roots.items():
        if place := places.get(root):
            texts[position], splits[position] = place.key, place.own_split
    at = keys.schema.get_field_index("split_key")
    return keys.set_column(at, "split_key", pa.array(texts, pa.string())), pa.array(splits, pa.string())
