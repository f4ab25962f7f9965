"""Rows of a table whose columns have wanted values, read without the rest of the text."""

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winnow.harness.errors import UserError
from winnow.storage.parquet import read_at, read_table


def selected(file: Path, columns: Sequence[str] | None, where: Mapping[str, Any]) -> pa.Table:
    """Return ``columns`` (all where that is None) of the rows of ``file`` whose columns have the values of ``where``:
    one value, or any of several.

    Row groups in which no row is wanted are read in the columns of ``where`` alone.
    """
    if not where:
        return _named(read_table(file, columns), columns, file)
    keys = _named(read_table(file, list(where)), list(where), file)
    wanted = reduce(pc.and_, (among(keys[name], value) for name, value in where.items()))
    at = np.flatnonzero(wanted.to_numpy(zero_copy_only=False))
    return _named(read_at(file, at, columns), columns, file)


def among(column: pa.ChunkedArray, value: Any) -> pa.ChunkedArray:
    """Return for each value of ``column`` whether it is ``value``, or one of the values in it.

    >>> among(pa.chunked_array([["en", "zh", None]]), ["en", None]).to_pylist()
    [True, False, True]
    """
    return pc.is_in(column, value_set=pa.array(values(value), column.type))


def values(value: Any) -> list[Any]:
    """Return the Python values that a filter names: one, or those of a list, an Arrow column or a pandas series.

    >>> values("en"), values(None), values(pa.array(["en", "zh"]))
    (['en'], [None], ['en', 'zh'])
    """
    if value is None or isinstance(value, str | int | float | bool):
        return [value]
    return value.to_pylist() if isinstance(value, pa.Array | pa.ChunkedArray) else list(value)


def _named(table: pa.Table, columns: Sequence[str] | None, file: Path) -> pa.Table:
    """Return the columns in the order asked for; Parquet passes over a name that a file does not have."""
    check_names(columns or (), pq.read_schema(file).names if columns else ())
    return table if columns is None else table.select(list(columns))


def check_names(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise for the first of ``names`` that is no known column."""
    if unknown := [name for name in names if name not in known]:
        raise UserError(f"there is no column {unknown[0]!r}; there are {', '.join(known)}.")
