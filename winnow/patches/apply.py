"""Patches put into normalized records, before any rule cleans them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.patches.fields import get, put
from winnow.patches.patch import Patch
from winnow.records.identity import digest
from winnow.records.record import canonical_json
from winnow.records.schema import RECORDS

FieldChange = tuple[int, str, str, str]
"""Position of a row, name of a field, its text before and after."""

TAGS = "patch_tags"
"""The key of a row's metadata under which its tags stand."""


@dataclass(frozen=True)
class Applied:
    """Records with their patches in them; ``stale`` names the edits left out by (row_id, field).

    ``edits`` has every field that a patch speaks for, also one that read so already. The ``content_hash`` of the
    records is still that of the text before.
    """

    records: pa.Table
    edits: tuple[FieldChange, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()


def apply(table: pa.Table, patches: Mapping[str, Patch]) -> Applied:
    """Return ``table`` (normalized records) with the edits and tags of ``patches`` (by row_id) in it.

    An edit is stale where the field is not there any more, or reads neither as it did when the edit was made nor as
    the edit wants it.
    """
    named = pc.is_in(table["row_id"], value_set=pa.array(sorted(patches), pa.string())).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(named)
    if not len(at):
        return Applied(table)
    rows = table.take(pa.array(at)).to_pylist()
    edits: list[FieldChange] = []
    stale: list[tuple[str, str]] = []
    for position, row in zip(at.tolist(), rows, strict=True):
        patch = patches[row["row_id"]]
        for name, edit in patch.edits.items():
            before = get(row, name)
            if before is None or (digest(before) != edit.before and before != edit.to):
                stale.append((row["row_id"], name))
            else:
                put(row, name, edit.to)
                edits.append((position, name, before, edit.to))
        if patch.tags:
            row["metadata"] = _tagged(row["metadata"], patch.tags)
    order = np.arange(len(table))
    order[at] = len(table) + np.arange(len(at))
    patched = pa.concat_tables([table.select(RECORDS.names), pa.Table.from_pylist(rows, RECORDS)])
    return Applied(patched.take(pa.array(order)), tuple(edits), tuple(stale))


def _tagged(metadata: str, tags: tuple[str, ...]) -> str:
    return canonical_json({**json.loads(metadata), TAGS: list(tags)})
