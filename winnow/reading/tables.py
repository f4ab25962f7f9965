"""Read tables to units: CSV, TSV, Parquet and Arrow files (an HF ``datasets`` folder), row by row, memory flat."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.harness.errors import UserError
from winnow.reading.text import text_chunks
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps
from winnow.records.record import canonical_json

SUFFIXES = frozenset({".csv", ".tsv", ".parquet", ".arrow"})
_BATCH = 1_024  # rows of a Parquet or Arrow file that are held as Python values


def read_table_units(path: Path, suffix: str, encoding: str, caps: Caps, header: bool) -> Iterator[Unit | BadUnit]:
    """Yield the rows of a table as units: a dict of column and cell; ``line`` is the line, or the row of a binary file.

    Cells of CSV (RFC 4180) and TSV (no quoting, as IANA registers it) are text. Without ``header`` the columns are
    called ``0``, ``1``, ``2``…
    """
    if suffix in (".csv", ".tsv"):
        return _delimited(path, encoding, caps, header, tabs=suffix == ".tsv")
    return _columnar(path, suffix)


def _lines(path: Path, encoding: str, caps: Caps) -> Iterator[str]:
    rest, number = "", 1
    for chunk in text_chunks(path, encoding, caps.file_bytes):
        *whole, rest = (rest + chunk).split("\n")
        yield from whole
        number += len(whole)
        if len(rest) > caps.unit_chars:
            raise UserError(
                f"{path}, line {number}: the line is longer than normalize.max_unit_chars ({caps.unit_chars:,}); check "
                "which file the source names, or raise that setting."
            )
    if rest:
        yield rest


def _records(path: Path, encoding: str, caps: Caps, tabs: bool) -> Iterator[tuple[int, str]]:
    """Yield (first line, text) of each record; a CSV record goes on while a quoted cell is open."""
    held: list[str] = []
    start = size = quotes = 0
    for number, line in enumerate(_lines(path, encoding, caps), 1):
        if not held:
            start, size, quotes = number, 0, 0
        held.append(line)
        size += len(line)
        quotes += 0 if tabs else line.count('"')
        if quotes % 2 and size <= caps.unit_chars:
            continue
        if quotes % 2:
            break
        yield start, "\n".join(held).removesuffix("\r")
        held = []
    if held:
        raise UserError(f"{path}, line {start}: a quoted cell is opened and not closed; fix the file there.")


def _delimited(path: Path, encoding: str, caps: Caps, header: bool, tabs: bool) -> Iterator[Unit | BadUnit]:
    names: list[str] | None = None
    empty = True
    for line, raw in _records(path, encoding, caps, tabs):
        if not raw:
            continue
        empty = False
        try:
            cells = raw.split("\t") if tabs else next(csv.reader([raw], strict=True))
        except csv.Error as error:
            yield BadUnit(path.as_posix(), line, raw, "invalid_csv", str(error))
            continue
        if names is None:
            names = cells if header else [str(n) for n in range(len(cells))]
            if len(set(names)) < len(names):
                raise UserError(f"{path}, line {line}: a column name stands twice; rename one.")
            if header:
                continue
        if len(cells) != len(names):
            detail = f"{len(cells)} cells where the table has {len(names)} columns"
            yield BadUnit(path.as_posix(), line, raw, "ragged_row", detail)
        elif "\x00" in raw:
            yield BadUnit(path.as_posix(), line, raw, "nul_character", "a cell holds the character NUL")
        else:
            yield Unit(path.as_posix(), line, raw, dict(zip(names, cells, strict=True)))
    if empty:
        raise UserError(f"{path} is empty; remove it from the source or fetch it again.")


def _batches(path: Path, suffix: str) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    if suffix == ".parquet":
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield from file.iter_batches(_BATCH)
        return
    with pa.memory_map(str(path)) as source:
        try:
            reader = pa.ipc.open_stream(source)
        except pa.ArrowInvalid:
            source.seek(0)
            reader = pa.ipc.open_file(source)
            yield from (reader.get_batch(n) for n in range(reader.num_record_batches))
            return
        yield from reader


def _columnar(path: Path, suffix: str) -> Iterator[Unit | BadUnit]:
    row = 0
    try:
        for batch in _batches(path, suffix):
            for start in range(0, len(batch), _BATCH):
                for value in batch.slice(start, _BATCH).to_pylist():
                    row += 1
                    yield _row(path.as_posix(), row, value)
    except (pa.ArrowException, OSError) as error:
        problem = str(error).splitlines()[0]
        raise UserError(f"{path}: the table cannot be read after row {row:,} ({problem}); fetch it again.") from None
    if row == 0:
        raise UserError(f"{path} holds no rows; remove it from the source or fetch it again.")


def _row(file: str, row: int, value: dict[str, Any]) -> Unit | BadUnit:
    try:
        plain = _plain(value)
    except ValueError as error:
        return BadUnit(file, row, repr(value)[:1_000], "not_json", str(error))
    raw = canonical_json(plain)
    if "\\u0000" in raw:
        return BadUnit(file, row, raw, "nul_character", "a text holds the character NUL")
    return Unit(file, row, raw, plain)


def _plain(value: Any) -> Any:
    """Return a cell as a JSON value; bytes and numbers that are none are refused, dates become text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no JSON number")
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        raise ValueError("a cell holds bytes; only text can be used")
    return str(value)
