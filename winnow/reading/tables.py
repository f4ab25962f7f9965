"""Read tables to units: CSV, TSV, Parquet, Arrow and sheets, row by row, memory flat."""

from collections.abc import Iterator
from functools import partial
from itertools import dropwhile
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.reading.columnar import SUFFIXES as COLUMNAR
from winnow.reading.columnar import read_columnar_units
from winnow.reading.dialect import Dialect, dialect
from winnow.reading.forms import Form
from winnow.reading.quoting import Line, records
from winnow.reading.sheets import SUFFIXES as SHEETS
from winnow.reading.sheets import read_sheet_units
from winnow.reading.text import text_chunks
from winnow.reading.units import BadUnit, Unit, too_large
from winnow.reading.window import Caps

DELIMITED = {".csv": ",", ".tsv": "\t"}
SUFFIXES = frozenset(DELIMITED) | COLUMNAR | SHEETS


def read_table_units(
    path: Path, suffix: str, encoding: str, caps: Caps, header: bool, form: Form
) -> Iterator[Unit | BadUnit]:
    """Yield the rows of a table as units: a dict of column and cell; ``line`` is the line, or the row of a binary file.

    Cells of CSV and TSV are text; :mod:`winnow.reading.dialect` says how they are told apart. Without ``header`` their
    columns are called ``0``, ``1``, ``2``…
    """
    if suffix in DELIMITED:
        return _delimited(path, encoding, caps, header, form)
    if suffix in SHEETS:
        return read_sheet_units(path, caps, form.sheet)
    return read_columnar_units(path, suffix, caps)


def _lines(path: Path, encoding: str, caps: Caps) -> Iterator[Line]:
    """Yield the lines of a file; they end in LF or CR LF, or in CR alone where the first chunk of text holds no LF."""
    rest, number, end = "", 0, ""
    for chunk in text_chunks(path, encoding, caps.file_bytes):
        end = end or ("\r" if "\r" in chunk and "\n" not in chunk else "\n")
        *whole, rest = (rest + chunk).split(end)
        yield from (Line(at, text) for at, text in enumerate(whole, number + 1))
        number += len(whole)
        if len(rest) > caps.unit_chars:
            raise UserError(
                f"{path}, line {number + 1}: the line is longer than normalize.max_unit_chars ({caps.unit_chars:,}); "
                "check which file the source names, or raise that setting."
            )
    if rest:
        yield Line(number + 1, rest)


def dialect_of(path: Path, encoding: str, caps: Caps, header: bool, form: Form) -> Dialect:
    """Return how a CSV or TSV file is written, as :func:`read_table_units` reads it."""
    usual = DELIMITED[next(suffix for suffix in reversed(path.suffixes) if suffix in DELIMITED)]
    lines = partial(_lines, path, encoding, caps)
    return dialect(lines, usual, caps.unit_chars, header, form.delimiter, form.quoted)


def _delimited(path: Path, encoding: str, caps: Caps, header: bool, form: Form) -> Iterator[Unit | BadUnit]:
    file, chars = path.as_posix(), caps.unit_chars
    found = dialect_of(path, encoding, caps, header, form)
    lines = dropwhile(lambda line: line.number < found.first or not line.text.strip(), _lines(path, encoding, caps))
    names = _header(path, lines, found, chars) if header else []
    empty = not header
    for line, raw, cells, problem in records(lines, found.delimiter, len(names), chars, found.quoted, found.spaced):
        empty = False
        if not names and not problem:
            names = [str(n) for n in range(len(cells))]
        if len(raw) > chars:
            yield too_large(file, line, raw, chars)
        elif problem:
            yield BadUnit(file, line, raw, "invalid_csv", problem)
        elif len(cells) != len(names):
            detail = f"{len(cells)} cells where the table has {len(names)} columns"
            yield BadUnit(file, line, raw, "ragged_row", detail)
        elif "\x00" in raw:
            yield BadUnit(file, line, raw, "nul_character", "a cell holds the character NUL")
        else:
            yield Unit(file, line, raw, dict(zip(names, cells, strict=True)))
    if empty:
        raise UserError(f"{path} is empty; remove it from the source or fetch it again.")


def _header(path: Path, lines: Iterator[Line], found: Dialect, chars: int) -> list[str]:
    """Return the names of the columns, which the first record holds; no line of another record is taken."""
    first = next(records(lines, found.delimiter, 0, chars, found.quoted, found.spaced), None)
    if first is None:
        raise UserError(f"{path} is empty; remove it from the source or fetch it again.")
    if first.problem:
        raise UserError(f"{path}, line {first.line}: the header cannot be read: {first.problem}; fix that line.")
    names = first.cells
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"{path}, line {first.line}: the column name {twice!r} stands twice; rename one.")
    return names
