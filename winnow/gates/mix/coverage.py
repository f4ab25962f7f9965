"""What a mixed train set covers: rows and draws of every combination of task, domain and difficulty."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from winnow.gates.mix.facts import LENGTH_BAND, Column, Ints

COVERED = ("task", "domain", "difficulty")
INSTEAD = ("source", LENGTH_BAND)


def covered(known: Sequence[str]) -> list[str]:
    """Return the columns that coverage is counted over: those of the first choice that exist, else the second.

    >>> covered(["kind", "language", "source", "task"]), covered(["kind", "length_band", "source"])
    (['task'], ['source', 'length_band'])
    """
    return [name for name in COVERED if name in known] or [name for name in INSTEAD if name in known]


def coverage(columns: Mapping[str, Column], over: Sequence[str], repeats: Ints) -> list[list[Any]]:
    """Return (values…, rows, draws) of every combination of the values seen, also of those without a row.

    >>> task = Column(("code", "qa"), np.array([0, 0, 1]))
    >>> coverage({"task": task}, ["task"], np.array([2, 1, 0]))
    [['code', 2, 3], ['qa', 0, 0]]
    """
    sides = [len(columns[name].names) for name in over]
    cell = np.zeros(len(repeats), np.int64)
    for name, side in zip(over, sides, strict=True):
        cell = cell * side + columns[name].codes
    cells = int(np.prod(sides)) if over else 0
    rows = np.bincount(cell, repeats > 0, minlength=cells)
    draws = np.bincount(cell, repeats, minlength=cells)
    places = [np.unravel_index(n, sides) for n in range(cells)]
    values = [[columns[name].names[at] for name, at in zip(over, place, strict=True)] for place in places]
    return [[*names, int(rows[n]), int(draws[n])] for n, names in enumerate(values)]
