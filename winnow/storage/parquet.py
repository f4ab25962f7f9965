"""The one way tables are written and read, so that equal rows are equal bytes and a flipped bit is an error."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winnow.harness.errors import UserError
from winnow.storage.arrays import integers, texts

_ROW_GROUP = 8_192  # rows; part of the bytes, so a change re-writes every version
_ZSTD_LEVEL = 3


def write_table(path: Path, table: pa.Table, schema: pa.Schema) -> None:
    """Write ``table`` (rows already in their total order) to ``path`` as Parquet with page checksums.

    Everything that decides the bytes is fixed here: explicit schema, codec, level, row-group size, no pandas
    metadata. Without page checksums a flipped bit reads back as other text in more than half of all cases.
    """
    with TableWriter(path, schema) as writer:
        writer.write(table)


class TableWriter:
    """Writes one Parquet file from several tables, each in row groups of its own.

    With ``one_group`` each table is one row group, also an empty one, so that table ``n`` can be read as group ``n``.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, one_group: bool = False) -> None:
        self._one_group = one_group
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = pa.schema([field.remove_metadata() for field in schema])  # what columns mean is no data
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            version="2.6",
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            use_dictionary=False,
            write_statistics=False,
            write_page_checksum=True,
        )

    def write(self, table: pa.Table) -> None:
        """Append ``table`` (columns by name, cast to the schema)."""
        if table.schema != self._schema:
            table = table.select(self._schema.names).cast(self._schema)
        size = max(len(table), 1) if self._one_group else _ROW_GROUP
        self._writer.write_table(table.replace_schema_metadata(None).combine_chunks(), row_group_size=size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a file for reading with page checksums; raises :class:`UserError` when it is missing or damaged."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
            _check_footer(file)
            yield file
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run dvc repro, or dvc checkout to bring it back.") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError(
            f"{path} is damaged ({str(error).splitlines()[0]}); delete it and run dvc checkout or dvc repro."
        ) from error


def read_table(path: Path, columns: Sequence[str] | None = None, group: int | None = None) -> pa.Table:
    """Read a table (or some columns, or one row group of it) from ``path``, checking the checksum of every page.

    Raises :class:`UserError` that names the file when it is missing, cut short or damaged.
    """
    names = list(columns) if columns is not None else None
    with _opened(path) as file:
        if group is None:
            return file.read(columns=names, use_threads=False)
        return file.read_row_group(group, columns=names, use_threads=False)


def each_row_group(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield a table row group by row group, so that memory does not grow with the file; an empty one yields once."""
    with _opened(path) as file:
        groups = file.num_row_groups
    for group in range(groups):
        yield read_table(path, columns, group)


def read_at(path: Path, rows: npt.NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
    """Return the rows at the positions ``rows`` (ascending), reading only the row groups that hold one.

    Raises :class:`IndexError` where the table has no such row.
    """
    with _opened(path) as file:
        sizes = np.array([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)], np.int64)
        ends = np.cumsum(sizes)
        if len(rows) and (not len(ends) or rows[-1] >= ends[-1]):
            raise IndexError(int(rows[-1]))
        groups, of = np.unique(np.searchsorted(ends, rows, side="right"), return_inverse=True)
        table = file.read_row_groups(groups.tolist(), columns=list(columns) if columns else None, use_threads=False)
        skipped = (ends - sizes)[groups] - (np.cumsum(sizes[groups]) - sizes[groups])  # rows of groups left unread
    return table.take(integers(rows - skipped[of]))


def read_rows(path: Path, column: str, value: str) -> pa.Table:
    """Return the rows of ``path`` whose text ``column`` is ``value``, reading in full only the row groups with one."""
    with _opened(path) as file:
        parts = [file.read_row_groups([])]
        for group in range(file.num_row_groups):
            hits = pc.equal(file.read_row_group(group, [column], use_threads=False)[column], texts([value])[0])
            if pc.any(hits).as_py():
                parts.append(file.read_row_group(group, use_threads=False).filter(hits))
    return pa.concat_tables(parts)


def _check_footer(file: pq.ParquetFile) -> None:
    """Compare what the footer says twice: it has no checksum, and one flipped bit renames a column."""
    footer = file.metadata
    stored = base64.b64decode((footer.metadata or {}).get(b"ARROW:schema", b""), validate=True)
    if not pa.ipc.read_schema(pa.py_buffer(stored)).equals(file.schema_arrow):
        raise ValueError("its footer contradicts itself about the columns")
    if footer.num_rows != sum(footer.row_group(n).num_rows for n in range(footer.num_row_groups)):
        raise ValueError("its footer contradicts itself about the rows")
