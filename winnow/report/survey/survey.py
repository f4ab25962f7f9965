"""One pass over the tables without text, bucket by bucket: counts, and candidates for the examples of the page.

Each bucket gives a :class:`Survey`; their sum is the survey of the dataset. Rows that were taken down are counted and
never shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates import filtering
from winnow.gates.chain import GATES
from winnow.patches.drops import REASONS
from winnow.records.draw import Draws, draw
from winnow.report.survey import candidates
from winnow.report.survey.bins import EDGES, bin_of
from winnow.report.survey.candidates import Candidates, GateLimit
from winnow.report.survey.counts import Cube, count_flags, count_rows, count_values
from winnow.report.tables import Tables
from winnow.storage.buckets import positions, read_bucket
from winnow.storage.parquet import read_table

SAMPLE, WRITTEN = 10, 20
"""Released rows that the page shows in full: of all rows, and of those that models wrote."""

LENGTHS = {"instruction": "prompt_length", "response": "response_length", "conversation": "est_tokens"}
"""What the page draws lengths of, and the fact that measures each."""

DISTRIBUTIONS = ("language", "task", "domain", "difficulty", "form", "kind")
"""The facts whose values the page counts before and after, where the table has them."""

_FACTS = {"row_id", "source", "rating", *DISTRIBUTIONS, *LENGTHS.values(), *filtering.COLUMNS}


@dataclass(frozen=True)
class SurveyTask:
    """One bucket, how many examples of each kind to keep, the facts there are, limits, settings of ``filter``, and
    digests of the raw units that were taken down.
    """

    tables: Tables
    bucket: int
    examples: int
    facts: Sequence[str]
    limits: tuple[GateLimit, ...]
    rules: Mapping[str, Any]
    taken_down: frozenset[str] = frozenset()
    written: tuple[str, ...] = ()
    """The sources of rows that models wrote by a plan."""


@dataclass
class Survey:
    """Counts, and candidates for examples as sorted lists of (draw, …, what to show)."""

    examples: int
    cube: Cube = field(default_factory=Counter)
    units: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # left out, by (outcome, reason, source)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)  # on rows that stay, by (gate, reason)
    values: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (column, value, measure)
    flags: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # by (flag, source, language, status)
    lengths: Counter[tuple[str, str, int]] = field(default_factory=Counter)  # by (in, mix or out, field, bin)
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (rule, source)
    edited: int = 0
    sample: list[tuple[int, str]] = field(default_factory=list)
    written: list[tuple[int, str]] = field(default_factory=list)
    dropped: Candidates = field(default_factory=dict)  # by (gate, reason, source)
    near: Candidates = field(default_factory=dict)  # by (gate, reason)
    kept: Candidates = field(default_factory=dict)  # by (gate, reason, source)
    unit_places: Candidates = field(default_factory=dict)  # by (outcome, reason, source)
    edit_places: Candidates = field(default_factory=dict)  # by (rule, source)
    duplicates: list[pa.Table] = field(default_factory=list)  # survivor, row_id, reason, value

    def add(self, other: "Survey") -> None:
        """Add the survey of other rows."""
        for name in ("cube", "units", "notes", "values", "flags", "lengths", "edits"):
            getattr(self, name).update(getattr(other, name))
        self.edited += other.edited
        self.sample = nsmallest(SAMPLE, self.sample + other.sample)
        self.written = nsmallest(WRITTEN, self.written + other.written)
        for name in ("dropped", "near", "kept", "unit_places", "edit_places"):
            mine, count = getattr(self, name), self.examples * (candidates.SPARE if name == "near" else 1)
            for key, items in getattr(other, name).items():
                mine[key] = nsmallest(count, mine.get(key, []) + items)
        self.duplicates += other.duplicates


def survey_bucket(task: SurveyTask) -> Survey:
    """Return the survey of one bucket."""
    tables, bucket, count = task.tables, task.bucket, task.examples
    facts = read_bucket(tables.facts, bucket, sorted(_FACTS & set(task.facts)))
    rows = _rows(facts, read_table(tables.index, group=bucket))
    inside, draws = rows["inside"].to_numpy(), draw(None, rows["row_id"], "report")
    silent = rows["row_id"].filter(pc.equal(rows["reason"], REASONS["takedown"]).fill_null(False)).combine_chunks()
    survey = Survey(count, cube=count_rows(rows), flags=count_flags(rows))
    for column in DISTRIBUTIONS:
        if column in facts.column_names:
            survey.values.update(count_values(rows, column))
    survey.lengths = _lengths(facts, inside, pc.equal(rows["gate"], "mix").fill_null(False).to_numpy())
    survey.sample = _sample(rows["row_id"], inside, draws, SAMPLE)
    by_models = pc.is_in(rows["source"], value_set=pa.array(task.written, pa.string())).to_numpy()
    survey.written = _sample(rows["row_id"], inside & by_models, draws, WRITTEN)
    for gate in GATES:
        _decisions(survey, gate, read_bucket(tables.gates[gate], bucket), rows, draws, silent)
    survey.units, survey.unit_places = candidates.units(tables, bucket, task.taken_down, count)
    survey.edits, survey.edited, survey.edit_places = candidates.edits(tables, bucket, silent, count)
    columns, sources = filtering.columns(facts), rows["source"].combine_chunks()
    survey.near = candidates.nearly_dropped(columns, task.rules, inside, count)
    survey.kept = candidates.kept(columns, task.rules, inside, sources, draws, count)
    released = rows["row_id"].filter(rows["inside"])
    for limit in task.limits:
        survey.near[limit.gate, limit.reason] = candidates.near_limit(tables, bucket, limit, released, count)
    return survey


def _decisions(survey: Survey, gate: str, decisions: pa.Table, rows: pa.Table, draws: Draws, silent: pa.Array) -> None:
    """Add the decisions of one gate on one bucket: candidates of each reason, notes, and who is whose duplicate."""
    drops = decisions.filter(pc.equal(decisions["verdict"], "drop"))
    shown = drops.filter(pc.invert(pc.is_in(drops["row_id"], value_set=silent)))
    mine = draws[positions(shown["row_id"], rows["row_id"])]
    survey.dropped |= candidates.dropped(gate, shown, mine, survey.examples)
    notes = decisions.filter(pc.and_(pc.equal(decisions["verdict"], "keep"), pc.is_valid(decisions["reason"])))
    survey.notes.update((gate, reason) for reason in notes["reason"].to_pylist())
    if gate == "deduplicate":
        linked = drops.filter(pc.is_valid(drops["other_row_id"]))
        names = {"survivor": "other_row_id", "row_id": "row_id", "reason": "reason", "value": "value"}
        survey.duplicates = [pa.table({name: linked[column] for name, column in names.items()})]


def _rows(facts: pa.Table, index: pa.Table) -> pa.Table:
    """Return the facts joined with the index, with the columns that :mod:`winnow.report.survey.counts` reads."""
    index = index.take(pa.array(positions(facts["row_id"], index["row_id"])))
    rating = facts["rating"] if "rating" in facts.column_names else pa.nulls(len(facts), pa.float64())
    joined = {
        "inside": pc.equal(index["status"], "in"),
        **{name: index[name] for name in ("license", "reason", "split")},
        "gate": index["stage"],
        "draws": index["repeats"],
        "tokens": facts["est_tokens"],
        "flagged": pc.greater(pc.list_value_length(facts["flags"]), 0).cast(pa.int64()),
        "rated": pc.is_valid(rating).cast(pa.int64()),
        "rating": rating,
    }
    return pa.table({**{name: facts[name] for name in facts.column_names}, **joined})


def _lengths(
    facts: pa.Table, inside: npt.NDArray[np.bool_], mixed: npt.NDArray[np.bool_]
) -> Counter[tuple[str, str, int]]:
    counts: Counter[tuple[str, str, int]] = Counter()
    for name, fact in LENGTHS.items():
        bins = bin_of(facts[fact].to_numpy())
        for status, mask in (("in", inside), ("mix", mixed), ("out", ~(inside | mixed))):
            in_bins = np.bincount(bins[mask], minlength=len(EDGES)).tolist()
            counts.update({(status, name, n): rows for n, rows in enumerate(in_bins) if rows})
    return counts


def _sample(row_ids: pa.ChunkedArray, inside: npt.NDArray[np.bool_], draws: Draws, count: int) -> list[tuple[int, str]]:
    at = np.flatnonzero(inside)
    at = at[np.argsort(draws[at], kind="stable")][:count]
    return sorted(zip(draws[at].tolist(), row_ids.take(pa.array(at)).to_pylist(), strict=True))
