"""Cells and their quotas: target shares and a total, worked out on the rows that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from winnow.gates.mix.facts import Bools, Column, Floats, Ints
from winnow.gates.mix.plan import CROSS, Plan, Share, Temperature
from winnow.gates.mix.quotas import Dimension, fill, largest_total, rake, whole

OTHERS = "(others)"
"""The category of all values that shares do not name."""


SLACK = 0.005
"""A share is met when the draws reach it to half a hundredth of itself; raking and rounding stay well within."""


@dataclass(frozen=True)
class Target:
    """What became of one target: draws ``asked`` for, ``reached`` before rounding, ``drawn``; ``rows`` there are.

    ``part`` is what the draws reached as a share of all draws: where a total is not reached, other dimensions may be
    short in draws and still have the shares they should.
    """

    dimension: str
    value: str
    share: float
    part: float
    asked: float
    reached: float
    drawn: int
    rows: int

    @property
    def missed(self) -> bool:
        """Whether the share is not reached by more than :data:`SLACK`, or there is no row at all for it."""
        return self.part < self.share * (1 - SLACK) or (self.asked > 0 and self.rows == 0)

    @property
    def short_by(self) -> int:
        """Draws that are missing; 0 where only rounding is."""
        return round(self.asked - self.drawn) if self.asked - self.reached >= 1 else 0


@dataclass(frozen=True)
class Drawing:
    """Quotas: the ``cell`` of each row, and by cell its ``names``, ``size`` in rows and ``quota`` in draws.

    ``plain`` is the quota that a cell would have if the total were drawn without regard to shares.
    """

    cell: Ints
    names: list[str]
    size: Ints
    quota: Ints
    plain: Floats
    targets: list[Target]


def tempered(heat: Temperature, groups: Column, among: Bools) -> Share:
    """Return the shares that a temperature gives to the values of a column (Raffel et al. 2020, section 3.5.2).

    >>> of_rows = Column(("a", "b"), np.repeat([0, 1], [900, 100]))
    >>> tempered(Temperature("source", 2.0, None), of_rows, np.ones(1000, bool)).targets
    {('a',): 0.75, ('b',): 0.25}
    """
    sizes = groups.sizes(among).astype(np.float64)
    if heat.size_limit is not None:
        sizes = np.minimum(sizes, heat.size_limit)
    rates = np.where(sizes > 0, sizes ** (1 / heat.degree), 0.0)
    shares = np.round(rates / max(rates.sum(), 1e-300), 12)  # the last bits of a power differ between machines
    return Share((heat.column,), {(name,): float(one) for name, one in zip(groups.names, shares, strict=True)}, 0.0)


def categories(share: Share, groups: Mapping[str, Column]) -> Ints:
    """Return the category of each row: the position of its value(s) among the targets, or their number for others.

    >>> of_rows = {"language": Column(("en", "fr", "zh"), np.array([0, 1, 2]))}
    >>> categories(Share(("language",), {("zh",): 0.4, ("en",): 0.5}, 0.1), of_rows).tolist()
    [1, 2, 0]
    """
    keys = list(share.targets)
    named = [sorted({key[n] for key in keys}) for n in range(len(share.columns))]
    sides = [len(values) + 1 for values in named]  # the last place of a side is that of values not named
    digits = []
    for name, values in zip(share.columns, named, strict=True):
        at = {value: n for n, value in enumerate(values)}
        digits.append(np.array([at.get(one, len(values)) for one in groups[name].names], np.int64)[groups[name].codes])
    lookup = np.full(sides, len(keys), np.int64)
    for n, key in enumerate(keys):
        lookup[tuple(values.index(one) for one, values in zip(key, named, strict=True))] = n
    return lookup[tuple(digits)]


def draw(plan: Plan, groups: Mapping[str, Column], alive: Bools) -> Drawing:
    """Return cells and quotas of the rows that are ``alive`` (not capped)."""
    shares = list(plan.shares)
    if plan.temperature:
        shares.append(tempered(plan.temperature, groups[plan.temperature.column], alive))
    cell = np.zeros(len(alive), np.int64)
    for share in shares:
        cell = cell * (len(share.targets) + 1) + categories(share, groups)
    seen = np.unique(cell[alive])
    cell = np.searchsorted(seen, cell)
    cell[~alive] = 0
    size = np.bincount(cell[alive], minlength=max(len(seen), 1))
    dimensions = _dimensions(shares, seen if len(seen) else np.zeros(1, np.int64))
    names = _names(shares, dimensions, len(size))
    if not shares:
        dimensions = [Dimension(np.zeros(1, np.int64), np.ones(1))]
    sizes, ceilings = size.astype(np.float64), size.astype(np.float64) * plan.max_repeats
    total = largest_total(sizes, ceilings, dimensions) if plan.total is None else plan.total
    draws = fill(rake(sizes, ceilings, dimensions, total), ceilings, dimensions, total)
    quota = whole(draws, ceilings)
    targets = _targets(shares, dimensions, total, sizes, draws, quota)
    if plan.total is not None:
        reached = float(draws.sum())
        targets.append(Target("total", "all", 1.0, reached / total, total, reached, int(quota.sum()), int(size.sum())))
    plain = np.ceil(total * sizes / max(sizes.sum(), 1.0))
    return Drawing(cell, names, size, quota, plain, targets)


def _dimensions(shares: Sequence[Share], seen: Ints) -> list[Dimension]:
    """Return the dimensions, taking the numbers of the ``seen`` cells apart into categories."""
    dimensions = []
    for share in reversed(shares):
        seen, category = np.divmod(seen, len(share.targets) + 1)
        dimensions.append(Dimension(category, np.array([*share.targets.values(), share.others])))
    return dimensions[::-1]


def _values(share: Share) -> list[str]:
    return [*(CROSS.join(key) for key in share.targets), OTHERS]


def _names(shares: Sequence[Share], dimensions: Sequence[Dimension], cells: int) -> list[str]:
    """Return the name of each cell, such as ``language=zh, task=code``."""
    parts: list[list[str]] = [[] for _ in range(cells)]
    for share, dimension in zip(shares, dimensions, strict=True):
        values = _values(share)
        for part, category in zip(parts, dimension.category.tolist(), strict=True):
            part.append(f"{share.name}={values[category]}")
    return [", ".join(part) or "all" for part in parts]


def _targets(
    shares: Sequence[Share], dimensions: Sequence[Dimension], total: float, sizes: Floats, draws: Floats, quota: Ints
) -> list[Target]:
    """Return one target per category that is asked for or has rows."""
    targets, whole_draw = [], max(float(draws.sum()), 1.0)
    for share, dimension in zip(shares, dimensions[: len(shares)], strict=True):
        sums = [dimension.sums(cells) for cells in (draws, quota.astype(np.float64), sizes)]
        for n, (value, asked) in enumerate(zip(_values(share), dimension.shares.tolist(), strict=True)):
            reached, drawn, rows = (float(one[n]) for one in sums)
            if asked > 0 or rows > 0:
                part = reached / whole_draw
                targets.append(Target(share.name, value, asked, part, asked * total, reached, int(drawn), int(rows)))
    return targets
