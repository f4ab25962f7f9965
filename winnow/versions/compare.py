"""What became of each row between two versions: a join of their two indexes, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.arrays import integers, numbers, texts

COLUMNS = ["row_id", "source", "content_hash", "status", "stage", "reason", "split", "repeats"]
"""The columns of the index that a comparison needs."""

CHANGES = ("added", "restored", "removed", "gone", "edited", "moved", "reweighted")
"""What can happen to a row: it is new; it was out and is in; it is out now, with the reason; its source has it no
more; its text changed; it changed its split; it repeats more or less often. A row may be edited and moved at once."""

_IN = texts(["in"])[0]


@dataclass(frozen=True)
class Comparison:
    """The lines of the older and of the newer index for the changed rows, by change and in their order: line ``n`` of
    both is the same row. Added rows have no lines ``before``, rows that are gone none ``after``.
    """

    before: dict[str, pa.Table]
    after: dict[str, pa.Table]
    unchanged: int

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each change."""
        return {change: len(self.table(change)) for change in CHANGES}

    def table(self, change: str) -> pa.Table:
        """Return the changed rows: those of the newer version where it has them, else of the older."""
        return (self.before if change == "gone" else self.after)[change]

    def rows(self) -> pa.Table:
        """Return one line for each change of a row: ``change``, ``row_id``, ``source`` and every other column of the
        index as it was before and is after, null where the version has no such row.
        """
        tables = []
        for change in CHANGES:
            lines = self.table(change)
            columns = {"change": pa.repeat(change, len(lines)), "row_id": lines["row_id"], "source": lines["source"]}
            for name in COLUMNS[2:]:
                for when, side in (("before", self.before[change]), ("after", self.after[change])):
                    known = len(side) == len(lines)
                    columns[f"{name}_{when}"] = side[name] if known else pa.nulls(len(lines), lines[name].type)
            tables.append(pa.table(columns))
        return pa.concat_tables(tables)


def joined(parts: Sequence[Comparison]) -> Comparison:
    """Return the comparisons of all buckets as one."""
    before, after = (
        {change: pa.concat_tables([getattr(one, side)[change] for one in parts]) for change in CHANGES}
        for side in ("before", "after")
    )
    return Comparison(before, after, sum(one.unchanged for one in parts))


def compare(a: pa.Table, b: pa.Table) -> Comparison:
    """Return what changed from the index ``a`` to the index ``b`` (with :data:`COLUMNS`, and others to carry along);
    units that were never rows (quarantined) do not count.

    >>> def index(*rows):
    ...     return pa.table([list(column) for column in zip(*rows)], names=COLUMNS)
    >>> old = index(("s:1", "s", "x", "in", None, None, "train", 1), ("s:2", "s", "y", "in", None, None, "train", 1))
    >>> new = index(("s:1", "s", "z", "in", None, None, "train", 1), ("s:3", "s", "y", "in", None, None, "train", 1))
    >>> {change: count for change, count in compare(old, new).counts().items() if count}
    {'added': 1, 'gone': 1, 'edited': 1}
    """
    a, b = _rows(a), _rows(b)
    at = _places(_column(b, "row_id"), _column(a, "row_id"))  # of each row of b in a; null where a has none
    known = pc.is_valid(at)
    was_in = pc.and_kleene(known, pc.equal(_column(a, "status").take(at), _IN))
    is_in = pc.equal(_column(b, "status"), _IN)
    both = pc.and_(was_in, is_in)
    differs = {
        name: pc.and_kleene(both, pc.not_equal(_column(a, name).take(at), _column(b, name)))
        for name in ("content_hash", "split", "repeats")
    }
    masks = {
        "added": pc.and_not(is_in, known),
        "restored": pc.and_(known, pc.and_not(is_in, was_in)),
        "removed": pc.and_not(was_in, is_in),
        "edited": differs["content_hash"],
        "moved": differs["split"],
        "reweighted": differs["repeats"],
    }
    rows = {change: pc.indices_nonzero(mask) for change, mask in masks.items()}
    before = {change: a.take(at.take(some)) for change, some in rows.items() if change != "added"}
    after = {change: b.take(some) for change, some in rows.items()}
    gone, none = a.take(_others(at, len(a))), integers(np.arange(0))
    before |= {"added": a.take(none), "gone": gone.filter(pc.equal(_column(gone, "status"), _IN))}
    after["gone"] = b.take(none)
    changed = pc.or_kleene(pc.or_kleene(differs["content_hash"], differs["split"]), differs["repeats"])
    return Comparison(before, after, both.true_count - changed.true_count)


def _places(of: pa.Array, among: pa.Array) -> pa.Array:
    """Return for each id of ``of`` its position in ``among``; most versions differ in few ids or in none."""
    if of.equals(among):
        return integers(np.arange(len(of)))
    return pc.index_in(of, value_set=among)


def _others(at: pa.Array, count: int) -> pa.Array:
    """Return the positions below ``count`` that ``at`` does not name, ascending."""
    left = np.ones(count, bool)
    left[numbers(at.drop_null())] = False
    return integers(np.flatnonzero(left))


def _rows(index: pa.Table) -> pa.Table:
    rows = pc.is_valid(index["content_hash"])  # a unit that was never a row has none
    return index if pc.all(rows).as_py() else index.filter(rows)


def _column(table: pa.Table, name: str) -> pa.Array:
    return table[name].combine_chunks()
