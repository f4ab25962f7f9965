"""What ``score`` decides: one number of each row from what is measured and what models say, and limits on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.gates.decisions import sources_of
from winnow.gates.limits import limits
from winnow.gates.score.columns import Columns, Ints
from winnow.gates.score.plan import DOT, Floats, Part, Plan
from winnow.records.schema import SCORES

DIGITS = 6
"""Decimals of a score; sums of floats differ beyond them."""

BANDS_HEADER = ["source", "band", "rows"]
"""Rows that have a score, by source and band of 0.1, whatever became of them."""


class Broken(NamedTuple):
    """One reason to leave: the rows (a mask) that it concerns, what was measured of each row, and its limit."""

    reason: str
    rows: npt.NDArray[np.bool_]
    value: Floats
    limit: Floats


def scores(parts: Sequence[Part], columns: Columns) -> Floats:
    """Return the mean of the parts that a row has, by their weights, 0 to 1.

    NaN where it has none, or where a reply that a part needs is pending: half of the verdicts would be a guess.
    """
    rows = len(columns.languages)
    total, weights, pending = np.zeros(rows), np.zeros(rows), np.zeros(rows, bool)
    for part in parts:
        value = part.value(columns.values[part.column])
        has = ~np.isnan(value)
        total += np.where(has, part.weight * value, 0.0)
        weights += np.where(has, part.weight, 0.0)
        pending |= columns.pending.get(part.column, np.zeros(rows, np.int64)) > 0
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, which is meant
        return np.where(pending, np.nan, np.round(total / weights, DIGITS))


def pending(plan: Plan, columns: Columns) -> Ints:
    """Return how many replies each row still needs; the criteria of one rubric come in the same replies."""
    by_rubric: dict[str, Ints] = {}
    for name in plan.judged:
        rubric = name.rsplit(DOT, 1)[0]
        by_rubric[rubric] = np.maximum(by_rubric.get(rubric, 0), columns.pending[name])
    return np.sum(list(by_rubric.values()), axis=0, dtype=np.int64) if by_rubric else _zeros(columns)


def absent(name: str, columns: Columns) -> npt.NDArray[np.bool_]:
    """Return the rows that have no value of a column though nothing is pending."""
    return np.isnan(columns.values[name]) & (columns.pending.get(name, _zeros(columns)) == 0)


def _zeros(columns: Columns) -> Ints:
    return np.zeros(len(columns.languages), np.int64)


def broken(plan: Plan, columns: Columns, score: Floats) -> list[Broken]:
    """Return all that rows leave for, in the order in which it gives the reason."""
    none = np.zeros(len(score))
    due = pending(plan, columns)
    reasons = [Broken("pending", due > 0, due.astype(np.float64), none)]
    if plan.drop_missing:
        lacking = np.sum([absent(name, columns) for name in plan.columns], axis=0, initial=0.0)
        reasons.append(Broken("unjudged", lacking > 0, none + lacking, none))
    if plan.minimum is not False:
        reasons.append(_below("low_score", score, limits(plan.minimum, columns.languages)))
    for name, setting in plan.below:
        known = np.where(columns.pending.get(name, _zeros(columns)) > 0, np.nan, columns.values[name])
        reasons.append(_below(reason_of(name), known, limits(setting, columns.languages)))
    return reasons


def reason_of(column: str) -> str:
    """Return the reason of rows whose value of a column is below its limit.

    >>> reason_of("response.accuracy"), reason_of("response_mtld")
    ('low_response_accuracy', 'low_response_mtld')
    """
    return f"low_{column.replace(DOT, '_')}"


def _below(reason: str, value: Floats, limit: Floats) -> Broken:
    with np.errstate(invalid="ignore"):  # NaN, no value or no limit, is not below
        return Broken(reason, value < limit, value, limit)


def decide_by_score(plan: Plan, row_ids: pa.Array, columns: Columns) -> pa.Table:
    """Return decisions and scores of ``row_ids``: the first reason that a row has to leave is its reason.

    ``detail`` names the others.
    """
    score = scores(plan.parts, columns)
    reasons = [one for one in broken(plan, columns, score) if one.rows.any()]
    hits = np.array([one.rows for one in reasons]).reshape(len(reasons), len(row_ids))
    drops = np.flatnonzero(hits.any(axis=0))
    first = hits[:, drops].argmax(axis=0) if len(drops) else drops
    at = np.full(len(row_ids), -1, np.int64)
    at[drops] = np.arange(len(drops))
    place = pa.array(at, mask=at < 0)

    def of_drops(values: Any, kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind).take(place)

    def of_first(name: str) -> pa.Array:
        by_reason = np.array([getattr(one, name)[drops] for one in reasons]).reshape(len(reasons), len(drops))
        return of_drops(by_reason[first, np.arange(len(drops))], pa.float64())

    names = [one.reason for one in reasons]
    columns_of_table = {
        "row_id": row_ids,
        "verdict": pa.array(["keep", "drop"]).take(pa.array((at >= 0).astype(np.int8))),
        "reason": pa.array(names, pa.string()).take(pa.array(first)).take(place),
        "value": of_first("value"),
        "limit": of_first("limit"),
        "other_row_id": pa.nulls(len(row_ids), pa.string()),
        "detail": of_drops(_others(hits[:, drops], first, names), pa.string()),
        "score": pa.array(score, mask=np.isnan(score)),
    }
    return pa.table(columns_of_table, schema=SCORES)


def _others(hits: npt.NDArray[np.bool_], first: Ints, reasons: Sequence[str]) -> list[str | None]:
    """Return the reasons of each dropped row beside its first; few combinations occur, each is written once."""
    patterns, of_row = np.unique(np.vstack([hits, first]), axis=1, return_inverse=True)
    others: list[str | None] = [
        ", ".join(reasons[n] for n in np.flatnonzero(pattern[:-1]).tolist() if n != pattern[-1]) or None
        for pattern in patterns.T
    ]
    return [others[n] for n in of_row.reshape(-1).tolist()]


@dataclass
class Tally:
    """Counts over the buckets: rows that lack a part though nothing is pending, and rows by source and band."""

    plan: Plan
    missing: Counter[str] = field(default_factory=Counter)
    bands: Counter[tuple[str, int]] = field(default_factory=Counter)
    millionths: int = 0  # the sum of the scores, exact

    def add(self, columns: Columns, decisions: pa.Table) -> None:
        """Count the rows of one bucket."""
        for name in self.plan.columns:
            self.missing[name] += int(absent(name, columns).sum())
        if not self.plan.parts:
            return
        scored = decisions.filter(decisions["score"].is_valid())
        whole = np.round(scored["score"].to_numpy() * 10**DIGITS).astype(np.int64)
        self.millionths += int(whole.sum())
        bands = np.minimum(whole // 10 ** (DIGITS - 1), 9)  # the best score of all is in the highest band
        self.bands.update(zip(sources_of(scored["row_id"]), bands.tolist(), strict=True))

    def metrics(self) -> dict[str, Any]:
        """Return the headline numbers: rows that have a score, its mean, and rows that lack a part by its column."""
        metrics: dict[str, Any] = {"scored": self.bands.total(), "missing": {}}
        if self.bands:
            metrics["mean"] = self.millionths / 10**DIGITS / self.bands.total()
        for name, count in self.missing.items():
            rubric, _, column = name.rpartition(DOT)
            group = metrics["missing"].setdefault("judge" if rubric else "facts", {})
            (group.setdefault(rubric.replace(DOT, "_"), {}) if rubric else group)[column] = count
        return metrics

    def plot(self) -> list[list[Any]]:
        """Return one row per source and band that occurs, as :data:`BANDS_HEADER` names them."""
        return [
            [source, f"{band / 10:.1f}-{(band + 1) / 10:.1f}", rows]
            for (source, band), rows in sorted(self.bands.items())
        ]
