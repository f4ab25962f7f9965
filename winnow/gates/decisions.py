"""Decisions: what every gate writes, and the conservation law it obeys.

A gate is a function from the ids of the rows that enter, bucket by bucket, to decisions on them. :func:`alive` gives
the ids, :func:`decide` makes the table, :func:`write_decisions` writes it and checks that no row is lost.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import BY_NAME, FACTS
from winnow.harness.errors import UserError
from winnow.records.schema import DECISIONS
from winnow.storage.buckets import each_bucket, part, positions
from winnow.storage.parquet import write_table


@dataclass(frozen=True)
class Drop:
    """Why a row is dropped: reason code, measured value and limit, and the row or item that blocked it."""

    reason: str
    value: float | None = None
    limit: float | None = None
    other: str | None = None
    detail: str | None = None


@dataclass
class Funnel:
    """Counts of one gate: rows in, rows out, rows dropped by reason, and by source and reason."""

    rows_in: int = 0
    rows_out: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    by_source: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, table: pa.Table) -> None:
        """Count the decisions of one bucket."""
        drops = table.filter(pc.equal(table["verdict"], "drop"))
        reasons = drops["reason"].to_pylist()
        self.rows_in += len(table)
        self.rows_out += len(table) - len(drops)
        self.dropped.update(reasons)
        self.by_source.update(zip(sources_of(drops["row_id"]), reasons, strict=True))

    def check(self, gate: str, entered: int) -> None:
        """Raise unless every row that entered the gate left it, kept or dropped for a reason that the gate declares."""
        if self.rows_in != entered or self.rows_in != self.rows_out + self.dropped.total():
            raise UserError(
                f"stage {gate}: {entered:,} rows entered, {self.rows_in:,} were decided on, {self.rows_out:,} kept "
                f"and {self.dropped.total():,} dropped; rows are lost, which is a fault of the stage."
            )
        if unknown := [reason for reason in sorted(self.dropped) if not BY_NAME[gate].reason(reason)]:
            raise UserError(
                f"stage {gate} dropped rows for {unknown[0]!r}, which is no reason of this gate; name it in "
                "winnow/gates/chain.py."
            )

    def metrics(self) -> dict[str, Any]:
        """Return the headline numbers."""
        return {"rows_in": self.rows_in, "rows_out": self.rows_out, "dropped": dict(self.dropped)}

    def plot(self) -> list[list[Any]]:
        """Return rows (source, reason, rows) of the drops, sorted."""
        return [[*key, count] for key, count in sorted(self.by_source.items())]


PLOT_HEADER = ["source", "reason", "rows"]


def sources_of(row_ids: pa.ChunkedArray) -> list[str]:
    """Return the source of each row id."""
    return [row_id.split(":", 1)[0] for row_id in row_ids.to_pylist()]


def alive(folder: Path, buckets: int) -> Iterator[pa.Array]:
    """Yield the ids of the rows that the gate of ``folder`` kept, bucket by bucket; all ids for the table of facts.

    ``folder`` is the table that :func:`~winnow.gates.chain.before` names for a gate.
    """
    decided = folder.name != FACTS
    for table in each_bucket(folder, buckets, ["row_id", "verdict"] if decided else ["row_id"]):
        kept = table.filter(pc.equal(table["verdict"], "keep")) if decided else table
        yield kept["row_id"].combine_chunks()


def rows_of(row_ids: pa.Array, table: pa.Table) -> pa.Table:
    """Return the rows of ``table`` (of the same bucket) that have ``row_ids``, in their order.

    >>> rows_of(pa.array(["a:2"]), pa.table({"row_id": ["a:1", "a:2"], "turns": [2, 4]})).to_pylist()
    [{'row_id': 'a:2', 'turns': 4}]
    """
    return table.take(pa.array(positions(row_ids, table["row_id"])))


def deciding(drops: dict[str, Drop], notes: dict[str, Drop]) -> Callable[[int, pa.Array], pa.Table]:
    """Return what makes the decisions on the rows of a bucket, from drops and notes by row id."""
    return lambda _, row_ids: decide(row_ids, drops_among(row_ids, drops), drops_among(row_ids, notes))


def drops_among(row_ids: pa.Array, drops: Mapping[str, Drop]) -> dict[int, Drop]:
    """Return those of ``drops`` (by row id) that are among ``row_ids``, by position.

    >>> drops_among(pa.array(["a:1", "a:2"]), {"a:2": Drop("over_cap"), "b:1": Drop("over_cap")})
    {1: Drop(reason='over_cap', value=None, limit=None, other=None, detail=None)}
    """
    named = pc.is_in(row_ids, value_set=pa.array(list(drops), pa.string()))
    at = np.flatnonzero(named.to_numpy(zero_copy_only=False)).tolist()
    return {position: drops[row_ids[position].as_py()] for position in at}


def decide(row_ids: pa.Array, drops: dict[int, Drop], notes: dict[int, Drop] | None = None) -> pa.Table:
    """Return decisions on ``row_ids``: ``drops`` by position, all others kept; ``notes`` explain some that are kept.

    >>> decide(pa.array(["a:1", "a:2"]), {1: Drop("empty_response", 0, 1)})["verdict"].to_pylist()
    ['keep', 'drop']
    """
    verdicts = np.full(len(row_ids), "keep", dtype=object)
    verdicts[list(drops)] = "drop"
    why = {**(notes or {}), **drops}
    columns: dict[str, list[Any]] = {name: [None] * len(row_ids) for name in DECISIONS.names[2:]}
    for position, drop in why.items():
        columns["reason"][position] = drop.reason
        columns["value"][position] = drop.value
        columns["limit"][position] = drop.limit
        columns["other_row_id"][position] = drop.other
        columns["detail"][position] = drop.detail
    arrays = [row_ids, pa.array(verdicts.tolist(), pa.string())]
    arrays += [pa.array(columns[name], DECISIONS.field(name).type) for name in DECISIONS.names[2:]]
    return pa.table(arrays, schema=DECISIONS)


def write_decisions(
    folder: Path, entered: Iterable[pa.Array], decisions: Callable[[int, pa.Array], pa.Table]
) -> Funnel:
    """Write the decisions of the gate ``folder.name`` bucket by bucket, and return what they come to.

    ``entered`` are the ids of the rows that enter, ``decisions`` makes the table of one bucket of them. Raises
    :class:`UserError` when a row is lost or dropped for an unknown reason.
    """
    funnel, count = Funnel(), 0
    for bucket, row_ids in enumerate(entered):
        table = decisions(bucket, row_ids)
        funnel.add(table)
        count += len(row_ids)
        write_table(part(folder, bucket), table, table.schema)
    funnel.check(folder.name, count)
    return funnel


def check_limit(knob: str, limit: float, floor_knob: str, floor: float) -> None:
    """Raise when a limit lies below the floor from which facts were kept: rows between them were never recorded."""
    if limit < floor:
        raise UserError(
            f"params.yaml: {knob} is {limit:g}, below {floor_knob} ({floor:g}); raise it or lower the floor."
        )
