"""The lines of two indexes that differ, compared bucket by bucket so that every core has work, and the facts
and records of their rows.

A line carries its ``bucket`` and its ``position`` there. Clean records and facts hold the same rows in the same order,
so a changed row is read from there without a search.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.harness.errors import UserError
from winnow.storage.arrays import integers, numbers
from winnow.storage.parquet import read_at, read_table
from winnow.versions.compare import COLUMNS, Comparison, compare, joined
from winnow.versions.outputs import Outputs

INDEX = "data/index.parquet"
_RECORDS = "data/clean/records"
_FACTS = "data/annotate"
_FACT_NAMES = ("language", "task", "prompt_key")


def differing(a: Outputs, b: Outputs, pool: Executor) -> Comparison:
    """Return what changed from version ``a`` to ``b``, its lines with ``bucket`` and ``position``."""
    if a.buckets == b.buckets:
        return joined(list(pool.map(partial(_bucket, a, b), range(a.buckets))))
    whole = [pa.concat_tables(pool.map(partial(_lines, one), range(one.buckets))) for one in (a, b)]
    return compare(*whole)


def _bucket(a: Outputs, b: Outputs, bucket: int) -> Comparison:
    before = _lines(a, bucket)
    return compare(before, before if a.file(INDEX).samefile(b.file(INDEX)) else _lines(b, bucket))


def _lines(version: Outputs, bucket: int) -> pa.Table:
    """Return one bucket of the index, which is one row group: first the rows, as they stand in every table."""
    table = read_table(version.file(INDEX), COLUMNS, bucket)
    table = table.append_column("bucket", integers(np.full(len(table), bucket)))
    return table.append_column("position", integers(np.arange(len(table))))


def facts(version: Outputs, lines: Mapping[str, pa.Table], pool: Executor) -> dict[str, pa.Table]:
    """Return language, task and prompt key (null where the version has no such fact) for ``lines`` of the index of
    ``version``, by the same names and in the same order.
    """
    places = {name: _places(table) for name, table in lines.items()}
    wanted = np.unique(np.concatenate(list(places.values())))
    buckets, first = np.unique(wanted >> 32, return_index=True)
    positions = np.split(wanted & 0xFFFF_FFFF, first[1:]) if len(buckets) else []
    tables = list(pool.map(partial(_rows, version, _FACTS, ("row_id", *_FACT_NAMES)), buckets.tolist(), positions))
    of_lines = {}
    for name, table in lines.items():
        at = integers(np.searchsorted(wanted, places[name]))
        rows = pa.concat_tables(tables).take(at) if tables else table
        if not rows["row_id"].combine_chunks().equals(table["row_id"].combine_chunks()):
            raise _other(version, _FACTS)
        columns = {
            one: rows[one] if one in rows.column_names else pa.nulls(len(at), pa.string()) for one in _FACT_NAMES
        }
        of_lines[name] = pa.table({"row_id": table["row_id"], "source": table["source"], **columns})
    return of_lines


def _places(lines: pa.Table) -> npt.NDArray[np.int64]:
    """Return bucket and position of each line as one number."""
    bucket, position = (numbers(lines[name].combine_chunks()) for name in ("bucket", "position"))
    return bucket << 32 | position


def record(version: Outputs, line: Mapping[str, Any], columns: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the clean record of a row of the index, whole or in some columns."""
    names = None if columns is None else ("row_id", *columns)
    rows = _rows(version, _RECORDS, names, line["bucket"], np.array([line["position"]]))
    row: dict[str, Any] = rows.to_pylist()[0]
    if row["row_id"] != line["row_id"]:
        raise _other(version, _RECORDS)
    return row


def _rows(
    version: Outputs, folder: str, columns: Sequence[str] | None, bucket: int, at: npt.NDArray[np.int64]
) -> pa.Table:
    try:
        return read_at(version.part(folder, bucket), at, columns)
    except IndexError:
        raise _other(version, folder) from None


def _other(version: Outputs, folder: str) -> UserError:
    return UserError(f"{version.name}: {INDEX} and {folder} are not of one version; run dvc repro or winnow verify.")
