"""Second pass, over candidate rows alone: their true similarity, from sketches.

The sketches of candidate rows go to scratch files and are read back for some thousand pairs at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from winnow.harness.processes import map_buckets
from winnow.similarity.folding import folded
from winnow.similarity.pairs import alike
from winnow.similarity.parts import COLUMNS
from winnow.similarity.sketch import PARTS, Sketches, sketches
from winnow.similarity.sketches import Task
from winnow.similarity.stored import Stored, StoredWriter
from winnow.storage.buckets import each_batch
from winnow.storage.types import Bools, Floats, Ints

_PAIRS, _TOKENS = 5_000, 4_000_000  # pairs, and tokens of both rows of them, that are compared at a time
_NAME = "sketch"


@dataclass(frozen=True)
class _Rows:
    """The candidate rows of one bucket, as positions in it, and which of them are compared whole."""

    task: Task
    rows: Ints
    whole: Bools


def _write_sketches(chosen: _Rows) -> None:
    """Write the sketches of the chosen rows to scratch."""
    task, start = chosen.task, 0
    with StoredWriter(task.scratch, _NAME, task.bucket) as out:
        for table in each_batch(task.records, task.bucket, COLUMNS):
            here = slice(*np.searchsorted(chosen.rows, (start, start + len(table))))
            if here.start < here.stop:
                some = table.take(pa.array(chosen.rows[here] - start))
                out.write(*sketches(folded(some)[0] if task.fold else some, task.stock, chosen.whole[here]))
            start += len(table)


class Sketched:
    """The sketches of some rows of all buckets laid end to end, on scratch disk."""

    def __init__(self, tasks: list[Task], sizes: list[int], rows: Ints, whole: Bools) -> None:
        """Write the sketches of ``rows``, sorted positions; ``sizes`` are the rows of each bucket.

        Rows that are not ``whole`` are sketched without replies: their prompts alone are compared.
        """
        self._rows = rows
        first = np.concatenate(([0], np.cumsum(sizes)))
        cuts = np.searchsorted(rows, first)
        chosen = [
            _Rows(task, rows[start:stop] - begin, whole[start:stop])
            for task, start, stop, begin in zip(tasks, cuts[:-1], cuts[1:], first[:-1], strict=True)
        ]
        for _ in map_buckets(_write_sketches, chosen):
            pass
        self._stored = Stored(tasks[0].scratch, _NAME, len(tasks), np.uint64)

    def of(self, rows: Ints) -> Sketches:
        """Return the sketches of ``rows``, sorted positions among those that were written."""
        at = np.searchsorted(self._rows, rows)
        return Sketches(*self._stored.of((at[:, None] * len(PARTS) + np.arange(len(PARTS))).ravel()))

    def tokens(self, rows: Ints) -> Ints:
        """Return the number of tokens of each of ``rows``."""
        return self._stored.lengths().reshape(-1, len(PARTS)).sum(axis=1)[np.searchsorted(self._rows, rows)]


def blocks(pairs: Ints, tokens: Ints) -> Iterator[slice]:
    """Yield slices of ``pairs`` that hold some thousand pairs and some million tokens at most, at least one pair."""
    sums, start = np.cumsum(tokens), 0
    while start < len(pairs):
        done = sums[start - 1] if start else 0
        stop = min(start + _PAIRS, max(start + 1, int(np.searchsorted(sums, done + _TOKENS, "right"))))
        yield slice(start, stop)
        start = stop


def verified(
    sketched: Sketched, pairs: Ints, floor: float, measure: Callable[[Sketches, Ints], Floats] = alike
) -> tuple[Ints, Floats]:
    """Return the pairs of positions whose similarity by ``measure`` is at least ``floor``, and their similarities."""
    kept, values = np.zeros(len(pairs), bool), np.zeros(len(pairs))
    for some in blocks(pairs, sketched.tokens(pairs[:, 0]) + sketched.tokens(pairs[:, 1])):
        rows, local = numbered(pairs[some])
        values[some] = measure(sketched.of(rows), local)
        kept[some] = values[some] >= floor
    return pairs[kept], values[kept]


def numbered(pairs: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows of ``pairs``, sorted, and the pairs as positions among them.

    >>> numbered(np.array([[7, 3], [3, 9]]))[1].tolist()
    [[1, 0], [0, 2]]
    """
    rows = np.sort(pairs.ravel())
    rows = rows[np.concatenate(([True], rows[1:] != rows[:-1]))] if len(rows) else rows
    return rows, np.searchsorted(rows, pairs)
