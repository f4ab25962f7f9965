"""Checks of the tables: the conservation law over all stages, and licences."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import GATES
from winnow.harness.errors import UserError
from winnow.harness.processes import map_buckets
from winnow.harness.settings import read_params
from winnow.integrity.finding import Finding
from winnow.storage.buckets import read_bucket
from winnow.storage.parquet import read_table

REPRO = "run `dvc repro --force`"
INDEX = Path("data/index.parquet")
Counts = Counter[str]


def conservation() -> list[Finding]:
    """Compare the rows of all tables: every stage has the rows of the one before it, every gate those that the gate
    before it kept, the index each row and each left-out unit once, and the metrics the same counts.
    """
    problems: list[str] = []
    counts: Counts = Counter()
    try:
        for problems_of_bucket, counts_of_bucket in map_buckets(_bucket, range(read_params()["buckets"])):
            problems += problems_of_bucket
            counts += counts_of_bucket
        problems += _metrics(counts)
    except UserError as error:
        problems.append(str(error).rstrip("."))
    return [Finding("conservation", problem, REPRO) for problem in problems]


def _bucket(bucket: int) -> tuple[list[str], Counts]:
    def ids(folder: str, column: str = "row_id") -> pa.Array:
        return read_bucket(folder, bucket, [column])[column].combine_chunks()

    name, problems, counts = f"part-{bucket:03d}.parquet", [], Counts()
    read, left_out = ids("data/normalize/records"), ids("data/normalize/left_out", "unit_id")
    counts.update({"rows": len(read), "left_out": len(left_out)})
    rows = pa.concat_arrays([read, ids("data/augment/records")])
    rows = rows.take(pc.sort_indices(rows))
    for folder in ("data/clean/records", "data/annotate"):
        if not ids(folder).equals(rows):
            problems.append(f"{folder}/{name} has other rows than normalize and augment wrote")
    kept = rows
    for gate in GATES:
        table = read_bucket(f"data/{gate}", bucket, ["row_id", "verdict"]).combine_chunks()
        if not table["row_id"].combine_chunks().equals(kept):
            problems.append(f"data/{gate}/{name} does not decide on the rows that were alive")
        kept = table["row_id"].filter(pc.equal(table["verdict"], "keep")).combine_chunks()
        counts.update({f"{gate} in": len(table), f"{gate} out": len(kept)})
    index = read_table(INDEX, ["row_id", "status"], bucket)
    if not index["row_id"].combine_chunks().equals(pa.concat_arrays([rows, left_out])):
        problems.append(f"{INDEX} does not name each row and each left-out unit of bucket {bucket} once")
    if not index["row_id"].filter(pc.equal(index["status"], "in")).combine_chunks().equals(kept):
        problems.append(f"{INDEX} has other rows in than the gates kept in bucket {bucket}")
    return problems, counts


def _metrics(counts: Counts) -> list[str]:
    problems = []
    metrics = _read("normalize")
    if metrics["raw_units"] != metrics["used"] + metrics["skipped"] + metrics["quarantined"]:
        problems.append("metrics/normalize.json: raw units are not used + skipped + quarantined")
    if (metrics["rows"], metrics["skipped"] + metrics["quarantined"]) != (counts["rows"], counts["left_out"]):
        problems.append("metrics/normalize.json counts other rows than the tables hold")
    for gate in GATES:
        metrics = _read(gate)
        if metrics["rows_in"] != metrics["rows_out"] + sum(metrics["dropped"].values()):
            problems.append(f"metrics/{gate}.json: rows in are not rows out + dropped")
        if (metrics["rows_in"], metrics["rows_out"]) != (counts[f"{gate} in"], counts[f"{gate} out"]):
            problems.append(f"metrics/{gate}.json counts other rows than the tables hold")
    return problems


def _read(stage: str) -> dict[str, Any]:
    try:
        metrics: dict[str, Any] = json.loads(Path(f"metrics/{stage}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"metrics/{stage}.json cannot be read ({error}).") from None
    return metrics


def licences() -> list[Finding]:
    """Find released rows without a licence, by source."""
    try:
        index = read_table(INDEX, ["source", "license", "status"])
    except UserError as error:
        return [Finding("licences", str(error).rstrip("."), REPRO)]
    without = pc.or_kleene(pc.is_null(index["license"]), pc.equal(index["license"], ""))
    bare = index.filter(pc.and_(without, pc.equal(index["status"], "in")))
    return [
        Finding(
            "licences",
            f"{rows:,} released rows of {source} have no licence",
            f"name it in sources.{source}.license of params.yaml, then run dvc repro",
        )
        for source, rows in sorted(Counter(bare["source"].to_pylist()).items())
    ]
