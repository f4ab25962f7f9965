"""Rows that a rule nearly dropped: what a person looks at before moving a limit."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.gates.filtering import Facts, concerned, limit_of
from winnow.gates.rules import Breaks, Rule


class Near(NamedTuple):
    """A row on the safe side of a limit, and how far from it; a flag has no value, only a weaker flag."""

    row_id: str
    distance: float
    value: float | None
    limit: float | None


def nearest(rule: Rule, facts: Facts, setting: Any, among: npt.NDArray[np.bool_], count: int) -> list[Near]:
    """Return the ``count`` rows of ``among`` that came closest to breaking ``rule``, nearest first, ties by row_id.

    A rule of a limit measures the distance to it; a rule of a flag shows the rows with its weaker flag, if it has one.
    """
    among = among & concerned(rule, facts)
    if rule.breaks is Breaks.FLAG:
        if rule.near is None:
            return []
        ids = sorted(facts["row_id"][among & facts[rule.near] & ~facts[rule.fact]].tolist())
        return [Near(row_id, 0.0, None, None) for row_id in ids[:count]]
    value, limit = facts[rule.fact].astype(np.float64), limit_of(rule, facts, setting)
    side = -1.0 if rule.breaks is Breaks.BELOW else 1.0
    gap = np.abs(limit - value) if rule.breaks is Breaks.EQUAL else (limit - value) * side
    safe = np.flatnonzero(among & (gap >= 0))  # NaN, a rule that is off, is never on a side
    if len(safe) > count:
        safe = safe[gap[safe] <= np.partition(gap[safe], count)[count]]
    rows = zip(
        gap[safe].tolist(), facts["row_id"][safe].tolist(), value[safe].tolist(), limit[safe].tolist(), strict=True
    )
    return [Near(row_id, distance, at, at_limit) for distance, row_id, at, at_limit in sorted(rows)[:count]]
