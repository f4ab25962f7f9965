"""The whole way of one row, gathered from the bucket that holds it in every table."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import GATES
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.patches.fields import get
from winnow.patches.patch import EVERY, path_of, read
from winnow.storage.arrays import texts
from winnow.storage.buckets import bucket_of, part, read_bucket
from winnow.storage.parquet import read_rows


def _of(folder: str, bucket: int, row_id: str, column: str = "row_id") -> list[dict[str, Any]]:
    if not Path(folder).is_dir():
        return []
    rows: list[dict[str, Any]] = read_rows(part(Path(folder), bucket), column, row_id).to_pylist()
    return rows


def lineage(row_id: str) -> dict[str, Any]:
    """Return place, record, edits, facts, neighbours, judgements, decisions, outcome of a row or left-out unit.

    Raises :class:`UserError` for an id that no table holds.
    """
    buckets = read_params()["buckets"]
    bucket = bucket_of(row_id, buckets)
    if ":!" in row_id:
        units = _of("data/normalize/left_out", bucket, row_id, "unit_id")
        if not units:
            raise _unknown(row_id)
        return {"row_id": row_id, "left_out": units[0], "outcome": {"status": "out", "stage": "normalize"}}
    records = _of("data/clean/records", bucket, row_id)
    if not records:
        raise _unknown(row_id)
    decisions = {gate: found[0] for gate in GATES if (found := _of(f"data/{gate}", bucket, row_id))}
    facts = _of("data/annotate", bucket, row_id)
    judgements = _of("data/judge/facts", bucket, row_id)
    return {
        "row_id": row_id,
        "places": _of("data/normalize/places", bucket, row_id),
        "record": records[0],
        "patches": _patches(records[0]),
        "edits": _of("data/clean/edits", bucket, row_id),
        "facts": {name: value for name, value in facts[0].items() if name != "row_id"} if facts else {},
        "neighbours": _of("data/neighbours", bucket, row_id) + _neighbours_from(row_id, buckets),
        "overlaps": _of("data/overlaps", bucket, row_id),
        "judgements": judgements,
        "replies": _told(records[0], facts[0]["language"]) if judgements and facts else [],
        "decisions": decisions,
        "outcome": _outcome(decisions),
    }


def _told(record: dict[str, Any], language: str) -> list[dict[str, Any]]:
    from winnow.judging.told import told

    return told(record, language, read_params())


def _patches(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what people wrote about the row and about its whole source; an edit that the record does not show is
    stale, or newer than the last run.
    """
    found = []
    for name in (record["row_id"], record["source"] + EVERY):
        if (file := path_of(name)).is_file():
            patch = read(file)
            left_out = [field for field, edit in patch.edits.items() if get(record, field) != edit.to]
            about = {"row_id": name, "file": file.as_posix(), "author": patch.author, "reason": patch.reason}
            what = {"fields": list(patch.edits), "left_out": left_out, "drop": patch.drop, "tags": list(patch.tags)}
            found.append({**about, **what})
    return found


def outcome_of(row_id: str) -> dict[str, Any]:
    """Return whether a row is in, with its split, or out, with stage and reason."""
    bucket = bucket_of(row_id, read_params()["buckets"])
    return _outcome({gate: found[0] for gate in GATES if (found := _of(f"data/{gate}", bucket, row_id))})


def _neighbours_from(row_id: str, buckets: int) -> list[dict[str, Any]]:
    """Return the links that other rows have to this one; they stand in the buckets of those rows."""
    if not Path("data/neighbours").is_dir():
        return []
    tables = [read_bucket("data/neighbours", bucket) for bucket in range(buckets)]
    table = pa.concat_tables(tables)
    return table.filter(pc.equal(table["other_row_id"], texts([row_id])[0])).to_pylist()


def _outcome(decisions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    for gate, decision in decisions.items():
        if decision["verdict"] == "drop":
            return {"status": "out", "stage": gate, "reason": decision["reason"]}
    if GATES[-1] not in decisions:
        return {"status": "undecided"}
    return {"status": "in", "split": decisions["split"]["split"], "repeats": decisions["mix"]["repeats"]}


def _unknown(row_id: str) -> UserError:
    source = row_id.split(":", 1)[0]
    known = read_params().get("sources") or {}
    if source not in known:
        return UserError(f"no row {row_id}: there is no source {source!r} (a row id is <source>:<key>).")
    return UserError(
        f"no row {row_id} in this version; data/index.parquet lists all of them (run dvc repro if it is old)."
    )
