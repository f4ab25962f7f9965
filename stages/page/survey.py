"""One pass over the thin tables, bucket by bucket: the counts of the report and the ids of the rows it will show.

No text is read here. Each bucket gives a :class:`Survey`; the sum of all is the survey of the dataset.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.gates.decisions import GATES
from stages.gates.filtering import RULES
from stages.page.bins import EDGES, bin_of
from stages.page.picks import lot, lowest
from stages.release.index import read_index
from stages.storage.buckets import each_bucket, positions, read_bucket

SAMPLE = 10
"""Released rows that the page shows in full."""

LENGTHS = {"instruction": "prompt_length", "response": "response_length"}
"""The fields whose lengths the page draws, and the fact that measures each."""

_FACTS = {"row_id", "kind", "language", "est_tokens", *LENGTHS.values(), *(rule.value for rule in RULES)}
_SPARE = 5  # a close pair shows nothing when its other row is out, so more are kept than are shown


class Edge(NamedTuple):
    """A limit as the decisions tell it: ``side`` is -1 where lower values are dropped, 1 where higher ones are."""

    gate: str
    reason: str
    limit: float
    side: int


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


@dataclass(frozen=True)
class Task:
    """One bucket, how many examples of each kind to keep, and the limits seen in all buckets."""

    bucket: int
    examples: int
    edges: tuple[Edge, ...]


@dataclass
class Survey:
    """Counts, and candidates for examples as sorted lists of (lot, …, what to show)."""

    examples: int
    rows: Counter[str] = field(default_factory=Counter)  # by source
    units: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # left out, by (outcome, reason, source)
    dropped: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (gate, reason, source)
    released: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (source, license, split)
    kinds: Counter[str] = field(default_factory=Counter)  # released
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (status, language)
    lengths: Counter[tuple[str, str, int]] = field(default_factory=Counter)  # by (status, field, bin)
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (rule, source)
    edited: int = 0
    tokens: int = 0
    draws: int = 0
    sample: list[tuple[Any, ...]] = field(default_factory=list)
    drop_picks: dict[tuple[str, str, str], list[tuple[Any, ...]]] = field(default_factory=dict)
    near_picks: dict[tuple[str, str], list[tuple[Any, ...]]] = field(default_factory=dict)
    unit_picks: dict[tuple[str, str, str], list[tuple[Any, ...]]] = field(default_factory=dict)
    edit_picks: dict[tuple[str, str], list[tuple[Any, ...]]] = field(default_factory=dict)
    duplicates: list[tuple[str, str, str, float]] = field(default_factory=list)  # survivor, dropped, reason, value

    def add(self, other: "Survey") -> None:
        """Add the survey of other rows."""
        for name in ("rows", "units", "dropped", "released", "kinds", "languages", "lengths", "edits"):
            getattr(self, name).update(getattr(other, name))
        self.edited += other.edited
        self.tokens += other.tokens
        self.draws += other.draws
        self.sample = lowest(self.sample + other.sample, SAMPLE)
        for name in ("drop_picks", "near_picks", "unit_picks", "edit_picks"):
            mine, count = getattr(self, name), self.examples * (_SPARE if name == "near_picks" else 1)
            for key, items in getattr(other, name).items():
                mine[key] = lowest(mine.get(key, []) + items, count)
        self.duplicates += other.duplicates


def edges(buckets: int) -> tuple[Edge, ...]:
    """Return the limits that dropped a row, from the decisions; of several on one fact and side the strictest.

    A limit that dropped nothing stands in no table and is not here.
    """
    found: dict[tuple[str, str], Edge] = {}
    measure = {rule.reason: rule.value for rule in RULES}
    for gate in ("filter", "deduplicate", "decontaminate"):
        for table in each_bucket(f"data/{gate}", buckets, ["verdict", "reason", "value", "limit"]):
            kept = pc.and_(pc.equal(table["verdict"], "drop"), pc.is_valid(table["value"]))
            grouped = table.filter(kept).group_by(["reason", "limit"]).aggregate([("value", "min")])
            for row in grouped.to_pylist():
                low, limit, reason = row["value_min"], row["limit"], row["reason"]
                if limit is None or (gate == "filter" and (low == limit or reason not in measure)):
                    continue
                side = -1 if gate == "filter" and low < limit else 1
                key = (measure[reason] if gate == "filter" else gate, str(side))
                edge = Edge(gate, reason if gate != "deduplicate" else "near_duplicate", limit, side)
                if key not in found or (edge.limit - found[key].limit) * side < 0:
                    found[key] = edge
    return tuple(sorted(found.values()))


def survey_bucket(task: Task) -> Survey:
    """Return the survey of one bucket."""
    survey = Survey(task.examples)
    index = read_index(task.bucket)
    facts = read_bucket("data/annotate", task.bucket, sorted(_FACTS))
    at = positions(facts["row_id"], index["row_id"])
    inside = pc.equal(index["status"], "in").to_numpy(zero_copy_only=False)[at]
    _count_index(survey, index)
    _count_facts(survey, facts, inside)
    ids = facts["row_id"].filter(pa.array(inside)).to_pylist()
    survey.sample = lowest(((lot(row_id), row_id) for row_id in ids), SAMPLE)
    for gate in GATES:
        _pick_drops(survey, gate, read_bucket(f"data/{gate}", task.bucket))
    _pick_units(survey, task.bucket)
    _pick_edits(survey, task.bucket)
    for edge in task.edges:
        survey.near_picks[edge.gate, edge.reason] = list(_nearly(edge, task, facts, inside))
    return survey


def _count_index(survey: Survey, index: pa.Table) -> None:
    names = ["source", "license", "status", "stage", "reason", "split"]
    for row in index.group_by(names, use_threads=False).aggregate([([], "count_all")]).to_pylist():
        count, source = row["count_all"], row["source"]
        if row["stage"] != "normalize":
            survey.rows[source] += count
        if row["status"] == "in":
            survey.released[source, row["license"] or "", row["split"] or ""] += count
        elif row["stage"] != "normalize":
            survey.dropped[row["stage"], row["reason"], source] += count
    survey.draws = pc.sum(index["repeats"]).as_py() or 0


def _count_facts(survey: Survey, facts: pa.Table, inside: npt.NDArray[np.bool_]) -> None:
    survey.tokens = pc.sum(facts["est_tokens"].filter(pa.array(inside))).as_py() or 0
    for status, mask in (("in", inside), ("out", ~inside)):
        table = facts.filter(pa.array(mask))
        for pair in pc.value_counts(table["language"]).to_pylist():
            survey.languages[status, pair["values"] or "und"] += pair["counts"]
        for name, fact in LENGTHS.items():
            bins = bin_of(table[fact].to_numpy(zero_copy_only=False))
            for n, count in enumerate(np.bincount(bins, minlength=len(EDGES)).tolist()):
                survey.lengths[status, name, n] += count
        if status == "in":
            survey.kinds.update({pair["values"]: pair["counts"] for pair in pc.value_counts(table["kind"]).to_pylist()})


def _by_key(found: Iterable[tuple[Any, tuple[Any, ...]]], count: int) -> dict[Any, list[tuple[Any, ...]]]:
    grouped: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for key, item in found:
        grouped[key].append(item)
    return {key: lowest(items, count) for key, items in grouped.items()}


def _pick_drops(survey: Survey, gate: str, decisions: pa.Table) -> None:
    drops = decisions.filter(pc.equal(decisions["verdict"], "drop"))
    columns = [drops[name].to_pylist() for name in ("row_id", "reason", "value", "limit", "other_row_id", "detail")]
    rows = list(zip(*columns, strict=True))
    survey.drop_picks.update(
        _by_key(
            (((gate, row[1], row[0].split(":", 1)[0]), (lot(row[0]), row[0], Pick(row[0], *row[2:]))) for row in rows),
            survey.examples,
        )
    )
    if gate == "deduplicate":
        survey.duplicates = [(row[4], row[0], row[1], row[2]) for row in rows if row[4]]


def _pick_units(survey: Survey, bucket: int) -> None:
    table = read_bucket("data/normalize/left_out", bucket, ["unit_id", "source", "outcome", "reason", "line"])
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    survey.units = Counter((outcome, reason, source) for _, source, outcome, reason, _ in rows)
    survey.unit_picks = _by_key(
        (
            ((outcome, reason, source), (lot(unit_id), unit_id, line, Place(bucket, n)))
            for n, (unit_id, source, outcome, reason, line) in enumerate(rows)
        ),
        survey.examples,
    )


def _pick_edits(survey: Survey, bucket: int) -> None:
    table = read_bucket("data/clean/edits", bucket, ["row_id", "field", "rule"])
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    keys = [(rule, row_id.split(":", 1)[0]) for row_id, _, rule in rows]
    survey.edits = Counter(keys)
    survey.edited = len({row_id for row_id, _, _ in rows})
    survey.edit_picks = _by_key(
        (
            (key, (lot(f"{row_id} {name}"), row_id, name, Place(bucket, n)))
            for n, (key, (row_id, name, _)) in enumerate(zip(keys, rows, strict=True))
        ),
        survey.examples,
    )


def _nearly(edge: Edge, task: Task, facts: pa.Table, inside: npt.NDArray[np.bool_]) -> list[tuple[Any, ...]]:
    """Return the released rows whose value lies nearest to a limit without breaking it."""
    count = task.examples * _SPARE
    if edge.gate == "filter":
        fact = next(rule.value for rule in RULES if rule.reason == edge.reason)
        gap = (edge.limit - facts[fact].to_numpy(zero_copy_only=False).astype(np.float64)) * edge.side
        safe = np.flatnonzero(inside & (gap >= 0))
        if len(safe) > count:
            safe = safe[gap[safe] <= np.partition(gap[safe], count)[count]]
        ids = facts["row_id"].take(pa.array(safe)).to_pylist()
        found = [
            (distance, lot(row_id), Pick(row_id, edge.limit - distance * edge.side, edge.limit))
            for distance, row_id in zip(gap[safe].tolist(), ids, strict=True)
        ]
        return lowest(found, count)
    if edge.gate == "deduplicate":
        table = read_bucket("data/neighbours", task.bucket)
        table = table.filter(pc.and_(pc.equal(table["relation"], "near"), pc.less(table["similarity"], edge.limit)))
        values, others = table["similarity"], table["other_row_id"].to_pylist()
    else:
        table = read_bucket("data/overlaps", task.bucket)
        table = table.filter(pc.less_equal(table["overlap"], edge.limit))
        values = table["overlap"]
        others = [f"{row['benchmark']}:{row['item']}" for row in table.select(["benchmark", "item"]).to_pylist()]
    released = facts["row_id"].filter(pa.array(inside)).combine_chunks()
    alive = positions(table["row_id"], released) >= 0
    return lowest(
        (
            (round(edge.limit - value, 9), lot(row_id), Pick(row_id, value, edge.limit, other))
            for row_id, value, other, lives in zip(
                table["row_id"].to_pylist(), values.to_pylist(), others, alive.tolist(), strict=True
            )
            if lives
        ),
        count,
    )
