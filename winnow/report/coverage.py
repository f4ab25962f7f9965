"""What the training rows cover: combinations of values with few rows or none, and targets that the mix missed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from winnow.report.numbers import ranked

COLUMNS, ROWS = 24, 60  # of a grid; beyond, the page would grow with the data
LEVELS = 6  # of colour
FEW = 10  # a cell with fewer rows is hardly learned from


@dataclass(frozen=True)
class Grid:
    """Rows by two facts: ``cells`` are counts, with a level of colour from 0 (no row) to :data:`LEVELS`."""

    down: str
    names: list[str]
    cells: list[list[tuple[int, int]]]
    totals: list[int]


@dataclass(frozen=True)
class Coverage:
    """Grids that share their columns: values of the fact ``across``, with as many rows each as ``totals`` say."""

    across: str
    names: list[str]
    totals: list[int]
    grids: list[Grid]
    hidden: int  # values that found no place

    @property
    def cells(self) -> list[int]:
        """The counts of the first grid."""
        return [count for row in self.grids[0].cells for count, _ in row] if self.grids else []

    @property
    def empty(self) -> int:
        """Cells of the first grid without a row."""
        return sum(count == 0 for count in self.cells)

    @property
    def few(self) -> int:
        """Cells of the first grid with a row, but fewer than :data:`FEW`."""
        return sum(0 < count < FEW for count in self.cells)


def level(count: int, most: int) -> int:
    """Return the level of colour of a count: each doubles or more what the one below holds, up to ``most``.

    >>> [level(count, 1000) for count in (0, 1, 3, 10, 31, 100, 1000)]
    [0, 1, 1, 3, 3, 5, 6]
    """
    if count <= 0:
        return 0
    step = max(most, 2) ** (1 / LEVELS)
    found = 1
    while found < LEVELS and count >= step**found * (1 - 1e-9):
        found += 1
    return found


def coverage(over: Sequence[str], lines: Sequence[Sequence[str]]) -> Coverage | None:
    """Return the grids of the rows that a mix draws: the first fact of ``over`` across, each other one down.

    ``lines`` hold the values and then rows and draws. ``None`` where there is nothing to show.

    >>> found = coverage(["task", "domain"], [["code", "law", "0", "0"], ["code", "arts", "3", "3"]])
    >>> found.names, found.grids[0].names, found.grids[0].cells, found.empty
    (['code'], ['arts', 'law'], [[(3, 6)], [(0, 0)]], 1)
    """
    if not over or not lines:
        return None
    counts = [(line[: len(over)], int(line[-2])) for line in lines]
    sums: list[Counter[str]] = [Counter() for _ in over]
    for values, rows in counts:
        for found, value in zip(sums, values, strict=True):
            found[value] += rows
    across = [name for name, _ in sorted(sums[0].items(), key=lambda item: (-item[1], item[0]))]
    grids = [_grid(counts, n, over[n], across[:COLUMNS], sums[n]) for n in range(1, len(over))]
    hidden = sum(max(len(found) - most, 0) for found, most in zip(sums, [COLUMNS, *[ROWS] * len(over)], strict=False))
    return Coverage(over[0], across[:COLUMNS], [sums[0][name] for name in across[:COLUMNS]], grids, hidden)


def _grid(
    counts: Sequence[tuple[Sequence[str], int]], place: int, down: str, across: Sequence[str], sums: Mapping[str, int]
) -> Grid:
    cells: Counter[tuple[str, str]] = Counter()
    for values, rows in counts:
        cells[values[place], values[0]] += rows
    most = max(cells.values(), default=0)
    names = sorted(sums)  # names such as science.physics stand together
    if len(names) > ROWS:
        kept = {name for name, _ in ranked(sums)[:ROWS]}
        names = [name for name in names if name in kept]
    shown = [[(cells[name, one], level(cells[name, one], most)) for one in across] for name in names]
    return Grid(down, names, shown, [sums[name] for name in names])


@dataclass(frozen=True)
class Target:
    """A share that the mix was asked for, and what became of it."""

    dimension: str
    value: str
    asked: float
    reached: float
    met: bool
    draws_asked: int
    draws: int
    short_by: int
    rows: int


def targets(lines: Sequence[Mapping[str, str]], most: int = 60) -> tuple[list[Target], int]:
    """Return up to ``most`` targets, the missed ones first and the largest gap first of those, and how many there are.

    >>> line = dict(dimension="task", share="0.5", asked="5", drawn="3", short_by="2", rows="3")
    >>> met = {**line, "value": "qa", "share_drawn": "0.5", "met": "yes"}
    >>> found, count = targets([met, {**line, "value": "code", "share_drawn": "0.3", "met": "no"}])
    >>> [(one.value, one.met) for one in found]
    [('code', False), ('qa', True)]
    """
    found = [
        Target(
            line["dimension"],
            line["value"],
            float(line["share"]),
            float(line["share_drawn"]),
            line["met"] == "yes",
            int(line["asked"]),
            int(line["drawn"]),
            int(line["short_by"]),
            int(line["rows"]),
        )
        for line in lines
    ]
    found.sort(key=lambda one: (one.met, one.reached - one.asked if not one.met else 0, one.dimension, one.value))
    return found[:most], len(found)
