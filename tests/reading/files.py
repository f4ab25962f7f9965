"""Small helpers of the reading tests: write bytes, read units, and say what came of it."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import zstandard

from winnow.reading.jsonfiles import read_units
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

CAPS = Caps(1 << 26, 1 << 24)


def read(path: Path, data: bytes | str, encoding: str = "utf-8", caps: Caps = CAPS) -> list[Unit | BadUnit]:
    """Write ``data`` to ``path`` and return the file's units."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_units(path, encoding, caps))


def outline(units: list[Unit | BadUnit]) -> list[tuple[int, object]]:
    """Return each unit as (line, value), a bad one as (line, reason)."""
    return [(unit.line, unit.reason if isinstance(unit, BadUnit) else unit.value) for unit in units]


def packed(data: bytes, suffix: str) -> bytes:
    """Compress ``data`` as the file name's ``suffix`` says."""
    match suffix:
        case ".gz":
            return gzip.compress(data, mtime=0)
        case ".zst":
            return zstandard.ZstdCompressor(level=1).compress(data)
    return data


def good(units: Iterable[Unit | BadUnit] | str) -> list[Unit]:
    """Return ``units``, of which none may be bad; a sentence instead of them fails too."""
    listed = list(units)
    assert not any(isinstance(unit, BadUnit | str) for unit in listed)
    return [unit for unit in listed if isinstance(unit, Unit)]


def bad(unit: Unit | BadUnit) -> BadUnit:
    """Return ``unit``, which must be a bad one."""
    assert isinstance(unit, BadUnit)
    return unit
