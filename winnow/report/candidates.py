"""Candidates for the examples of a page, from one bucket: rows dropped, nearly dropped and kept, units and edits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.borderline import nearest
from winnow.gates.filtering import Facts, concerned, limit_of
from winnow.gates.rules import RULES, Breaks, Rule
from winnow.records.draw import Draws, draw
from winnow.report.picks import codes, first_of_each
from winnow.storage.buckets import each_bucket, positions, read_bucket

SPARE = 5
"""How many times more near rows are kept than shown: a close pair is no example when its other row is out."""

Picks = dict[tuple[str, ...], list[tuple[Any, ...]]]
"""Lists of (what to sort by …, what to show) by what they are examples of."""

Mask = npt.NDArray[np.bool_]


class Edge(NamedTuple):
    """A limit of a gate after ``filter``, as its decisions tell it."""

    gate: str
    reason: str
    limit: float


class Pick(NamedTuple):
    """A row that the page may show with a decision: ``other`` is the row or item that it was held against."""

    row_id: str
    value: float | None = None
    limit: float | None = None
    other: str | None = None
    detail: str | None = None


class Place(NamedTuple):
    """A line of a table whose text the page will show: an edit, or a unit that was left out."""

    bucket: int
    position: int


def edges(buckets: int) -> tuple[Edge, ...]:
    """Return the limits of near-duplicates, overlaps and scores; one that dropped nothing stands nowhere, so not here.

    A limit by language is several, and near to which a row is cannot be told: such a one is left out.
    """
    found: dict[tuple[str, str], set[float]] = defaultdict(set)
    for gate, shown in (("deduplicate", "near_duplicate"), ("decontaminate", None), ("score", "low_score")):
        for table in each_bucket(f"data/{gate}", buckets, ["verdict", "reason", "limit"]):
            drops = table.filter(pc.and_(pc.equal(table["verdict"], "drop"), pc.is_valid(table["limit"])))
            for row in drops.group_by(["reason", "limit"]).aggregate([]).to_pylist():
                if shown in (None, row["reason"]):
                    found[gate, row["reason"]].add(row["limit"])
    return tuple(sorted(Edge(*key, limit) for key, (limit, *others) in found.items() if not others))


def drops(gate: str, table: pa.Table, drawn: Draws, count: int) -> Picks:
    """Return candidates of each reason and source among the drops of one gate; ``drawn`` are the draws of its rows."""
    sources = pa.array([row_id.split(":", 1)[0] for row_id in table["row_id"].to_pylist()], pa.string())
    groups, names = codes(table["reason"], sources)
    at = first_of_each(groups, drawn, count)
    chosen = table.take(pa.array(at))
    columns = [chosen[name].to_pylist() for name in ("row_id", "value", "limit", "other_row_id", "detail")]
    picks = (Pick(*row) for row in zip(*columns, strict=True))
    return _grouped(((gate, *names[n]) for n in groups[at].tolist()), drawn[at].tolist(), picks)


def nearly_dropped(facts: Facts, settings: Mapping[str, Any], inside: Mask, count: int) -> Picks:
    """Return for each rule of ``filter`` the released rows that came nearest to breaking it."""
    found: Picks = {}
    for rule in RULES:
        if rule.fixed is not None or settings.get(rule.name, False) is False:
            continue
        near = nearest(rule, facts, settings[rule.name], inside, count * SPARE)
        ids = draw(None, [one.row_id for one in near], "report").tolist()
        picks = (Pick(one.row_id, one.value, one.limit) for one in near)
        found["filter", rule.name] = sorted(zip((one.distance for one in near), ids, picks, strict=True))[:count]
    return found


def kept(facts: Facts, settings: Mapping[str, Any], inside: Mask, sources: pa.Array, drawn: Draws, count: int) -> Picks:
    """Return for each rule of ``filter`` that is on, and each source, released rows that it looked at and let pass.

    They come from the middle half of such rows of the bucket by the rule's measure, so they pass clearly.
    """
    groups, names = codes(sources)
    found: Picks = {}
    for rule in RULES:
        if rule.fixed is not None or settings.get(rule.name, False) is False:
            continue
        value, limit = _measured(rule, facts, settings[rule.name])
        passing = np.flatnonzero(_clearly(rule, facts, value, limit, inside))
        mine = drawn ^ draw(None, [rule.name], "report")  # not the same rows for each rule
        at = passing[first_of_each(groups[passing], mine[passing], count)]
        picks = [
            Pick(facts["row_id"][n], *((float(value[n]), float(limit[n])) if value is not None else ())) for n in at
        ]
        keys = (("filter", rule.name, *names[n]) for n in groups[at].tolist())
        found |= _grouped(keys, mine[at].tolist(), picks)
    return found


def _measured(rule: Rule, facts: Facts, setting: Any) -> tuple[Any, Any]:
    if rule.breaks is Breaks.FLAG:
        return None, None
    return facts[rule.fact].astype(np.float64), limit_of(rule, facts, setting)


def _clearly(rule: Rule, facts: Facts, value: Any, limit: Any, inside: Mask) -> Mask:
    """Return a mask of the rows that pass ``rule`` and lie in the middle half of those that do, or have no flag."""
    among = inside & concerned(rule, facts)
    if value is None:
        weaker = facts[rule.near] if rule.near else np.zeros(len(among), bool)
        return among & ~facts[rule.fact] & ~weaker
    gap = (value - limit) if rule.breaks is Breaks.BELOW else (limit - value)
    among &= gap > 0  # NaN, a rule that is off, is not
    if not among.any():
        return among
    low, high = np.percentile(value[among], (25, 75))
    return among & (value >= low) & (value <= high)


def nearly(edge: Edge, bucket: int, released: pa.ChunkedArray, count: int) -> list[tuple[Any, ...]]:
    """Return the released rows whose similarity, overlap or score lies nearest to a limit without breaking it."""
    if edge.gate == "deduplicate":
        table = read_bucket("data/neighbours", bucket)
        table = table.filter(pc.and_(pc.equal(table["relation"], "near"), pc.less(table["similarity"], edge.limit)))
        values, others = table["similarity"], table["other_row_id"]
    elif edge.gate == "score":
        table = read_bucket("data/score", bucket, ["row_id", "score", "other_row_id"])
        table = table.filter(pc.greater_equal(table["score"], edge.limit))
        values, others = table["score"], table["other_row_id"]
    else:
        table = read_bucket("data/overlaps", bucket)
        table = table.filter(pc.less_equal(table["overlap"], edge.limit))
        values, others = table["overlap"], pc.binary_join_element_wise(table["benchmark"], table["item"], ":")
    alive = pa.array(positions(table["row_id"], released) >= 0)
    ids, values, others = (column.filter(alive) for column in (table["row_id"], values, others))
    gaps = (round(abs(edge.limit - value), 9) for value in values.to_pylist())
    picks = (
        Pick(row_id, value, edge.limit, other)
        for row_id, value, other in zip(*(column.to_pylist() for column in (ids, values, others)), strict=True)
    )
    return sorted(zip(gaps, draw(None, ids, "report").tolist(), picks, strict=True))[: count * SPARE]


def units(bucket: int, count: int) -> tuple[Counter[Any], Picks]:
    """Return the units left out of one bucket, counted by (outcome, reason, source), and candidates of each."""
    table = read_bucket("data/normalize/left_out", bucket, ["unit_id", "source", "outcome", "reason"])
    return _placed(bucket, table, ("outcome", "reason", "source"), "unit_id", count)


def edits(bucket: int, silent: pa.Array, count: int) -> tuple[Counter[Any], int, Picks]:
    """Return the edits of one bucket, counted by (rule, source), how many rows they mended, and candidates of each.

    Edits of the rows ``silent`` are counted and never shown.
    """
    table = read_bucket("data/clean/edits", bucket, ["row_id", "field", "rule"])
    sources = pa.array([row_id.split(":", 1)[0] for row_id in table["row_id"].to_pylist()], pa.string())
    table = table.append_column("source", sources)
    table = table.append_column("edit", pc.binary_join_element_wise(table["row_id"], table["field"], " "))
    counts, picks = _placed(bucket, table, ("rule", "source"), "edit", count, silent)
    return counts, len(pc.unique(table["row_id"])), picks


def _placed(
    bucket: int, table: pa.Table, by: Sequence[str], key: str, count: int, silent: pa.Array | None = None
) -> tuple[Counter[Any], Picks]:
    groups, names = codes(*(table[name] for name in by))
    counts = Counter({names[n]: rows for n, rows in enumerate(np.bincount(groups, minlength=len(names)).tolist())})
    drawn, shown = draw(None, table[key], "report"), np.arange(len(table))
    if silent is not None and len(silent):
        shown = shown[~pc.is_in(table["row_id"], value_set=silent).to_numpy()]
    at = shown[first_of_each(groups[shown], drawn[shown], count)]
    places = (Place(bucket, n) for n in at.tolist())
    return counts, _grouped((names[n] for n in groups[at].tolist()), drawn[at].tolist(), places)


def _grouped(keys: Iterable[tuple[str, ...]], drawn: Sequence[int], items: Iterable[Any]) -> Picks:
    found: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for key, lot, item in zip(keys, drawn, items, strict=True):
        found[key].append((lot, item))
    return dict(found)
