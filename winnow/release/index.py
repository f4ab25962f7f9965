"""The index: a version in one thin table, and the place where nothing may be missing.

It checks the conservation law over all stages, the licences, and that the release is not empty, so that ``export``,
whose old output DVC removes before it runs, can fail on nothing but I/O.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import DUPLICATES, GATES
from winnow.harness.errors import UserError
from winnow.records.schema import INDEX
from winnow.storage.buckets import each_bucket, positions, read_bucket
from winnow.storage.parquet import read_table


@dataclass
class Census:
    """Counts over the index: rows in and out, by source, split, and stage with reason."""

    inside: int = 0
    outside: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    left_at: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_source: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    survivors: Counter[str] = field(default_factory=Counter)
    survivor_left: int = 0

    def add(self, table: pa.Table) -> None:
        """Count one bucket of the index.

        ``survivors`` has, by row, how many duplicates left for its sake; of those that are out themselves they are
        counted, since the release then has none of the group.
        """
        gone = table.filter(pc.equal(table["status"], "out"))["row_id"].to_pylist() if self.survivors else []
        self.survivor_left += sum(self.survivors[row_id] for row_id in gone if row_id in self.survivors)
        for row in (
            table.group_by(["source", "status", "stage", "reason", "split"], use_threads=False)
            .aggregate([([], "count_all")])
            .to_pylist()
        ):
            count, stage, reason = row["count_all"], row["stage"] or "", row["reason"] or ""
            self.by_source[row["source"], row["status"], stage, reason] += count
            if row["status"] == "in":
                self.inside += count
                self.splits[row["split"]] += count
            else:
                self.outside += count
                self.left_at[stage, reason] += count

    def check(self) -> None:
        """Raise when nothing is left to release."""
        if self.inside == 0:
            worst = ", ".join(f"{stage} {reason} {count:,}" for (stage, reason), count in self.left_at.most_common(3))
            asked = self.left_at["score", "pending"]
            remedy = (
                "buy the missing replies with winnow ask, or take them out of score in"
                if asked
                else "loosen the limit in"
            )
            raise UserError(
                f"The release would be empty: all {self.outside:,} rows are out ({worst}); {remedy} params.yaml. "
                "The last release in data/export is untouched."
            )

    def metrics(self) -> dict[str, Any]:
        """Return the headline numbers."""
        stages: Counter[str] = Counter()
        for (stage, _), count in self.left_at.items():
            stages[stage] += count
        return {
            "rows": {"in": self.inside, "out": self.outside},
            "split": dict(self.splits),
            "out_at": dict(stages),
            "survivor_left": self.survivor_left,
        }


def survivors(decisions: Path, buckets: int) -> Counter[str]:
    """Return by row how many rows ``deduplicate`` dropped as its duplicates."""
    found: Counter[str] = Counter()
    for table in each_bucket(decisions, buckets, ["verdict", "reason", "other_row_id"]):
        drops = table.filter(pc.equal(table["verdict"], "drop"))
        found.update(
            drops.filter(pc.is_in(drops["reason"], pa.array(sorted(DUPLICATES.values()))))["other_row_id"].to_pylist()
        )
    return found


def index_buckets(buckets: int, records: Path, left_out: Path, decisions: Mapping[str, Path]) -> Iterator[pa.Table]:
    """Yield the index bucket by bucket: every clean row, then every left-out unit, sorted by id.

    ``records``, ``left_out`` and ``decisions`` (of every gate by its name) are the folders of those tables.
    """
    for bucket in range(buckets):
        rows = read_bucket(records, bucket, ["row_id", "source", "license", "content_hash"])
        tables = {gate: read_bucket(decisions[gate], bucket) for gate in GATES}
        units = read_bucket(left_out, bucket, ["unit_id", "source", "reason"])
        yield pa.concat_tables([_rows(rows, tables, bucket), _left_out(units)])


def _rows(rows: pa.Table, decisions: Mapping[str, pa.Table], bucket: int) -> pa.Table:
    count = len(rows)
    stage, reason = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    living = np.ones(count, bool)
    for gate, table in decisions.items():
        at = positions(table["row_id"], rows["row_id"])
        entered = np.zeros(count, bool)
        entered[at] = True
        if (at < 0).any() or len(np.unique(at)) != len(at) or (entered != living).any():
            raise UserError(
                f"data/{gate}/part-{bucket:03d}.parquet does not decide on exactly the rows that were alive; "
                "run dvc repro from the start (`dvc repro -f`)."
            )
        dropped = pc.equal(table["verdict"], "drop").to_numpy(zero_copy_only=False)
        stage[at[dropped]] = gate
        reason[at[dropped]] = np.array(table["reason"].to_pylist(), dtype=object)[dropped]
        living[at[dropped]] = False
    split, repeats = np.full(count, None, dtype=object), np.zeros(count, np.int32)
    splits, mixed = decisions["split"], decisions["mix"]
    split[positions(splits["row_id"], rows["row_id"])] = np.array(splits["split"].to_pylist(), dtype=object)
    repeats[positions(mixed["row_id"], rows["row_id"])] = mixed["repeats"].to_numpy(zero_copy_only=False)
    split[~living], repeats[~living] = None, 0
    if (unlicensed := pc.is_null(rows["license"])).to_numpy(zero_copy_only=False).any():
        row_id = rows["row_id"].filter(unlicensed)[0].as_py()
        raise UserError(f"row {row_id} has no licence; name it in the entry of its source in params.yaml.")
    columns = [
        rows["row_id"],
        rows["source"],
        rows["license"],
        rows["content_hash"],
        pa.array(np.where(living, "in", "out").tolist(), pa.string()),
        pa.array(stage.tolist(), pa.string()),
        pa.array(reason.tolist(), pa.string()),
        pa.array(split.tolist(), pa.string()),
        pa.array(repeats),
    ]
    return pa.table(columns, schema=INDEX)


def _left_out(units: pa.Table) -> pa.Table:
    nothing = pa.nulls(len(units), pa.string())
    columns = [
        units["unit_id"],
        units["source"],
        nothing,
        nothing,
        pa.array(["out"] * len(units), pa.string()),
        pa.array(["normalize"] * len(units), pa.string()),
        units["reason"],
        nothing,
        pa.array(np.zeros(len(units), np.int32)),
    ]
    return pa.table(columns, schema=INDEX)


def read_index(path: Path, bucket: int | None = None, columns: list[str] | None = None) -> pa.Table:
    """Read the index at ``path``, or one bucket of it: bucket ``n`` is row group ``n``."""
    return read_table(path, columns, bucket)
