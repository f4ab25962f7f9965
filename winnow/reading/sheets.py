"""Read a sheet of a workbook (Excel, OpenDocument) to units, in a child process; the extra ``xlsx`` brings the reader.

The first row that holds anything names the columns. Cells are values as the sheet holds them: texts, numbers (whole
ones without a point), yes or no; dates and times are ISO 8601. An empty cell is an empty text, as in CSV.
"""

import zipfile
from collections.abc import Iterator
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.apart import read_apart
from winnow.reading.units import BadUnit, Unit, too_large
from winnow.reading.window import Caps
from winnow.records.record import canonical_json

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


def read_sheet_units(path: Path, caps: Caps, sheet: str | None) -> Iterator[Unit | BadUnit]:
    """Yield the rows of one sheet as units, by default the first sheet; ``line`` is the number of the row.

    Raises :class:`UserError` for a workbook that cannot be read, has not this sheet, or expands to more than
    ``caps.file_bytes``.
    """
    _check_size(path, caps.file_bytes)
    return read_apart(partial(_units, sheet=sheet), path, caps.file_bytes, caps.unit_chars)


def sheet_names(path: Path, max_bytes: int) -> list[str]:
    """Return the names of the sheets of a workbook that hold anything, in its order."""
    _check_size(path, max_bytes)
    workbook = _workbook(path)
    return [name for name in workbook.sheet_names if workbook.get_sheet_by_name(name).total_height]


def _check_size(path: Path, max_bytes: int) -> None:
    """Refuse a workbook whose parts say that they expand to more than the cap; reading it is limited as well."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > max_bytes:
            raise UserError(
                f"{path} expands to {size:,} bytes, more than {max_bytes:,}; if that is right, raise "
                "normalize.max_file_bytes in params.yaml."
            )


def _workbook(path: Path) -> Any:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise UserError(
            f"{path} is a workbook, and python-calamine, which reads it, is not installed; run `.venv/bin/uv sync "
            "--inexact --extra xlsx`, or save the sheet as CSV."
        ) from None
    try:
        return CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise UserError(f"{path} cannot be read as a workbook ({error}); open it and save it again.") from None


def _units(path: Path, unit_chars: int, *, sheet: str | None) -> Iterator[Unit | BadUnit]:
    workbook = _workbook(path)
    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        raise UserError(f"{path} has no sheet {sheet!r}; it has {', '.join(names)}.")
    columns: list[str] = []
    for number, cells in enumerate(_rows(workbook.get_sheet_by_name(sheet or names[0])), 1):
        if all(cell == "" for cell in cells):
            continue
        if columns:
            yield _unit(path.as_posix(), number, columns, cells, unit_chars)
        else:
            columns = _columns(path, number, cells)
    if not columns:
        raise UserError(f"{path}: the sheet {sheet or names[0]!r} holds no rows; name another one as `sheet`.")


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Yield the rows from the first of the sheet on; the reader leaves out empty rows at the top."""
    yield from ([] for _ in range((sheet.start or (0, 0))[0]))
    yield from sheet.iter_rows()


def _columns(path: Path, number: int, cells: list[Any]) -> list[str]:
    names = [str(_plain(cell)) or f"unnamed {place}" for place, cell in enumerate(cells, 1)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"{path}, row {number}: the column name {twice!r} stands twice; rename one.")
    return names


def _unit(file: str, row: int, columns: list[str], cells: list[Any], unit_chars: int) -> Unit | BadUnit:
    value = {name: _plain(cell) for name, cell in zip(columns, cells, strict=False)}
    value = {name: cell for name, cell in value.items() if cell != "" or not name.startswith("unnamed ")}
    raw = canonical_json(value)
    if len(raw) > unit_chars:
        return too_large(file, row, raw, unit_chars)
    if "\\u0000" in raw:
        return BadUnit(file, row, raw, "nul_character", "a text holds the character NUL")
    return Unit(file, row, raw, value)


def _plain(cell: Any) -> Any:
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1 << 53 else cell
    if isinstance(cell, date | time):  # a datetime is a date
        return cell.isoformat()
    return cell if isinstance(cell, str | bool | int) else str(cell)
