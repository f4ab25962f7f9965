"""All replies of a stage: its segments as one table, one line per key, whatever the order of files and lines."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.ledger.check import Fault, Piece, Whole, check, check_all, check_each, line_number, pieces
from winnow.ledger.line import Reply
from winnow.ledger.segment import KEEPS, named_for_its_bytes, segments
from winnow.ledger.table import choose, table_of


class Ledger:
    """Replies by key. It is read once, in the parent process, and shared with forked workers.

    For equal keys ``ok`` stands before every other status, then the smallest digest of a line decides: so the answer
    depends on the set of lines alone, and two branches that asked the same merge by keeping both their files.
    """

    def __init__(self, table: pa.Table, keys: npt.NDArray[np.bytes_], rows: npt.NDArray[np.int64]) -> None:
        """Take a table of :data:`~winnow.ledger.table.SCHEMA`, its keys, sorted, and the row of each."""
        self.table, self._keys, self._rows = table, keys, rows

    @classmethod
    def read(cls, folder: Path) -> "Ledger":
        """Read all segments of ``folder``, such as ``data/ledger/judge``; one that is empty or missing has no replies.

        Checked are the bytes of each segment against its name, the shape of every line, and the digests of lines that
        share a key, since they decide; `winnow verify` looks at all digests. Memory: the replies once, and 0.2 kB a
        line beside them while they are read.

        Raises :class:`UserError` that names the file, and the line where one is at fault.
        """
        found = _checked(segments(folder))
        where, counts = [piece for piece, _ in found], [len(whole.lengths) for _, whole in found]
        chosen = choose([whole for _, whole in found])
        tied = [where[number] for number in chosen.tied]
        for piece, result in zip(tied, check_each(tied, digests=True), strict=True):
            if isinstance(result, Fault):
                raise _error(piece, result)
        del found
        rows = np.empty(len(chosen.lines), np.int64)
        rows[np.argsort(chosen.lines)] = np.arange(len(rows))  # rows of the table are in the order of the lines
        return cls(table_of(where, counts, chosen.lines), chosen.keys, rows)

    def __len__(self) -> int:
        return len(self.table)

    def positions(self, keys: Sequence[str] | pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Return the row of :attr:`table` that holds each key, -1 where none does."""
        column = keys if isinstance(keys, pa.Array | pa.ChunkedArray) else pa.array(keys, pa.string())
        column = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).cast(pa.string())
        proper = pc.equal(pc.binary_length(column), 32).fill_null(False)
        wanted = _fixed(column.filter(proper))
        rows = np.full(len(column), -1, np.int64)
        if len(self._keys) and len(wanted):
            places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
            rows[proper.to_numpy(zero_copy_only=False)] = np.where(self._keys[places] == wanted, self._rows[places], -1)
        return rows

    def get(self, key: str) -> Reply | None:
        """Return the reply to one request, ``None`` where there is none."""
        (place,) = self.positions([key])
        return None if place < 0 else Reply(**self.table.slice(place, 1).to_pylist()[0])


@cache
def ledger_of(folder: Path) -> Ledger:
    """Return the ledger in ``folder``, read once a process; forked workers share what their parent read."""
    return Ledger.read(folder)


def _fixed(keys: pa.Array) -> npt.NDArray[np.bytes_]:
    """Return a string array of keys, 32 bytes each, as a NumPy array without copying them."""
    if not len(keys):
        return np.empty(0, "S32")
    _, offsets, data = keys.buffers()
    start = np.frombuffer(offsets, np.int32)[keys.offset]
    return np.frombuffer(data, "S32", len(keys), start)


def _checked(paths: list[Path]) -> list[tuple[Piece, Whole]]:
    """Return the pieces of the segments, each with what is in it; any fault is an error."""
    whole = []
    unnamed: list[Path] = []
    for task, result in check_all(paths, digests=False):
        if isinstance(task, Path):
            unnamed += [] if result else [task]
        elif isinstance(result, Whole):
            whole.append((task, result))
        elif isinstance(result, Fault):
            raise _error(task, result)
    if unnamed:
        for piece in pieces(unnamed[0]):
            if isinstance(fault := check(piece), Fault):
                raise _error(piece, fault)
        raise UserError(f"{unnamed[0]} is damaged, for its bytes are not its name's; {KEEPS}.")
    return whole


def _error(piece: Piece, fault: Fault) -> UserError:
    path, advice = piece.path, KEEPS
    if named_for_its_bytes(path):
        advice = f"it was written so: take the Winnow that wrote it, or run `git rm {path}`"
    return UserError(f"{path}, line {line_number(piece, fault)}, {fault.problem}; {advice}.")
