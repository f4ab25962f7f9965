"""Sparse vectors of all rows on scratch disk, mapped by every process that needs them."""

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from winnow.similarity.jaccard import taken
from winnow.storage.types import Floats, Ints


class VectorWriter:
    """Writes vectors row by row: features (32 bits), weights (single precision) and the bounds of each row."""

    def __init__(self, folder: Path, name: str) -> None:
        self._files = [(folder / f"{name}-{what}").open("wb") for what in ("features", "weights")]
        self._bounds = folder / f"{name}-bounds"
        self._sizes = [np.zeros(1, np.int64)]

    def write(self, features: Ints, weights: Floats, bounds: Ints) -> None:
        """Append the vectors of some rows, laid end to end."""
        self._files[0].write(features.astype(np.uint32).tobytes())
        self._files[1].write(weights.astype(np.float32).tobytes())
        self._sizes.append(np.diff(bounds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files:
            file.close()
        self._bounds.write_bytes(np.cumsum(np.concatenate(self._sizes)).tobytes())


class Vectors:
    """The vectors of all rows: those of row ``i`` stand at ``bounds[i] : bounds[i + 1]``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.bounds = np.fromfile(folder / f"{name}-bounds", np.int64)
        self.features = _mapped(folder / f"{name}-features", np.dtype(np.uint32))
        self.weights = _mapped(folder / f"{name}-weights", np.dtype(np.float32))
        self._full = np.zeros(0, np.float32)

    def cosines(self, rows: Ints, pairs: Ints, width: int) -> Floats:
        """Return the products of pairs (place in ``rows``, other row); ``rows`` are few, each is laid out in full."""
        if len(self._full) < len(rows) * width:  # kept, since fresh pages cost more than the products
            self._full = np.zeros(len(rows) * width, np.float32)
        at, ends = taken(self.bounds, rows)
        mine = np.repeat(np.arange(len(rows)) * width, np.diff(ends)) + self.features[at]
        self._full[mine] = self.weights[at]
        at, ends = taken(self.bounds, pairs[:, 1])
        lengths = np.diff(ends)
        terms = self._full[np.repeat(pairs[:, 0] * width, lengths) + self.features[at]].astype(np.float64)
        terms *= self.weights[at]
        self._full[mine] = 0
        products = np.bincount(np.repeat(np.arange(len(pairs)), lengths), terms, len(pairs))
        return products.astype(np.float64)  # without a pair they are whole numbers


def _mapped(path: Path, kind: np.dtype) -> npt.NDArray:
    return np.memmap(path, kind, "r") if path.stat().st_size else np.zeros(0, kind)
