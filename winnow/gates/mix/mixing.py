"""The mix: which train rows stay and how often each is drawn, by caps, target shares and a total.

Rows are ranked once (by a seeded draw, or by facts and then by one) and every limit keeps the best ranked rows of its
group, so the order of files says nothing and one more row moves few others:

- caps: a row that enters displaces at most one row of its group; with caps on k columns at most 2**k - 1 others;
- shares of one dimension with a fixed total: at most one other more for each of those;
- no total: it follows the scarcest category, so one more row there lets in some max_repeats / share others;
- several dimensions: every quota moves a little with the natural mixture, and by one through rounding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa

from winnow.gates.mix.drawing import Drawing, Target, draw
from winnow.gates.mix.facts import Bools, Column, Ints, column, order, places
from winnow.gates.mix.plan import Cap, Plan
from winnow.records.schema import MIXES

REASONS = (None, "over_cap", "over_share", "over_total")
_CAP, _SHARE, _TOTAL = 1, 2, 3

TARGETS_HEADER = ["dimension", "value", "share", "share_drawn", "met", "asked", "drawn", "short_by", "rows"]
"""Of each target: share asked for and drawn, whether it is met, draws asked for, made and missing, rows there are."""


@dataclass(frozen=True)
class Mix:
    """The outcome row by row: draws, and of rows with none the reason (of :data:`REASONS`), place, limit and group."""

    repeats: Ints
    reason: Ints
    place: Ints
    limit: Ints
    group: Ints  # index into ``names``
    columns: Mapping[str, Column]
    names: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @classmethod
    def empty(cls, rows: int, columns: Mapping[str, Column]) -> Self:
        """Return a mix of ``rows`` rows of which none is drawn, for reasons yet to be noted."""
        repeats, reason, place, limit, group = np.zeros((5, rows), np.int64)
        return cls(repeats, reason, place, limit, group, columns)

    @property
    def drawn(self) -> int:
        """Draws of the whole train set."""
        return int(self.repeats.sum())

    def metrics(self) -> dict[str, int]:
        """Return the headline numbers."""
        missed = sum(target.missed for target in self.targets)
        return {"drawn": self.drawn, "targets": len(self.targets), "targets_missed": missed}

    def plot(self) -> list[list[Any]]:
        """Return one row per target, as :data:`TARGETS_HEADER` names them."""
        return [
            [
                *(one.dimension, one.value, one.share, one.part, "no" if one.missed else "yes"),
                *(round(one.asked), one.drawn, one.short_by, one.rows),
            ]
            for one in self.targets
        ]

    def decisions(self, row_ids: pa.Array, train: Bools, start: int) -> pa.Table:
        """Return the decisions on one bucket; its ``train`` rows (a mask) are this mix's from ``start`` on.

        Rows of other splits are kept and drawn once.
        """
        at = np.full(len(train), -1, np.int64)
        at[train] = np.arange(start, start + train.sum())
        repeats = np.ones(len(train), np.int64)
        repeats[train] = self.repeats[at[train]]
        drops = pa.array(at, mask=repeats > 0)

        def of_drops(values: Ints) -> pa.Array:
            return pa.array(values).take(drops)

        columns = {
            "row_id": row_ids,
            "verdict": pa.array(["drop", "keep"]).take(pa.array((repeats > 0).astype(np.int8))),
            "reason": pa.array(REASONS, pa.string()).take(of_drops(self.reason)),
            "value": of_drops(self.place),
            "limit": of_drops(self.limit),
            "other_row_id": pa.nulls(len(train), pa.string()),
            "detail": pa.array(self.names, pa.string()).take(of_drops(self.group)),
            "repeats": pa.array(repeats),
        }
        return pa.table(columns).cast(MIXES)


def mix(facts: pa.Table, plan: Plan, seed: int) -> Mix:
    """Return the mix of the train rows of ``facts`` (see :func:`~winnow.gates.mix.facts.encoded`), in any order."""
    columns = {name: column(facts, name) for name in facts.column_names if pa.types.is_dictionary(facts[name].type)}
    best_first = order(facts, seed, plan.pick)
    outcome = Mix.empty(len(facts), columns)
    alive = np.ones(len(facts), bool)
    for cap in plan.caps:
        groups = columns[cap.column]
        most = _most(cap, groups.names, len(facts))[groups.codes]
        names = [f"{cap.column}={name}" for name in groups.names]
        alive &= ~_over(outcome, groups.codes, names, most, best_first[alive[best_first]], _CAP)
    drawing = draw(plan, columns, alive)
    quota, size = drawing.quota[drawing.cell], np.maximum(drawing.size, 1)[drawing.cell]
    living = best_first[alive[best_first]]
    out = _over(outcome, drawing.cell, drawing.names, quota, living, _SHARE)
    alive &= ~out
    place = places(drawing.cell, living)
    outcome.repeats[alive] = np.maximum(1, quota // size + (place <= quota % size))[alive]
    outcome.reason[out & _by_total(plan, drawing, place)] = _TOTAL
    outcome.targets.extend(drawing.targets)
    return outcome


def _over(outcome: Mix, groups: Ints, names: Sequence[str], most: Ints, living: Ints, reason: int) -> Bools:
    """Note the rows that stand beyond the ``most`` of their group; return them as a mask. ``living``: best first."""
    place = places(groups, living)
    out = place > most
    outcome.reason[out], outcome.place[out], outcome.limit[out] = reason, place[out], most[out]
    outcome.group[out] = groups[out] + len(outcome.names)
    outcome.names.extend(names)
    return out


def _most(cap: Cap, names: Sequence[str], rows: int) -> Ints:
    """Return the most rows of each name of a capped column; ``rows``, all there are, where it has no cap."""
    each = rows if cap.each is None else cap.each
    return np.array([cap.named.get(name, each) for name in names], np.int64)


def _by_total(plan: Plan, drawing: Drawing, place: Ints) -> Bools:
    """Return the rows that the total alone leaves out: a draw of so many rows without shares would not reach them."""
    if plan.total is None:
        return np.zeros(len(place), bool)
    return place > drawing.plain[drawing.cell]
