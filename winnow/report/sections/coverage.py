"""What the training rows cover: combinations of values of facts with few rows or none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from winnow.report.format.levels import logarithmic
from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section

COLUMNS, ROWS = 24, 60  # of a grid; beyond, the page would grow with the data
FEW = 10  # a cell with fewer rows is hardly learned from


@dataclass(frozen=True)
class Grid:
    """Rows by two facts: ``cells`` are counts, each with its level of colour."""

    down: str
    names: list[str]
    cells: list[list[tuple[int, int]]]
    totals: list[int]


class Coverage(Section):
    """Grids of the rows that the mix draws: its first fact across, ``names`` with ``totals``, each other one down.

    ``cells`` are the counts of the first grid; ``hidden`` counts the values that are not shown.
    """

    title = "Coverage"
    few_below = FEW

    def __init__(self, inputs: Inputs) -> None:
        lines = inputs.metrics.coverage
        facts = list(lines[0])[:-2] if lines else []  # a line holds a value of each fact, and then rows and draws
        counts = [(values, int(rows)) for *values, rows, _ in (line.values() for line in lines)]
        totals: list[Counter[str]] = [Counter() for _ in facts]
        for values, rows in counts:
            for total, value in zip(totals, values, strict=True):
                total[value] += rows
        self.across = facts[0] if facts else ""
        self.names = sorted(totals[0], key=lambda name: (-totals[0][name], name))[:COLUMNS] if facts else []
        self.totals = [totals[0][name] for name in self.names]
        self.grids = [_grid(counts, n, facts[n], self.names, totals[n]) for n in range(1, len(facts))]
        most = [COLUMNS, *[ROWS] * len(facts)]
        self.hidden = sum(max(len(total) - shown, 0) for total, shown in zip(totals, most, strict=False))
        self.cells = [count for row in self.grids[0].cells for count, _ in row] if self.grids else []
        self.empty = sum(count == 0 for count in self.cells)
        self.few = sum(0 < count < FEW for count in self.cells)


def _grid(
    counts: Sequence[tuple[Sequence[str], int]], place: int, down: str, across: Sequence[str], totals: Mapping[str, int]
) -> Grid:
    cells: Counter[tuple[str, str]] = Counter()
    for values, rows in counts:
        cells[values[place], values[0]] += rows
    most = max(cells.values(), default=0)
    shown = {name for name, _ in ranked(totals)[:ROWS]} if len(totals) > ROWS else set(totals)
    names = sorted(shown)  # names such as science.physics stand together
    levels = [[(cells[name, column], logarithmic(cells[name, column], most)) for column in across] for name in names]
    return Grid(down, names, levels, [totals[name] for name in names])
