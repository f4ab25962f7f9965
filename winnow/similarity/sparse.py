"""Pairs of rows with alike TF-IDF vectors, exactly: candidates by their rare features, then the cosine of each.

Vectors go to scratch files that all processes map; one block of candidates is in memory at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from winnow.harness.processes import map_buckets
from winnow.records import views
from winnow.similarity import tfidf
from winnow.similarity.forest import Links
from winnow.similarity.parts import COLUMNS
from winnow.similarity.ranked import Semantic, best
from winnow.similarity.sketches import Task
from winnow.similarity.stored import Stored, StoredWriter
from winnow.similarity.vectors import Vectors, VectorWriter
from winnow.storage.buckets import each_batch
from winnow.storage.types import Floats, Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE

_WHOLE, _TURNS, _RARE = "tfidf-whole", "tfidf-turns", "tfidf-rare"
_PARTS = {_WHOLE: views.compared, _TURNS: views.said_and_rejected}
_PIECES = 64  # of the rows that workers take one by one; each has about the same number of candidates
_CANDIDATES = 100_000  # candidates, with repeats, that are in memory at a time
_ROWS = 64  # rows whose vectors are laid out in full at a time, 1 MB each
_WIDTH = 1 << tfidf.BITS


def alike_pairs(
    tasks: list[Task], sizes: list[int], rows: Ints, kinds: npt.NDArray[np.int32], semantic: Semantic
) -> Iterator[tuple[Links, Floats]]:
    """Yield, some rows at a time, the best pairs (row, later row) that reach the floor, and their similarities."""
    folder = tasks[0].scratch
    rows_with = np.sum(list(map_buckets(_write_features, tasks)), axis=0)
    for part in _PARTS:
        _write_vectors(folder, part, len(tasks), tfidf.rarity(rows_with, sum(sizes)))
    groups = np.full(sum(sizes), -1, np.int64)  # rows that are not looked at have no group
    groups[rows] = kinds[rows]
    _write_rare(folder, sizes, rows_with, groups, semantic.floor)
    cost = _cost(Vectors(folder, _RARE))
    edges = np.searchsorted(cost, np.linspace(0, cost[-1], _PIECES + 1))
    edges[-1] = len(cost) - 1
    pieces = [_Piece(folder, a, b, semantic) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    yield from map_buckets(_search, pieces)


def _write_features(task: Task) -> Ints:
    """Write the features of one bucket, and return in how many of its rows each occurs."""
    rows_with = np.zeros(1 << tfidf.BITS, np.int64)
    for part, view in _PARTS.items():
        with StoredWriter(task.scratch, part, task.bucket) as out:
            for table in each_batch(task.records, task.bucket, COLUMNS):
                for _, some in slices(normalised(view(table)), SLICE):
                    values, bounds = tfidf.features(some)
                    out.write(values, bounds)
                    if part == _WHOLE:
                        rows_with += tfidf.frequencies(values)
    return rows_with


def _write_vectors(folder: Path, part: str, buckets: int, idf: Floats) -> None:
    stored, start = Stored(folder, part, buckets), 0
    with VectorWriter(folder, part) as out:
        for size in stored.sizes:
            vectors = tfidf.weighted(*stored.of(np.arange(start, start + size)), idf)
            out.write(vectors.features, vectors.weights, vectors.bounds)
            start += size


def _write_rare(folder: Path, sizes: list[int], rows_with: Ints, groups: Ints, floor: float) -> None:
    """Write the rare features of each row, those of different groups apart."""
    whole, start = Vectors(folder, _WHOLE), 0
    with VectorWriter(folder, _RARE) as out:
        for size in sizes:
            bounds = whole.bounds[start : start + size + 1]
            here = slice(int(bounds[0]), int(bounds[-1]))
            vectors = tfidf.Weighted(whole.features[here].astype(np.int64), whole.weights[here], bounds - bounds[0])
            features, bounds = tfidf.rare_parts(vectors, rows_with, floor)
            group = groups[start : start + size]
            of = np.repeat(group, np.diff(bounds))
            lengths = np.where(group >= 0, np.diff(bounds), 0)
            out.write((features + of * _WIDTH)[of >= 0], np.zeros(0), np.concatenate(([0], np.cumsum(lengths))))
            start += size


def _cost(rare: Vectors) -> Ints:
    """Return the candidates, with repeats, of all rows before each row, and of all."""
    times = np.bincount(rare.features, minlength=1)
    return np.concatenate(([0], np.cumsum(times[rare.features])))[rare.bounds]


@dataclass(frozen=True)
class _Piece:
    """The rows from ``start`` to ``stop``, to be compared with all later rows."""

    folder: Path
    start: int
    stop: int
    semantic: Semantic


def _search(piece: _Piece) -> tuple[Links, Floats]:
    """Return the best pairs of the rows of a piece."""
    from scipy.sparse import csr_matrix

    rare, parts = Vectors(piece.folder, _RARE), [Vectors(piece.folder, part) for part in _PARTS]
    rows, cost = len(rare.bounds) - 1, _cost(rare)
    width = int(rare.features.max(initial=0)) + 1
    ones = np.ones(len(rare.features), np.int16)  # what matters is which entries are there
    matrix = csr_matrix((ones, rare.features.astype(np.int32), rare.bounds), shape=(rows, width))
    transposed = matrix.T.tocsr()
    links, values, start = np.zeros((0, 2), np.int64), np.zeros(0), piece.start
    while start < piece.stop:
        stop = int(np.searchsorted(cost, cost[start] + _CANDIDATES, "right")) - 1
        stop = min(max(start + 1, stop), start + _ROWS, piece.stop)
        shared = (matrix[start:stop] @ transposed).tocoo()
        pairs = np.stack([shared.row.astype(np.int64) + start, shared.col.astype(np.int64)], axis=1)
        pairs = pairs[pairs[:, 1] > pairs[:, 0]]
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        value = np.ones(len(pairs))
        for part in parts:
            cosine = part.cosines(np.arange(start, stop), pairs - np.array([start, 0]), _WIDTH)
            value = np.minimum(value, np.round(cosine, 6))
            pairs, value = pairs[value >= piece.semantic.floor], value[value >= piece.semantic.floor]
        links, values = np.concatenate((links, pairs)), np.concatenate((values, value))
        if len(links) > 20 * _CANDIDATES:
            links, values = best(links, values, piece.semantic.links)
        start = stop
    return best(links, values, piece.semantic.links)
