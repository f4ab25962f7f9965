"""One pass over the thin tables, bucket by bucket: the counts of the report and the ids of the rows it will show.

Each bucket gives a :class:`Survey`; the sum of all is the survey of the dataset. No text is read here. Rows that were
taken down are counted and never shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates import filtering
from winnow.gates.chain import GATES
from winnow.patches.drops import REASONS
from winnow.records.draw import draw
from winnow.release.index import read_index
from winnow.report import candidates
from winnow.report.bins import EDGES, bin_of
from winnow.report.candidates import Edge, Picks
from winnow.report.cube import Cube, cube, flags_of, values_of
from winnow.report.picks import lowest
from winnow.storage.buckets import positions, read_bucket

SAMPLE = 10
"""Released rows that the page shows in full."""

LENGTHS = {"instruction": "prompt_length", "response": "response_length", "conversation": "est_tokens"}
"""What the page draws lengths of, and the fact that measures each."""

DISTRIBUTIONS = ("language", "task", "domain", "difficulty", "form", "kind")
"""The facts whose values the page counts before and after, where they are there."""

_FACTS = {"row_id", "source", "rating", *DISTRIBUTIONS, *LENGTHS.values(), *filtering.COLUMNS}


@dataclass(frozen=True)
class Task:
    """One bucket, how many examples of each kind to keep, the facts there are, limits, and settings of ``filter``."""

    bucket: int
    examples: int
    facts: Sequence[str]
    edges: tuple[Edge, ...]
    rules: Mapping[str, Any]

    @property
    def columns(self) -> list[str]:
        """Return the facts that the survey reads."""
        return sorted(_FACTS & set(self.facts))


@dataclass
class Survey:
    """Counts, and candidates for examples as sorted lists of (lot, …, what to show)."""

    examples: int
    cube: Cube = field(default_factory=Counter)
    units: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # left out, by (outcome, reason, source)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)  # on rows that stay, by (gate, reason)
    values: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by (column, value, measure)
    flags: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # by (flag, source, language, status)
    lengths: Counter[tuple[str, str, int]] = field(default_factory=Counter)  # by (in, mix or out, field, bin)
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (rule, source)
    edited: int = 0
    sample: list[tuple[Any, ...]] = field(default_factory=list)
    drop_picks: Picks = field(default_factory=dict)  # by (gate, reason, source)
    near_picks: Picks = field(default_factory=dict)  # by (gate, reason)
    kept_picks: Picks = field(default_factory=dict)  # by (gate, reason, source)
    unit_picks: Picks = field(default_factory=dict)  # by (outcome, reason, source)
    edit_picks: Picks = field(default_factory=dict)  # by (rule, source)
    duplicates: list[pa.Table] = field(default_factory=list)  # survivor, row_id, reason, value

    def add(self, other: "Survey") -> None:
        """Add the survey of other rows."""
        for name in ("cube", "units", "notes", "values", "flags", "lengths", "edits"):
            getattr(self, name).update(getattr(other, name))
        self.edited += other.edited
        self.sample = lowest(self.sample + other.sample, SAMPLE)
        for name in ("drop_picks", "near_picks", "kept_picks", "unit_picks", "edit_picks"):
            mine, count = getattr(self, name), self.examples * (candidates.SPARE if name == "near_picks" else 1)
            for key, items in getattr(other, name).items():
                mine[key] = lowest(mine.get(key, []) + items, count)
        self.duplicates += other.duplicates


def survey_bucket(task: Task) -> Survey:
    """Return the survey of one bucket."""
    survey, count = Survey(task.examples), task.examples
    facts = read_bucket("data/annotate", task.bucket, task.columns)
    rows = _rows(facts, read_index(Path("data/index.parquet"), task.bucket))
    inside = rows["inside"].to_numpy()
    drawn = draw(None, rows["row_id"], "report")
    survey.cube = cube(rows)
    survey.flags = flags_of(rows)
    for column in DISTRIBUTIONS:
        if column in facts.column_names:
            survey.values.update(values_of(rows, column))
    survey.lengths = _lengths(facts, inside, pc.equal(rows["gate"], "mix").fill_null(False).to_numpy())
    survey.sample = _sample(rows["row_id"], inside, drawn)
    silent = rows["row_id"].filter(pc.equal(rows["reason"], REASONS["takedown"]).fill_null(False)).combine_chunks()
    for gate in GATES:
        decisions = read_bucket(f"data/{gate}", task.bucket)
        drops = decisions.filter(pc.equal(decisions["verdict"], "drop"))
        shown = drops.filter(pc.invert(pc.is_in(drops["row_id"], value_set=silent)))
        survey.drop_picks |= candidates.drops(gate, shown, drawn[positions(shown["row_id"], rows["row_id"])], count)
        notes = decisions.filter(pc.and_(pc.equal(decisions["verdict"], "keep"), pc.is_valid(decisions["reason"])))
        survey.notes.update({(gate, reason): notes["reason"].to_pylist().count(reason) for reason in _unique(notes)})
        if gate == "deduplicate":
            survey.duplicates = [_duplicates(drops)]
    survey.units, survey.unit_picks = candidates.units(task.bucket, count)
    survey.edits, survey.edited, survey.edit_picks = candidates.edits(task.bucket, silent, count)
    held = filtering.columns(facts)
    sources = rows["source"].combine_chunks()
    survey.near_picks = candidates.nearly_dropped(held, task.rules, inside, count)
    survey.kept_picks = candidates.kept(held, task.rules, inside, sources, drawn, count)
    for edge in task.edges:
        near = candidates.nearly(edge, task.bucket, rows["row_id"].filter(rows["inside"]), count)
        survey.near_picks[edge.gate, edge.reason] = near
    return survey


def _unique(table: pa.Table) -> list[str]:
    return sorted(pc.unique(table["reason"]).to_pylist())


def _rows(facts: pa.Table, index: pa.Table) -> pa.Table:
    """Return the facts with what the index says of each row, as :func:`~winnow.report.cube.cube` wants them."""
    index = index.take(pa.array(positions(facts["row_id"], index["row_id"])))
    none = pa.nulls(len(facts), pa.float64())
    rating = facts["rating"] if "rating" in facts.column_names else none
    more = {
        "inside": pc.equal(index["status"], "in"),
        **{name: index[name] for name in ("license", "reason", "split")},
        "gate": index["stage"],
        "draws": index["repeats"],
        "tokens": facts["est_tokens"],
        "flagged": pc.greater(pc.list_value_length(facts["flags"]), 0).cast(pa.int64()),
        "rated": pc.is_valid(rating).cast(pa.int64()),
        "rating": rating,
    }
    kept = {name: facts[name] for name in facts.column_names if name not in more}
    return pa.table({**kept, **more})


def _lengths(
    facts: pa.Table, inside: npt.NDArray[np.bool_], mixed: npt.NDArray[np.bool_]
) -> Counter[tuple[str, str, int]]:
    found: Counter[tuple[str, str, int]] = Counter()
    for name, fact in LENGTHS.items():
        bins = bin_of(facts[fact].to_numpy())
        for status, mask in (("in", inside), ("mix", mixed), ("out", ~(inside | mixed))):
            counts = np.bincount(bins[mask], minlength=len(EDGES)).tolist()
            found.update({(status, name, n): rows for n, rows in enumerate(counts) if rows})
    return found


def _sample(row_ids: pa.ChunkedArray, inside: npt.NDArray[np.bool_], drawn: npt.NDArray[np.uint64]) -> list[Any]:
    at = np.flatnonzero(inside)
    at = at[np.argsort(drawn[at], kind="stable")][:SAMPLE]
    return sorted(zip(drawn[at].tolist(), row_ids.take(pa.array(at)).to_pylist(), strict=True))


def _duplicates(drops: pa.Table) -> pa.Table:
    linked = drops.filter(pc.is_valid(drops["other_row_id"]))
    names = {"survivor": "other_row_id", "row_id": "row_id", "reason": "reason", "value": "value"}
    return pa.table({name: linked[column] for name, column in names.items()})
