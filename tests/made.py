"""A made-up version of three rows and one quarantined unit, small enough for the examples of docstrings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.gates.chain import GATES
from winnow.records import schema
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import TableWriter, write_table

BUCKETS = 2
PARAMS = f"buckets: {BUCKETS}\nseed: 0\nsources: {{made: {{adapter: alpaca, path: made, license: CC0-1.0}}}}\n"
FACTS = pa.schema([("row_id", pa.string()), ("language", pa.string()), ("task", pa.string()), ("chars", pa.int32())])
TEXTS = {
    "made:1": ("Why do cats purr?", "They purr when they are content."),
    "made:2": ("Name a colour.", "Green is a colour."),
    "made:3": ("What is rain?", "Water."),
}
MEASURED = {"value": 1.0, "limit": 2.0}
OUT = {"status": "out", "stage": "filter", "reason": "short_response", "repeats": 0}


def write_version(folder: Path) -> Path:
    """Write the version, a repository without Git, into ``folder`` and return it."""
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (folder / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    unit: dict[str, Any] = {
        "source": "made",
        "outcome": "quarantined",
        "reason": "missing_field",
        "detail": "no instruction",
    }
    place = {"file": "data/raw/made/rows.jsonl", "line": 4, "raw": "{}"}
    left_out = [{"unit_id": "made:!0", **unit, **place}]
    _write(folder / "data/normalize/left_out", left_out, schema.LEFT_OUT)
    places = [{"row_id": row_id, "source": "made", **place, "line": n} for n, row_id in enumerate(TEXTS, 1)]
    _write(folder / "data/normalize/places", places, schema.PLACES)
    edit = {"row_id": "made:1", "field": "messages[1].content", "rule": "html", "before": "&amp;", "after": "&"}
    _write(folder / "data/clean/edits", [edit], schema.EDITS)
    _write(folder / "data/clean/records", [_record(row_id) for row_id in TEXTS], schema.RECORDS)
    _write(folder / "data/clean/matches", [], schema.MATCHES)
    facts = [{"row_id": row_id, "language": "en", "chars": len(text)} for row_id, (text, _) in TEXTS.items()]
    _write(folder / "data/annotate", facts, FACTS)
    pair = {"row_id": "made:2", "other_row_id": "made:3", "relation": "near", "similarity": 0.5}
    _write(folder / "data/neighbours/links", [pair], schema.NEIGHBOURS)
    _write(folder / "data/overlaps", [], schema.OVERLAPS)
    replies = {"samples": 1, "pending": 0, "unusable": 0}
    judged = {"row_id": "made:1", "rubric": "response", "criterion": "overall", "value": 8.0, **replies}
    label = {"row_id": "made:2", "rubric": "tags", "criterion": "task", "value": 1.0, "label": "chat", **replies}
    _write(folder / "data/judge/facts", [judged, label], schema.JUDGEMENTS)
    drop: dict[str, Any] = {
        "row_id": "made:3",
        "verdict": "drop",
        "reason": "short_response",
        "value": 1.0,
        "limit": 2.0,
    }
    keep: dict[str, Any] = {"verdict": "keep", "split": "train", "repeats": 1}
    kept = [{"row_id": row_id, **keep} for row_id in ("made:1", "made:2")]
    columns = {"score": schema.SCORES, "split": schema.SPLITS, "mix": schema.MIXES}
    for gate in GATES:
        rows = [*kept, drop] if gate == "filter" else kept
        _write(folder / f"data/{gate}", rows, columns.get(gate, schema.DECISIONS))
    with TableWriter(folder / "data/index.parquet", schema.INDEX, one_group=True) as index:
        for bucket in range(BUCKETS):
            rows = [{**_record(row_id), "status": "in", "split": "train", "repeats": 1} for row_id in TEXTS]
            rows[2] |= {**OUT, "split": None}
            rows.append({"row_id": "made:!0", **unit, **OUT, "stage": "normalize", "reason": "missing_field"})
            index.write(pa.Table.from_pylist(_of(bucket, rows, "row_id"), schema.INDEX))
    return folder


def _record(row_id: str) -> dict[str, Any]:
    turns = [{"role": role, "content": text} for role, text in zip(("user", "assistant"), TEXTS[row_id], strict=True)]
    facts = {"source": "made", "license": "CC0-1.0", "kind": "sft", "origin": "human"}
    return {"row_id": row_id, "content_hash": row_id, **facts, "messages": turns, "prompt_turns": 1, "metadata": "{}"}


def _of(bucket: int, rows: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    return [dict(row) for row in rows if bucket_of(row[key], BUCKETS) == bucket]


def _write(folder: Path, rows: Sequence[Mapping[str, Any]], columns: pa.Schema) -> None:
    for bucket in range(BUCKETS):
        mine = _of(bucket, rows, columns.names[0])
        write_table(part(folder, bucket), pa.Table.from_pylist(mine, columns), columns)
