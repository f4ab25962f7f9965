"""What became of each row between two versions: a join of their two indexes, column by column."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.storage.buckets import positions

COLUMNS = ["row_id", "source", "content_hash", "status", "stage", "reason", "split", "repeats"]
"""The columns of the index that a comparison needs."""

CHANGES = ("added", "restored", "removed", "gone", "edited", "moved", "reweighted")
"""What can happen to a row: it is new; it was out and is in; it is out now, with the reason; its source has it no
more; its text changed; it changed its split; it is drawn more or less often. A row may be edited and moved at once."""


@dataclass(frozen=True)
class Comparison:
    """Positions of changed rows: ``before`` in the index of the older version, ``after`` in the newer, -1 for none."""

    a: pa.Table
    b: pa.Table
    before: dict[str, npt.NDArray[np.int64]]
    after: dict[str, npt.NDArray[np.int64]]
    unchanged: int

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each change."""
        return {change: len(self.before[change]) for change in CHANGES}

    def table(self, change: str) -> pa.Table:
        """Return the changed rows: those of the newer version where it has them, else of the older."""
        side, rows = self._at(change)
        return side.take(rows)

    def ids(self, change: str) -> pa.Array:
        """Return the ids of the changed rows."""
        side, rows = self._at(change)
        return side["row_id"].combine_chunks().take(rows)

    def _at(self, change: str) -> tuple[pa.Table, pa.Array]:
        if change == "gone":
            return self.a, pa.array(self.before[change])
        return self.b, pa.array(self.after[change])


def compare(a: pa.Table, b: pa.Table) -> Comparison:
    """Return what changed from the index ``a`` to the index ``b`` (with :data:`COLUMNS`); units that were never rows
    (quarantined) do not count.

    >>> def index(*rows):
    ...     return pa.table([list(column) for column in zip(*rows)], names=COLUMNS)
    >>> old = index(("s:1", "s", "x", "in", None, None, "train", 1), ("s:2", "s", "y", "in", None, None, "train", 1))
    >>> new = index(("s:1", "s", "z", "in", None, None, "train", 1), ("s:3", "s", "y", "in", None, None, "train", 1))
    >>> {change: count for change, count in compare(old, new).counts().items() if count}
    {'added': 1, 'gone': 1, 'edited': 1}
    """
    a, b = _rows(a), _rows(b)
    at = positions(b["row_id"], a["row_id"])
    here = np.arange(len(b))
    was_in, is_in = _is(a, "status", "in"), _is(b, "status", "in")
    known = at >= 0
    had = np.zeros(len(b), bool)
    had[known] = was_in[at[known]]
    both = np.flatnonzero(known & had & is_in)
    pairs = a.take(pa.array(at[both])), b.take(pa.array(both))
    differs = {name: _differs(pairs[0][name], pairs[1][name]) for name in ("content_hash", "split", "repeats")}
    gone = np.ones(len(a), bool)
    gone[at[known]] = False
    found = {
        "added": here[~known & is_in],
        "restored": here[known & ~had & is_in],
        "removed": here[known & had & ~is_in],
        "edited": both[differs["content_hash"]],
        "moved": both[differs["split"]],
        "reweighted": both[differs["repeats"]],
    }
    before = {change: at[rows] for change, rows in found.items()}
    before["gone"] = np.flatnonzero(gone & was_in)
    found["gone"] = np.full(len(before["gone"]), -1)
    changed = differs["content_hash"] | differs["split"] | differs["repeats"]
    return Comparison(a, b, before, found, int(len(both) - changed.sum()))


def _rows(index: pa.Table) -> pa.Table:
    rows = pc.is_valid(index["content_hash"])  # a unit that was never a row has none
    return (index if pc.all(rows).as_py() else index.filter(rows)).combine_chunks()


def _is(table: pa.Table, column: str, value: str) -> npt.NDArray[np.bool_]:
    return pc.equal(table[column], value).to_numpy(zero_copy_only=False)


def _differs(a: pa.ChunkedArray, b: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return pc.fill_null(pc.not_equal(a, b), False).to_numpy(zero_copy_only=False)
