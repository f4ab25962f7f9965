"""Second pass, over candidate rows alone: their true similarity.

The shingles of candidate rows go to scratch files and are read back for some thousand pairs at a time.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from winnow.harness.processes import map_buckets
from winnow.records import views
from winnow.similarity.jaccard import similarities, unique_per_row
from winnow.similarity.keys import COLUMNS
from winnow.similarity.sketches import SHINGLE, Task
from winnow.similarity.stored import Stored, StoredWriter
from winnow.storage.buckets import each_batch
from winnow.storage.types import Floats, Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, hashed_tokens, ngrams

_PAIRS = 5_000  # pairs that are verified at a time
_PARTS = {"whole": views.compared, "turns": views.said_and_rejected}


@dataclass(frozen=True)
class _Rows:
    """The candidate rows of one bucket, as positions in it."""

    task: Task
    rows: Ints


def _write_shingles(chosen: _Rows) -> None:
    """Write the distinct shingles of the chosen rows, and their number for each row, per part of the row."""
    task = chosen.task
    for part, view in _PARTS.items():
        start = 0
        with StoredWriter(task.scratch, part, task.bucket) as out:
            for table in each_batch(task.records, task.bucket, COLUMNS):
                here = chosen.rows[(chosen.rows >= start) & (chosen.rows < start + len(table))] - start
                start += len(table)
                for _, some in slices(normalised(view(table.take(pa.array(here)))), SLICE):
                    out.write(*unique_per_row(*ngrams(hashed_tokens(some), SHINGLE)))


def verified(tasks: list[Task], sizes: list[int], pairs: Ints, floor: float) -> tuple[Ints, Floats]:
    """Return the pairs whose similarity is at least ``floor``, and their similarities.

    ``pairs`` are positions in all buckets laid end to end, ``sizes`` the rows of each bucket. The similarity is the
    true Jaccard similarity of the whole rows or of their turns alone, whichever is smaller: two questions about one
    long context are alike as a whole and not as questions.
    """
    rows, numbered = np.unique(pairs, return_inverse=True)
    numbered = numbered.reshape(pairs.shape)
    first = np.concatenate(([0], np.cumsum(sizes)))
    cuts = np.searchsorted(rows, first)
    chosen = [_Rows(t, rows[cuts[n] : cuts[n + 1]] - first[n]) for n, t in enumerate(tasks)]
    for _ in map_buckets(_write_shingles, chosen):
        pass
    parts = [Stored(tasks[0].scratch, part, len(tasks)) for part in _PARTS]
    links, values = [np.zeros((0, 2), np.int64)], [np.zeros(0)]
    for start in range(0, len(pairs), _PAIRS):
        needed, local = np.unique(numbered[start : start + _PAIRS], return_inverse=True)
        local = local.reshape(-1, 2)
        similarity = np.min([similarities(*part.of(needed), local) for part in parts], axis=0)
        kept = similarity >= floor
        links.append(pairs[start : start + _PAIRS][kept])
        values.append(similarity[kept])
    return np.concatenate(links), np.concatenate(values)
