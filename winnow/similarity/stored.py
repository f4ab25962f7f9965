"""Lists of numbers, one or more per row, on scratch disk: written bucket by bucket, read back for any rows."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from winnow.similarity.jaccard import gathered
from winnow.storage.types import U32, U64, Ints

Values = U32 | U64


class StoredWriter:
    """Writes the lists of one bucket."""

    def __init__(self, folder: Path, name: str, bucket: int) -> None:
        self._file = _values(folder, name, bucket).open("wb")
        self._sizes = [np.zeros(0, np.int64)]
        self._sizes_file = _sizes(folder, name, bucket)

    def write(self, values: Values, bounds: Ints) -> None:
        """Append the lists of some rows, laid end to end."""
        self._file.write(values.tobytes())
        self._sizes.append(np.diff(bounds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._sizes_file.write_bytes(np.concatenate(self._sizes).tobytes())


class Stored:
    """The lists of all buckets, rows numbered from 0 through all of them."""

    def __init__(self, folder: Path, name: str, buckets: int, kind: npt.DTypeLike = np.uint32) -> None:
        self._kind = kind
        sizes = [np.fromfile(_sizes(folder, name, bucket), np.int64) for bucket in range(buckets)]
        self.sizes = [len(size) for size in sizes]
        self._first_row = np.concatenate(([0], np.cumsum(self.sizes)))
        self._bounds = [np.concatenate(([0], np.cumsum(size))) for size in sizes]
        self._files = [_values(folder, name, bucket) for bucket in range(buckets)]

    def lengths(self) -> Ints:
        """Return the length of every list."""
        return np.concatenate([np.diff(bounds) for bounds in self._bounds])

    def of(self, rows: Ints) -> tuple[Any, Ints]:
        """Return the lists of ``rows`` (sorted, distinct) end to end, with bounds."""
        values, lengths = [np.zeros(0, self._kind)], [np.zeros(0, np.int64)]
        owner = np.searchsorted(self._first_row, rows, "right") - 1
        for bucket in np.unique(owner):
            bounds = self._bounds[bucket]
            if bounds[-1] == 0:  # an empty file cannot be mapped
                lengths.append(np.zeros(int((owner == bucket).sum()), np.int64))
                continue
            local = rows[owner == bucket] - self._first_row[bucket]
            part, ends = gathered(np.memmap(self._files[bucket], self._kind, "r"), bounds, local)
            values.append(part)
            lengths.append(np.diff(ends))
        return np.concatenate(values), np.concatenate(([0], np.cumsum(np.concatenate(lengths))))


def _values(folder: Path, name: str, bucket: int) -> Path:
    return folder / f"{name}-{bucket:03d}"


def _sizes(folder: Path, name: str, bucket: int) -> Path:
    return folder / f"{name}-sizes-{bucket:03d}"
