"""Candidates for the examples of a page, from one bucket: rows dropped, nearly dropped and kept, units and edits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.borderline import nearest
from winnow.gates.filtering import Facts, concerned, limit_of
from winnow.gates.rules import RULES, Breaks, Rule
from winnow.patches.drops import raw_digest
from winnow.records.draw import Draws, draw
from winnow.report.survey.sampling import codes, first_of_each
from winnow.report.tables import Tables
from winnow.storage.buckets import each_bucket, positions, read_bucket

SPARE = 5
"""How many times more near rows are kept than shown: a close pair is no example when its other row is out."""

Candidates = dict[tuple[str, ...], list[tuple[Any, ...]]]
"""Lists of (what to sort by …, what to show) by what they are examples of."""

Mask = npt.NDArray[np.bool_]


class GateLimit(NamedTuple):
    """A limit of a gate after ``filter``, as the decisions of the gate state it."""

    gate: str
    reason: str
    limit: float


class Decided(NamedTuple):
    """A row with the decision on it: ``other`` is the row or benchmark item that it was compared with."""

    row_id: str
    value: float | None = None
    limit: float | None = None
    other: str | None = None
    detail: str | None = None


class Place(NamedTuple):
    """A line of a table whose text the page will show: an edit, or a unit that was left out."""

    bucket: int
    position: int


def gate_limits(tables: Tables, buckets: int) -> tuple[GateLimit, ...]:
    """Return the limits of near-duplicates, overlaps and scores; a gate that dropped nothing states none.

    A limit by language has several values, and the language of a row is not in its decision: it is left out.
    """
    limits: dict[tuple[str, str], set[float]] = defaultdict(set)
    for gate, shown in (("deduplicate", "near_duplicate"), ("decontaminate", None), ("score", "low_score")):
        for table in each_bucket(tables.gates[gate], buckets, ["verdict", "reason", "limit"]):
            drops = table.filter(pc.and_(pc.equal(table["verdict"], "drop"), pc.is_valid(table["limit"])))
            for row in drops.group_by(["reason", "limit"]).aggregate([]).to_pylist():
                if shown in (None, row["reason"]):
                    limits[gate, row["reason"]].add(row["limit"])
    return tuple(sorted(GateLimit(*key, *values) for key, values in limits.items() if len(values) == 1))


def dropped(gate: str, drops: pa.Table, draws: Draws, count: int) -> Candidates:
    """Return candidates of each reason and source among the drops of one gate; ``draws`` are those of its rows."""
    groups, names = codes(drops["reason"], _sources(drops))
    at = first_of_each(groups, draws, count)
    chosen = drops.take(pa.array(at))
    columns = [chosen[name].to_pylist() for name in ("row_id", "value", "limit", "other_row_id", "detail")]
    keys = ((gate, *names[n]) for n in groups[at].tolist())
    return _grouped(keys, draws[at].tolist(), (Decided(*row) for row in zip(*columns, strict=True)))


def nearly_dropped(facts: Facts, settings: Mapping[str, Any], inside: Mask, count: int) -> Candidates:
    """Return for each rule of ``filter`` the released rows that came nearest to breaking it."""
    candidates: Candidates = {}
    for rule in _rules_on(settings):
        near = nearest(rule, facts, settings[rule.name], inside, count * SPARE)
        draws = draw(None, [row.row_id for row in near], "report").tolist()
        rows = (
            (row.distance, drawn, Decided(row.row_id, row.value, row.limit))
            for row, drawn in zip(near, draws, strict=True)
        )
        candidates["filter", rule.name] = sorted(rows)[:count]
    return candidates


def kept(
    facts: Facts, settings: Mapping[str, Any], inside: Mask, sources: pa.Array, draws: Draws, count: int
) -> Candidates:
    """Return for each rule of ``filter`` that is on, and each source, released rows that the rule clearly passed.

    They come from the middle half of the rows of the bucket that pass, by the measure of the rule.
    """
    groups, names = codes(sources)
    candidates: Candidates = {}
    for rule in _rules_on(settings):
        value, limit = _measured(rule, facts, settings[rule.name])
        passing = np.flatnonzero(_clearly(rule, facts, value, limit, inside))
        mine = draws ^ draw(None, [rule.name], "report")  # not the same rows for each rule
        at = passing[first_of_each(groups[passing], mine[passing], count)]
        decided = [
            Decided(facts["row_id"][n], *((float(value[n]), float(limit[n])) if value is not None else ())) for n in at
        ]
        keys = (("filter", rule.name, *names[n]) for n in groups[at].tolist())
        candidates |= _grouped(keys, mine[at].tolist(), decided)
    return candidates


def _rules_on(settings: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of ``filter`` that are on and have a limit to be near to, or a flag."""
    return [rule for rule in RULES if rule.fixed is None and settings.get(rule.name, False) is not False]


def _measured(rule: Rule, facts: Facts, setting: Any) -> tuple[Any, Any]:
    if rule.breaks is Breaks.FLAG:
        return None, None
    return facts[rule.fact].astype(np.float64), limit_of(rule, facts, setting)


def _clearly(rule: Rule, facts: Facts, value: Any, limit: Any, inside: Mask) -> Mask:
    """Return a mask of the rows that pass ``rule`` and lie in the middle half of those that do, or have no flag."""
    among = inside & concerned(rule, facts)
    if value is None:
        among &= ~facts[rule.fact]
        return among & ~facts[rule.near] if rule.near else among
    gap = (value - limit) if rule.breaks is Breaks.BELOW else (limit - value)
    among &= gap > 0  # NaN, a rule that is off, is not
    if among.any():
        low, high = np.percentile(value[among], (25, 75))
        among &= (value >= low) & (value <= high)
    return among


def near_limit(
    tables: Tables, bucket: int, limit: GateLimit, released: pa.ChunkedArray, count: int
) -> list[tuple[Any, ...]]:
    """Return the released rows whose similarity, overlap or score lies nearest to a limit without breaking it."""
    if limit.gate == "deduplicate":
        table = read_bucket(tables.neighbours, bucket)
        table = table.filter(pc.and_(pc.equal(table["relation"], "near"), pc.less(table["similarity"], limit.limit)))
        values, others = table["similarity"], table["other_row_id"]
    elif limit.gate == "score":
        table = read_bucket(tables.gates["score"], bucket, ["row_id", "score", "other_row_id"])
        table = table.filter(pc.greater_equal(table["score"], limit.limit))
        values, others = table["score"], table["other_row_id"]
    else:
        table = read_bucket(tables.overlaps, bucket)
        table = table.filter(pc.less_equal(table["overlap"], limit.limit))
        values, others = table["overlap"], pc.binary_join_element_wise(table["benchmark"], table["item"], ":")
    alive = pa.array(positions(table["row_id"], released) >= 0)
    ids, values, others = (column.filter(alive) for column in (table["row_id"], values, others))
    gaps = (round(abs(limit.limit - value), 9) for value in values.to_pylist())
    decided = (
        Decided(row_id, value, limit.limit, other)
        for row_id, value, other in zip(*(column.to_pylist() for column in (ids, values, others)), strict=True)
    )
    return sorted(zip(gaps, draw(None, ids, "report").tolist(), decided, strict=True))[: count * SPARE]


def units(tables: Tables, bucket: int, taken_down: Set[str], count: int) -> tuple[Counter[Any], Candidates]:
    """Return the units left out of one bucket, counted by (outcome, reason, source), and candidates of each.

    Units whose raw text has a digest in ``taken_down`` are counted and never shown.
    """
    table = read_bucket(tables.units, bucket, ["unit_id", "source", "outcome", "reason"])
    silent = pa.array([one for one in table["unit_id"].to_pylist() if raw_digest(one) in taken_down], pa.string())
    return _placed(bucket, table, ("outcome", "reason", "source"), "unit_id", count, table["unit_id"], silent)


def edits(tables: Tables, bucket: int, silent: pa.Array, count: int) -> tuple[Counter[Any], int, Candidates]:
    """Return the edits of one bucket, counted by (rule, source), how many rows they changed, and candidates of each.

    Edits of the rows ``silent`` are counted and never shown.
    """
    table = read_bucket(tables.edits, bucket, ["row_id", "field", "rule"])
    table = table.append_column("source", _sources(table))
    table = table.append_column("edit", pc.binary_join_element_wise(table["row_id"], table["field"], " "))
    counts, candidates = _placed(bucket, table, ("rule", "source"), "edit", count, table["row_id"], silent)
    return counts, len(pc.unique(table["row_id"])), candidates


def _sources(table: pa.Table) -> pa.Array:
    return pa.array([row_id.split(":", 1)[0] for row_id in table["row_id"].to_pylist()], pa.string())


def _placed(
    bucket: int, table: pa.Table, by: Sequence[str], key: str, count: int, ids: pa.ChunkedArray, silent: pa.Array
) -> tuple[Counter[Any], Candidates]:
    groups, names = codes(*(table[name] for name in by))
    counts = Counter({names[n]: rows for n, rows in enumerate(np.bincount(groups, minlength=len(names)).tolist())})
    draws, shown = draw(None, table[key], "report"), np.arange(len(table))
    if len(silent):
        shown = shown[~pc.is_in(ids, value_set=silent).to_numpy()]
    at = shown[first_of_each(groups[shown], draws[shown], count)]
    places = (Place(bucket, n) for n in at.tolist())
    return counts, _grouped((names[n] for n in groups[at].tolist()), draws[at].tolist(), places)


def _grouped(keys: Iterable[tuple[str, ...]], draws: Sequence[int], items: Iterable[Any]) -> Candidates:
    candidates: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for key, drawn, item in zip(keys, draws, items, strict=True):
        candidates[key].append((drawn, item))
    return dict(candidates)
