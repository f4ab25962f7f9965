"""The difference of two versions as plain data: counts by source, language, task and reason, and examples."""

import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stages.gates.decisions import GATES
from stages.harness.errors import UserError
from stages.storage.buckets import bucket_of, positions
from stages.versions.compare import CHANGES, COLUMNS, Comparison, compare
from stages.versions.fields import field_changes
from stages.versions.revisions import Version

INDEX = "data/index.parquet"
_GROUPS = ("source", "language", "task")


def difference(a: Version, b: Version, examples: int) -> dict[str, Any]:
    """Return what changed from version ``a`` to ``b``: ``counts``, ``by`` (source, language, task, reason),
    ``replaced`` (rows whose source says the same prompt under a new key) and up to ``examples`` rows of each change.

    Everything is sorted, so that equal versions give equal text.
    """
    if a.file(INDEX).samefile(b.file(INDEX)):
        found = compare(a.table(INDEX, COLUMNS).slice(0, 0), b.table(INDEX, COLUMNS).slice(0, 0))
        unchanged = int(pc.sum(pc.equal(b.table(INDEX, ["status"])["status"], "in")).as_py() or 0)
    else:
        with ThreadPoolExecutor(2) as pool:  # reading lets other threads run
            found = compare(*pool.map(lambda one: one.table(INDEX, COLUMNS), (a, b)))
        unchanged = found.unchanged
    facts = _facts(found, a, b)
    replaced = _replaced(found, facts)
    by: dict[str, dict[str, dict[str, int]]] = {group: {} for group in (*_GROUPS, "reason")}
    for change in CHANGES:
        rows = found.table(change)
        if len(rows):
            by["source"][change] = _counted(rows["source"])
            for group in ("language", "task"):
                by[group][change] = _counted(facts[change][group])
    if len(found.after["removed"]):
        by["reason"]["removed"] = _counted(found.table("removed")["reason"])
    if len(found.before["restored"]):
        by["reason"]["restored"] = _counted(found.a["reason"].take(pa.array(found.before["restored"])))
    return {
        "a": a.name,
        "b": b.name,
        "counts": {**found.counts(), "replaced": len(replaced), "unchanged": unchanged},
        "by": by,
        "replaced": [list(pair) for pair in replaced[:examples]],
        "examples": {change: _examples(change, found, a, b, examples) for change in CHANGES},
    }


def _counted(values: pa.ChunkedArray | pa.Array) -> dict[str, int]:
    counts = Counter({row["values"] or "": row["counts"] for row in pc.value_counts(values).to_pylist()})
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _facts(found: Comparison, a: Version, b: Version) -> dict[str, pa.Table]:
    """Return language, task and prompt key of the changed rows, by change, in the order of the rows."""
    out = {}
    wanted = {change: found.ids(change) for change in CHANGES}
    sides = ((a, ("gone",)), (b, tuple(change for change in CHANGES if change != "gone")))
    ids = [pc.unique(pa.concat_arrays([wanted[change] for change in changes])) for _, changes in sides]
    with ThreadPoolExecutor(2) as pool:
        read = pool.map(_facts_of, (a, b), ids)
        for (_, changes), facts in zip(sides, read, strict=True):
            for change in changes:
                out[change] = facts.take(pa.array(positions(wanted[change], facts["row_id"])))
    return out


def _facts_of(version: Version, ids: pa.Array) -> pa.Table:
    names = ["row_id", "language", "task", "prompt_key"]
    schema = pa.schema([(name, pa.string()) for name in names])
    tables = [schema.empty_table()]
    for bucket in sorted({bucket_of(row_id, version.buckets) for row_id in ids.to_pylist()}):
        table = version.bucket("data/annotate", bucket, names)
        for name in names:
            if name not in table.column_names:  # a version made before the fact was
                table = table.append_column(name, pa.nulls(len(table), pa.string()))
        tables.append(table.select(names).filter(pc.is_in(table["row_id"], value_set=ids)).cast(schema))
    return pa.concat_tables(tables)


def _replaced(found: Comparison, facts: dict[str, pa.Table]) -> list[tuple[str, str]]:
    """Return (old id, new id) of rows that went and came with the same source and the same opening prompt."""
    gone: dict[tuple[str, str], list[str]] = {}
    for row, source in zip(facts["gone"].to_pylist(), found.table("gone")["source"].to_pylist(), strict=True):
        gone.setdefault((source, row["prompt_key"]), []).append(row["row_id"])
    pairs = []
    for row, source in zip(facts["added"].to_pylist(), found.table("added")["source"].to_pylist(), strict=True):
        if row["prompt_key"] is not None and (old := gone.get((source, row["prompt_key"]))):
            pairs.append((old.pop(0), row["row_id"]))
    return sorted(pairs)


def lot(row_id: str) -> bytes:
    """Return what a row draws when some of many are shown: a hash of its id, so that every run shows the same."""
    return hashlib.blake2b(row_id.encode(), digest_size=8, person=b"diff").digest()


def _examples(change: str, found: Comparison, a: Version, b: Version, count: int) -> list[dict[str, Any]]:
    before, after = found.before[change], found.after[change]
    ids = found.ids(change).to_pylist()
    chosen = sorted(range(len(ids)), key=lambda at: lot(ids[at]))[:count]
    return sorted(
        (_example(change, found, a, b, int(before[at]), int(after[at])) for at in chosen), key=lambda one: one["row_id"]
    )


def _example(change: str, found: Comparison, a: Version, b: Version, before: int, after: int) -> dict[str, Any]:
    old = found.a.slice(before, 1).to_pylist()[0] if before >= 0 else None
    new = found.b.slice(after, 1).to_pylist()[0] if after >= 0 else None
    row_id = (new or old or {})["row_id"]
    shown: dict[str, Any] = {"row_id": row_id}
    if change == "edited":
        shown["fields"] = field_changes(record(a, row_id), record(b, row_id))
    elif change == "moved" and old and new:
        shown["split"] = [old["split"], new["split"]]
    elif change == "reweighted" and old and new:
        shown["repeats"] = [old["repeats"], new["repeats"]]
    else:
        shown["text"] = _opening(record(a if change == "gone" else b, row_id))
    if change == "removed" and new:
        shown |= _decision(b, new["stage"], row_id)
    if change == "restored" and old:
        shown["reason_before"] = old["reason"]
    return shown


def record(version: Version, row_id: str) -> dict[str, Any]:
    """Return the clean record of a row in a version."""
    if (found := version.row("data/clean/records", row_id)) is None:
        raise UserError(f"{version.name}: data/index.parquet names {row_id} and data/clean/records has no such row.")
    return found


def _decision(version: Version, stage: str, row_id: str) -> dict[str, Any]:
    row = version.row(f"data/{stage}", row_id) if stage in GATES else None
    kept = ("reason", "value", "limit", "other_row_id", "detail")
    return {"stage": stage, **{name: row[name] for name in kept if row and row[name] is not None}}


def _opening(row: dict[str, Any]) -> str:
    turns = [turn["content"] for turn in row["messages"] if turn["role"] == "user"]
    return turns[0] if turns else ""
