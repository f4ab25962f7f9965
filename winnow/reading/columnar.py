"""Read Parquet and Arrow files to units: every batch is validated in full, in a child process, memory flat."""

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.harness.errors import UserError
from winnow.reading.apart import read_apart
from winnow.reading.units import RAW_KEPT, BadUnit, Unit, too_large
from winnow.reading.window import Caps
from winnow.records.record import canonical_json

SUFFIXES = frozenset({".parquet", ".arrow"})
_BATCH = 1_024  # rows that are held as Python values, or fewer where they are large
_BATCH_BYTES, _FEW = 1 << 24, 16
_CALLS = frozenset(["arguments", "args", "parameters", "input_schema", "tools", "functions", "tool_definitions"])
_UNREADABLE = (ValueError, OverflowError, LookupError, TypeError, pa.ArrowException)


def read_columnar_units(path: Path, suffix: str, caps: Caps) -> Iterator[Unit | BadUnit]:
    """Yield the rows of a Parquet or Arrow file as units; ``line`` is the number of the row.

    A row that cannot be a JSON value (invalid UTF-8, a date out of range, bytes) is a bad unit. Raises
    :class:`UserError` for a file that is damaged, has a column name twice, or expands to more than ``caps.file_bytes``.
    """
    read = partial(_units, suffix=suffix, max_bytes=caps.file_bytes)
    return read_apart(read, path, caps.file_bytes, caps.unit_chars)


def _units(path: Path, unit_chars: int, *, suffix: str, max_bytes: int) -> Iterator[Unit | BadUnit]:
    row = size = chars = 0
    try:
        for batch in _parquet(path, max_bytes) if suffix == ".parquet" else _arrow(path):
            _check_names(path, batch.schema)
            pa.RecordBatch.from_arrays([_as_bytes(column) for column in batch], batch.schema.names).validate(full=True)
            size += batch.nbytes + len(batch)  # a column of nulls has no bytes
            for value in _values(batch):
                row += 1
                unit, length = _unit(path.as_posix(), row, value, unit_chars)
                chars += length  # values of a dictionary or of nulls take more room than the batch
                if max(size, chars) > max_bytes:
                    raise _too_much(path, max_bytes)
                yield unit
    except (pa.ArrowException, OSError, IndexError) as error:
        if isinstance(error, MemoryError):
            raise
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"{path} is damaged: it cannot be read after row {row:,} ({problem}); fetch it again."
        ) from None
    if row == 0:
        raise UserError(f"{path} holds no rows; remove it from the source or fetch it again.")


def _too_much(path: Path, max_bytes: int) -> UserError:
    return UserError(
        f"{path} expands to more than {max_bytes:,} bytes; if that is right, raise normalize.max_file_bytes in "
        "params.yaml."
    )


def _parquet(path: Path, max_bytes: int) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False, buffer_size=1 << 20) as file:
        footer = file.metadata
        # what the footer says spares the reading; what is read is counted again
        if sum(footer.row_group(n).total_byte_size for n in range(footer.num_row_groups)) > max_bytes:
            raise _too_much(path, max_bytes)
        yield from file.iter_batches(_BATCH, use_threads=False)


def _arrow(path: Path) -> Iterator[pa.RecordBatch]:
    options = pa.ipc.IpcReadOptions(use_threads=False)
    with pa.memory_map(str(path)) as source:
        try:
            reader = pa.ipc.open_stream(source, options=options)
        except pa.ArrowInvalid:
            source.seek(0)
            reader = pa.ipc.open_file(source, options=options)
            yield from (reader.get_batch(n) for n in range(reader.num_record_batches))
            return
        yield from reader


def _check_names(path: Path, fields: Any) -> None:
    """Raise :class:`UserError` where a schema or a struct in it has a name twice: Python would lose one of the two."""
    names = sorted(field.name for field in fields)
    if twice := next((name for name, other in pairwise(names) if name == other), None):
        raise UserError(f"{path}: the column {twice!r} stands twice; rename one.")
    for field in fields:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) and not pa.types.is_union(kind):
            _check_names(path, [kind.field(n) for n in range(kind.num_fields)])


def _as_bytes(column: pa.Array) -> pa.Array:
    """Return a column with its texts as bytes: invalid UTF-8 is the fault of a row, all else that of the file."""
    kind = _bytes_type(column.type)
    return column if kind == column.type else column.view(kind)


def _bytes_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string(kind):
        return pa.binary()
    if pa.types.is_large_string(kind):
        return pa.large_binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_bytes_type(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_bytes_type(kind.key_type), _bytes_type(kind.item_type))
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _bytes_type(kind.value_type), kind.ordered)
    for test, make in ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list)):
        if test(kind):
            return make(kind.value_field.with_type(_bytes_type(kind.value_type)))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_bytes_type(kind.value_type)), kind.list_size)
    return kind


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | tuple[str, str]]:
    """Yield the rows of a batch; of one that Python cannot hold, what can be shown of it and the problem."""
    largest = _FEW if any(map(pa.types.is_dictionary, batch.schema.types)) else _BATCH
    step = max(1, min(largest, len(batch) * _BATCH_BYTES // max(batch.nbytes, 1)))
    for start in range(0, len(batch), step):
        some = batch.slice(start, step)
        try:
            yield from some.to_pylist()
        except _UNREADABLE:
            yield from map(_value, (some.slice(row, 1) for row in range(len(some))))


def _value(row: pa.RecordBatch) -> dict[str, Any] | tuple[str, str]:
    try:
        value: dict[str, Any] = row.to_pylist()[0]
    except _UNREADABLE as error:
        return _shown(row), str(error)
    return value


def _shown(row: pa.RecordBatch) -> str:
    cells: dict[str, Any] = {}
    for name, column in zip(row.schema.names, row, strict=True):
        try:
            cells[name] = column[0].as_py()
        except _UNREADABLE:
            try:
                cells[name] = _as_bytes(column)[0].as_py()
            except _UNREADABLE:
                cells[name] = "unreadable"
    return repr(cells)


def _unit(file: str, row: int, value: dict[str, Any] | tuple[str, str], unit_chars: int) -> tuple[Unit | BadUnit, int]:
    """Return a row as a unit, and the length of its text before any cut."""
    if isinstance(value, tuple):
        shown, problem = value
        return BadUnit(file, row, shown[:RAW_KEPT], "not_json", problem), len(shown)
    try:
        plain = _cells(value)
    except ValueError as error:
        shown = repr(value)
        return BadUnit(file, row, shown[:RAW_KEPT], "not_json", str(error)), len(shown)
    raw = canonical_json(plain)
    if len(raw) > unit_chars:
        return too_large(file, row, raw, unit_chars), len(raw)
    if "\\u0000" in raw:
        return BadUnit(file, row, raw, "nul_character", "a text holds the character NUL"), len(raw)
    return Unit(file, row, raw, without_nulls(plain) if "null" in raw else plain), len(raw)


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the null fields of objects inside it: Arrow gives every object the fields of all of them.

    >>> without_nulls({"tools": [{"to": None, "town": "Bo"}], "note": None})
    {'tools': [{'town': 'Bo'}], 'note': None}
    """
    return {name: _without_nulls(cell) for name, cell in value.items()}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _cells(value: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON values; NaN as a whole cell is a missing one."""
    return {
        name: None if isinstance(cell, float) and math.isnan(cell) else _named(cell, name)
        for name, cell in value.items()
    }


def _named(cell: Any, name: str) -> Any:
    """Return a cell as a JSON value; what is none is refused with the name of its column."""
    try:
        return _plain(cell, name in _CALLS)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from None


def _plain(value: Any, call: bool = False) -> Any:
    """Return a cell as a JSON value; bytes and numbers that are none are refused, dates become text.

    Arrow gives every struct of a column the fields of all of them. In a ``call`` or definition of a tool that would
    make up arguments and properties, so null fields are left out there.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no JSON number")
        return value
    if isinstance(value, dict):
        return {
            str(key): _plain(item, call or key in _CALLS or key == "input")
            for key, item in value.items()
            if item is not None or not call
        }
    if isinstance(value, list | tuple):
        return [_plain(item, call) for item in value]
    if isinstance(value, bytes):
        raise ValueError("a cell holds bytes; only text can be used")
    return str(value)
