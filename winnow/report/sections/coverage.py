"""What the training rows cover: combinations of values of facts with few rows or none."""

from collections import Counter
from collections.abc import Sequence

from winnow.report.format.levels import logarithmic
from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section

COLUMNS, ROWS = 24, 60  # of a grid; beyond, the page would grow with the data
FEW = 10  # a cell with fewer rows is hardly learned from


class Grid:
    """Rows by two facts, with the column ``place`` of ``counts`` down: ``cells`` are counts with a level of colour."""

    def __init__(
        self, down: str, across: Sequence[str], counts: Sequence[tuple[Sequence[str], int]], place: int
    ) -> None:
        self.down = down
        cells: Counter[tuple[str, str]] = Counter()
        totals: Counter[str] = Counter()
        for values, rows in counts:
            cells[values[place], values[0]] += rows
            totals[values[place]] += rows
        shown = [name for name, _ in ranked(totals)[:ROWS]] if len(totals) > ROWS else totals
        self.names = sorted(shown)  # names such as science.physics stand together
        self.hidden = len(totals) - len(self.names)
        self.totals = [totals[name] for name in self.names]
        most = max(cells.values(), default=0)
        self.cells = [
            [(cells[name, column], logarithmic(cells[name, column], most)) for column in across] for name in self.names
        ]


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
        totals: Counter[str] = Counter()
        for values, rows in counts if facts else ():
            totals[values[0]] += rows
        self.across = facts[0] if facts else ""
        self.names = sorted(totals, key=lambda name: (-totals[name], name))[:COLUMNS]
        self.totals = [totals[name] for name in self.names]
        self.grids = [Grid(facts[n], self.names, counts, n) for n in range(1, len(facts))]
        self.hidden = len(totals) - len(self.names) + sum(grid.hidden for grid in self.grids)
        self.cells = [count for row in self.grids[0].cells for count, _ in row] if self.grids else []
        self.empty = sum(count == 0 for count in self.cells)
        self.few = sum(0 < count < FEW for count in self.cells)
