"""Rows that people dropped or took down: the same text under other ids, and the rows made from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop
from winnow.patches.patch import EVERY, Patch

REASONS = {"drop": "dropped_by_hand", "takedown": "takedown"}
COLUMNS = ["row_id", "source", "content_hash", "parents"]

_Row = tuple[str, str, str, list[str] | None]


def dropped_by_hand(read: Callable[[], Iterable[pa.Table]], patches: Iterable[Patch]) -> dict[str, Drop]:
    """Return the drops that ``patches`` decide, by row id, among the tables of facts that ``read`` gives (twice), each
    with :data:`COLUMNS`.

    A drop takes rows of any id that say what its row says now or said when the patch was written (by
    ``content_hash``), and, however far, the rows made from those. Where a row is both dropped and taken down, it is
    a takedown.
    """
    drops = sorted((patch for patch in patches if patch.drop), key=lambda one: (one.drop != "takedown", one.row_id))
    if not drops:
        return {}
    by_id = {patch.row_id: patch for patch in drops if not patch.row_id.endswith(EVERY)}
    by_source = {patch.row_id.removesuffix(EVERY): patch for patch in drops if patch.row_id.endswith(EVERY)}
    said: dict[str, str] = {}
    for table in read():
        said |= {row_id: content for row_id, _, content, _ in _rows(table, _among(table, {"row_id": by_id}))}
    by_hash: dict[str, Patch] = {}
    for patch in reversed(drops):  # takedowns come last and win
        by_hash |= {content: patch for content in (said.get(patch.row_id), patch.content_hash) if content}
    out: dict[str, Drop] = {}
    children: dict[str, list[str]] = {}
    for table in read():
        made = pc.greater(pc.list_value_length(table["parents"]), 0).fill_null(False)
        mask = pc.or_(made, _among(table, {"row_id": by_id, "source": by_source, "content_hash": by_hash}))
        for row_id, source, content, parents in _rows(table, mask):
            matches = [one for one in (by_id.get(row_id), by_hash.get(content), by_source.get(source)) if one]
            if matches:
                patch = min(matches, key=lambda one: one.drop != "takedown")
                copy_of = None if patch.row_id in (row_id, source + EVERY) else patch.row_id
                out[row_id] = Drop(REASONS[str(patch.drop)], other=copy_of, detail=f"{patch.author}: {patch.reason}")
            for parent in parents or ():
                children.setdefault(parent, []).append(row_id)
    return out | _descendants(out, children)


def _descendants(dropped: Mapping[str, Drop], children: Mapping[str, list[str]]) -> dict[str, Drop]:
    out: dict[str, Drop] = {}
    queue = sorted(dropped)
    for parent in queue:  # it grows while it is read
        for child in sorted(children.get(parent, ())):
            if child not in dropped and child not in out:
                why = dropped.get(parent) or out[parent]
                out[child] = Drop(why.reason, other=parent, detail=why.detail)
                queue.append(child)
    return out


def _among(table: pa.Table, wanted: Mapping[str, Mapping[str, Patch]]) -> pa.ChunkedArray:
    masks = [pc.is_in(table[name], value_set=pa.array(sorted(some), pa.string())) for name, some in wanted.items()]
    return reduce(pc.or_, masks)


def _rows(table: pa.Table, mask: pa.ChunkedArray) -> Iterator[_Row]:
    rows = table.filter(mask)
    return zip(*(rows[name].to_pylist() for name in COLUMNS), strict=True)
