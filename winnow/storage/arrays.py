"""Arrow arrays made from NumPy's and Python's memory without ``pa.array`` and ``pa.scalar``, which import pandas: a
quarter of a second for a command that has no other use for it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def integers(values: npt.NDArray[np.int64]) -> pa.Array:
    """Return whole numbers as an array without nulls, for instance positions to take.

    >>> integers(np.array([3, 1])).to_pylist()
    [3, 1]
    """
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values, np.int64))])


def texts(values: Sequence[str]) -> pa.Array:
    """Return texts as an array without nulls; ``texts(["in"])[0]`` is the scalar.

    >>> texts(["中文", "", "b"]).to_pylist()
    ['中文', '', 'b']
    """
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def numbers(array: pa.Array) -> npt.NDArray[np.int64]:
    """Return an array of whole numbers without nulls for numpy.

    >>> numbers(pa.array([3, 1], pa.int32())).tolist()
    [3, 1]
    """
    return np.from_dlpack(array).astype(np.int64, copy=False)
