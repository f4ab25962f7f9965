"""Real files for the tests of adapters, from the folder that WINNOW_REAL_DATA names (default ``../shared/data``)."""

import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.jsonfiles import read_units
from winnow.reading.registry import adapters
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

DATA = Path(os.environ.get("WINNOW_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
CAPS = Caps(1 << 32, 1 << 24)


def file_of(name: str) -> Path:
    """Return a real file; the test that asks for one that is not there is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data is not there: {path} (WINNOW_REAL_DATA)")
    return path


@cache
def read(adapter: str, path: Path) -> tuple[Counter[str], list[Row], list[LeftOut | BadUnit]]:
    """Return the tally of a file, its rows and what it left out; every unit must be accounted for."""
    source = adapters()[adapter]
    rows: list[Row] = []
    left: list[LeftOut | BadUnit] = []
    units: list[Unit] = []
    for unit in read_units(path, "utf-8", CAPS):
        if isinstance(unit, BadUnit):
            left.append(unit)
        else:
            units += source.expand(unit)
    tally = Counter(units=len(units) + len(left))
    for outcome in source.read(units, {}):
        if isinstance(outcome, Row):
            rows.append(outcome)
            tally["used"] += outcome.fresh
            tally[outcome.record.kind] += 1
        else:
            left.append(outcome)
    tally.update(one.reason for one in left)
    assert tally["units"] == tally["used"] + len(left)
    return tally, rows, left
