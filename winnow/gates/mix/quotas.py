"""How often rows of each cell are drawn, so that several target shares hold at once.

A *cell* holds the rows that no share tells apart. It has a size, a ceiling (size times the most repeats) and belongs
to one category of every dimension; a category has a target, its share of the total. Three steps, all deterministic:

1. *Rake*: scale the cells dimension by dimension until the targets hold, never above a ceiling. Without ceilings this
   is iterative proportional fitting (Deming and Stephan 1940); with them it finds the draw that is nearest to the
   natural mixture (in Kullback-Leibler divergence) among those that meet the targets.
2. *Fill*: grow all cells together in those proportions; a cell stops at its ceiling, and all cells of a category stop
   when the category has what it is due. Where targets contradict each other or rows are missing, this ends with a
   category short of its target; nothing is ever given to another category instead.
3. *Whole rows*: round down, and give the rows left over to the largest remainders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from winnow.gates.mix.facts import Floats, Ints

CYCLES = 2_000
"""Most rounds of raking; two or three do where the dimensions are independent, more where they nearly contradict."""

_LARGE = 1e60  # a factor this large has long lifted every cell of its category to the ceiling
_NEAR = 1e-9


@dataclass(frozen=True)
class Dimension:
    """One set of shares: the category of each cell, and the share of each category (they add up to 1)."""

    category: Ints
    shares: Floats

    def sums(self, cells: Floats) -> Floats:
        """Return the sum over the cells of each category."""
        return np.bincount(self.category, cells, minlength=len(self.shares)).astype(np.float64)


def _reachable(dimensions: Sequence[Dimension], ceilings: Floats, total: float) -> list[Floats]:
    """Return targets in rows, lowered to what there is, and alike in their sums, so that raking can meet them."""
    lowered = [np.minimum(one.shares * total, one.sums(ceilings)) for one in dimensions]
    least = min((target.sum() for target in lowered), default=0.0)
    return [target * (least / target.sum()) if least > 0 else np.zeros_like(target) for target in lowered]


def rake(sizes: Floats, ceilings: Floats, dimensions: Sequence[Dimension], total: float) -> Floats:
    """Return draws per cell that meet the targets as far as they can be met together.

    >>> language = Dimension(np.array([0, 0, 1, 1]), np.array([0.5, 0.5]))
    >>> task = Dimension(np.array([0, 1, 0, 1]), np.array([0.25, 0.75]))
    >>> sizes = np.array([30.0, 10.0, 30.0, 30.0])
    >>> rake(sizes, sizes, [language, task], 20.0).round(2).tolist()
    [3.49, 6.51, 1.51, 8.49]
    """
    targets = _reachable(dimensions, ceilings, total)
    factors = [np.ones(len(one.shares)) for one in dimensions]
    for dimension, target in zip(dimensions, targets, strict=True):
        sizes = np.where(target[dimension.category] > 0, sizes, 0.0)
    drawn = np.minimum(sizes, ceilings)
    for _ in range(CYCLES):
        before = drawn
        for dimension, target, factor in zip(dimensions, targets, factors, strict=True):
            sums = dimension.sums(drawn)
            factor *= np.divide(target, sums, out=np.full_like(sums, _LARGE), where=sums > 0)
            np.clip(factor, 1 / _LARGE, _LARGE, out=factor)
            scaled = sizes.copy()
            for one, scale in zip(dimensions, factors, strict=True):
                scaled *= scale[one.category]
            drawn = np.minimum(scaled, ceilings)
        if np.abs(drawn - before).max(initial=0.0) <= _NEAR * max(1.0, total):
            break
    return drawn


def fill(weights: Floats, ceilings: Floats, dimensions: Sequence[Dimension], total: float) -> Floats:
    """Return draws that grow in proportion to ``weights`` until ceilings and targets stop them.

    >>> one = Dimension(np.array([0, 1]), np.array([0.4, 0.6]))
    >>> fill(np.array([1.0, 1.0]), np.array([10.0, 900.0]), [one], 100.0).tolist()
    [10.0, 60.0]
    """
    drawn = np.zeros(len(weights))
    left = [one.shares * total for one in dimensions]
    near = _NEAR * max(1.0, total)
    growing = (weights > 0) & (ceilings > 0)
    for dimension, rest in zip(dimensions, left, strict=True):
        growing &= (rest > near)[dimension.category]
    while growing.any():
        rate = np.where(growing, weights, 0.0)
        room = [float(((ceilings - drawn)[growing] / rate[growing]).min())]
        rates = [one.sums(rate) for one in dimensions]
        room += [float((rest[per > 0] / per[per > 0]).min()) for rest, per in zip(left, rates, strict=True)]
        step = min(room)
        drawn = np.minimum(drawn + rate * step, ceilings)
        growing &= ceilings - drawn > near
        for dimension, rest, per in zip(dimensions, left, rates, strict=True):
            rest -= per * step
            growing &= (rest > near)[dimension.category]
    return drawn


def largest_total(sizes: Floats, ceilings: Floats, dimensions: Sequence[Dimension]) -> int:
    """Return the most draws for which every share can hold, at most the number of rows.

    Categories without a row are left aside: they miss their target at any total. Where the shares contradict each
    other at any total, the answer is what the scarcest single category allows.

    >>> one = Dimension(np.array([0, 1]), np.array([0.4, 0.6]))
    >>> largest_total(np.array([10.0, 900.0]), np.array([10.0, 900.0]), [one])
    25
    """
    rows = float(sizes.sum())
    most = rows
    for one in dimensions:
        room = one.sums(ceilings)
        wanted = (one.shares > 0) & (room > 0)
        most = min(most, (room[wanted] / one.shares[wanted]).min(initial=rows))
    if len(dimensions) > 1 and most > 0:
        together = _solve(ceilings, dimensions, most)
        most = together if together > 1e-6 * most else most
    return int(most + 1e-6)


def _solve(ceilings: Floats, dimensions: Sequence[Dimension], most: float) -> float:
    """Return the largest total up to ``most`` that several dimensions allow together, by linear programming."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack, vstack

    cells = len(ceilings)
    filled = [np.where(one.sums(ceilings) > 0, one.shares, 0.0) for one in dimensions]
    least = min(share.sum() for share in filled)
    blocks = []
    for one, share in zip(dimensions, filled, strict=True):
        member = csr_array((np.ones(cells), (one.category, np.arange(cells))), shape=(len(share), cells))
        aim = share * (least / share.sum()) if least > 0 else share * 0
        blocks.append(hstack([member, csr_array(-aim.reshape(-1, 1))]))
    solution = linprog(
        np.append(np.zeros(cells), -1.0),
        A_eq=vstack(blocks, format="csr"),
        b_eq=np.zeros(sum(len(share) for share in filled)),
        bounds=np.column_stack([np.zeros(cells + 1), np.append(ceilings, most)]),
        method="highs",
    )
    return float(-solution.fun) if solution.success else 0.0


def whole(draws: Floats, ceilings: Floats) -> Ints:
    """Return ``draws`` as whole rows with (to the row) the same sum; equal remainders go to the first cell.

    >>> whole(np.array([1.5, 1.5, 2.0]), np.array([9.0, 9.0, 9.0])).tolist()
    [2, 1, 2]
    """
    total = draws.sum()
    rounded = np.floor(draws + 1e-6)
    left = int(np.floor(total + max(1e-6, 1e-7 * total)) - rounded.sum())  # filling ends a hair below its targets
    remainder = np.where(rounded < ceilings, np.round(draws - rounded, 6), -1.0)
    first = np.lexsort((np.arange(len(draws)), -remainder))[: max(left, 0)]
    rounded[first] += remainder[first] >= 0
    return rounded.astype(np.int64)
