"""The columns that a score is made of, row by row: numeric facts, and what models said, turned from long to wide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import rows_of
from winnow.gates.score.plan import DOT, PREFERRED, Floats, Plan
from winnow.storage.buckets import each_bucket, positions, read_bucket

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """The columns of the rows of one bucket: ``values`` (NaN: none) and replies ``pending``, by column's name."""

    values: Mapping[str, Floats]
    pending: Mapping[str, Ints]
    languages: npt.NDArray[np.object_]


def criteria(judgements: Path, buckets: int) -> dict[str, bool]:
    """Return ``<rubric>.<criterion>`` of all that rows were judged by, and whether its verdicts are numbers.

    Where a label stands, its value is the share of samples that gave it, which is no verdict; but which of two replies
    is preferred is a label and a number. One of which no reply is there yet may well be one of numbers.
    """
    words: Counter[str] = Counter()
    for table in each_bucket(judgements, buckets, ["rubric", "criterion", "label"]):
        groups = table.group_by(["rubric", "criterion"], use_threads=False)
        for row in groups.aggregate([("label", "count")]).to_pylist():
            words[f"{row['rubric']}{DOT}{row['criterion']}"] += row["label_count"]
    return {name: words[name] == 0 or name.endswith(PREFERRED) for name in sorted(words)}


def wide(judgements: pa.Table, row_ids: pa.Array, names: Sequence[str]) -> tuple[dict[str, Floats], dict[str, Ints]]:
    """Return value and pending replies of each of ``row_ids`` by each of the criteria ``names``.

    A row without a line has no value (NaN) and nothing pending.

    >>> of = {"row_id": ["a:1", "a:3"], "rubric": ["pair"] * 2, "criterion": ["style"] * 2}
    >>> long = pa.table({**of, "value": [7.0, None], "pending": [0, 1]})
    >>> wide(long, pa.array(["a:1", "a:2", "a:3"]), ["pair.style"])
    ({'pair.style': array([ 7., nan, nan])}, {'pair.style': array([0, 0, 1])})
    """
    values = {name: np.full(len(row_ids), np.nan) for name in names}
    pending = {name: np.zeros(len(row_ids), np.int64) for name in names}
    for name in names:
        rubric, criterion = name.rsplit(DOT, 1)
        asked = pc.and_(pc.equal(judgements["rubric"], rubric), pc.equal(judgements["criterion"], criterion))
        lines = judgements.filter(asked)
        at = positions(lines["row_id"], row_ids)
        of_row = at >= 0  # a row may have been judged and left since
        values[name][at[of_row]] = lines["value"].to_numpy()[of_row]
        pending[name][at[of_row]] = lines["pending"].to_numpy()[of_row]
    return values, pending


def columns(plan: Plan, row_ids: pa.Array, bucket: int, annotate: Path, judgements: Path) -> Columns:
    """Return the columns of ``plan`` of the rows ``row_ids`` of one bucket; tables it does not need stay unread."""
    values: dict[str, Floats] = {}
    pending: dict[str, Ints] = {}
    languages = np.full(len(row_ids), None, object)
    if plan.judged:
        read = ["row_id", "rubric", "criterion", "value", "pending"]
        values, pending = wide(read_bucket(judgements, bucket, read), row_ids, plan.judged)
    if plan.facts or plan.by_language:
        names = [*plan.facts, *(["language"] if plan.by_language else [])]
        facts = rows_of(row_ids, read_bucket(annotate, bucket, ["row_id", *names]))
        values |= {name: facts[name].cast(pa.float64()).to_numpy().astype(np.float64) for name in plan.facts}
        languages = facts["language"].to_numpy() if plan.by_language else languages
    return Columns(values, pending, languages)
