"""Rows that people dropped or took down: the same text under other ids, and the rows made from them.

``clean`` compares texts as the sources wrote them (:mod:`winnow.patches.digests`) and lists what matches; this module
decides with that list, with ids, sources and the content hashes that patches of an older Winnow have alone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop
from winnow.patches.patch import EVERY, Patch, rank
from winnow.storage.buckets import SUFFIX

REASONS = {"drop": "dropped_by_hand", "takedown": "takedown"}
RAW = ":!"
"""What parts the source from the digest of the raw text in the id of a unit that became no row."""

COLUMNS = ["row_id", "source", "content_hash", "parents"]

_Row = tuple[str, str, str, list[str] | None]


def dropped_by_hand(
    read: Callable[[], Iterable[pa.Table]], patches: Iterable[Patch], matches: Mapping[str, str]
) -> dict[str, Drop]:
    """Return the drops that ``patches`` decide, by row id, among the tables of facts that ``read`` gives (twice), each
    with :data:`COLUMNS`.

    ``matches`` names, by row id, the row whose patch a text of the row is bound to. A drop also takes rows of any id
    that say, cleaned, what its row says now or said when the patch was written (by ``content_hash``), and, however
    far, the rows made from all of those. The row of a patch may be of another repository, whose release is a source of
    this one. Where a row is both dropped and taken down, it is a takedown.
    """
    drops = sorted((patch for patch in patches if patch.drop), key=rank)
    if not drops:
        return {}
    by_id = {patch.row_id: patch for patch in drops if not patch.row_id.endswith(EVERY)}
    by_source = {patch.row_id.removesuffix(EVERY): patch for patch in drops if patch.row_id.endswith(EVERY)}
    by_text = {row_id: by_id[of] for row_id, of in matches.items() if of in by_id}
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
        wanted = {"row_id": by_id.keys() | by_text.keys(), "source": by_source, "content_hash": by_hash}
        mask = pc.or_(made, _among(table, wanted))
        for row_id, source, content, parents in _rows(table, mask):
            lookups = by_id.get(row_id), by_text.get(row_id), by_hash.get(content), by_source.get(source)
            if deciding := [patch for patch in lookups if patch]:
                patch = min(deciding, key=lambda one: one.drop != "takedown")
                copy_of = None if patch.row_id in (row_id, source + EVERY) else patch.row_id
                out[row_id] = Drop(REASONS[str(patch.drop)], other=copy_of, detail=f"{patch.author}: {patch.reason}")
            for parent in parents or ():
                children.setdefault(parent, []).append(row_id)
    elsewhere = {
        parent: Drop(REASONS[str(named.drop)], detail=f"{named.author}: {named.reason}")
        for parent in children.keys() - out.keys()
        if (named := by_id.get(parent) or by_source.get(parent.partition(":")[0]))
    }
    return out | _descendants(out | elsewhere, children)


def units_taken_down(patches: Iterable[Patch]) -> frozenset[str]:
    """Return the digests of the raw units, of any source, that became no row and were taken down."""
    return frozenset(raw_digest(one.row_id) for one in patches if one.drop == "takedown" and RAW in one.row_id)


def raw_digest(unit_id: str) -> str:
    """Return the digest of the raw text of a unit.

    >>> raw_digest("alpaca:!402f~2")
    '402f'
    """
    return unit_id.partition(RAW)[2].partition(SUFFIX)[0]


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


def _among(table: pa.Table, wanted: Mapping[str, Collection[str]]) -> pa.ChunkedArray:
    masks = [pc.is_in(table[name], value_set=pa.array(sorted(some), pa.string())) for name, some in wanted.items()]
    return reduce(pc.or_, masks)


def _rows(table: pa.Table, mask: pa.ChunkedArray) -> Iterator[_Row]:
    rows = table.filter(mask)
    return zip(*(rows[name].to_pylist() for name in COLUMNS), strict=True)
