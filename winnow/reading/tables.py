"""Read tables to units: CSV, TSV, Parquet and Arrow files (an HF ``datasets`` folder), row by row, memory flat."""

import csv
from collections.abc import Iterator
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.reading.columnar import SUFFIXES as COLUMNAR
from winnow.reading.columnar import read_columnar_units
from winnow.reading.text import text_chunks
from winnow.reading.units import BadUnit, Unit, too_large
from winnow.reading.window import Caps

SUFFIXES = frozenset({".csv", ".tsv"}) | COLUMNAR


def read_table_units(path: Path, suffix: str, encoding: str, caps: Caps, header: bool) -> Iterator[Unit | BadUnit]:
    """Yield the rows of a table as units: a dict of column and cell; ``line`` is the line, or the row of a binary file.

    Cells of CSV (RFC 4180) and TSV (no quoting, as IANA registers it) are text. Without ``header`` the columns are
    called ``0``, ``1``, ``2``…
    """
    if suffix in (".csv", ".tsv"):
        return _delimited(path, encoding, caps, header, tabs=suffix == ".tsv")
    return read_columnar_units(path, suffix, caps)


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
        if len(raw) > caps.unit_chars and names is not None:
            yield too_large(path.as_posix(), line, raw, caps.unit_chars)
            continue
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
