"""A small release in which every text is a payload, in the files that earlier stages write."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from tests.report.payloads import payload
from winnow.facts.schema import FACTS
from winnow.gates.chain import GATES
from winnow.records.schema import (
    DECISIONS,
    EDITS,
    INDEX,
    LEFT_OUT,
    MIXES,
    NEIGHBOURS,
    OVERLAPS,
    PLACES,
    RECORDS,
    SCORES,
    SPLITS,
)
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import TableWriter, write_table

BUCKETS = 2
EVIL = 'so<b onclick="x">urce'
LANGUAGES = ("zh", "en", "und", '"><script>')
SECRET = "what was taken down"
TAGS = ("task", "domain", "difficulty", "form")

Rows = list[dict[str, Any]]


def build(root: Path, rows: int = 400, without: tuple[str, ...] = ()) -> None:
    """Write data, metrics and settings for ``rows`` rows; facts lack the columns ``without``."""
    ids = [f"{EVIL if n % 9 == 0 else 'src'}:{n}{payload(n) if n % 7 == 0 else ''}" for n in range(rows)]
    decisions = _decisions(ids)
    units = _units(40 if rows else 0)
    data = root / "data"
    _write(data / "clean/records", RECORDS, _records(ids))
    _write(data / "clean/edits", EDITS, _edits(ids))
    _write(data / "annotate", pa.schema([one for one in FACTS if one.name not in without]), _facts(ids))
    _write(data / "normalize/places", PLACES, _places(ids))
    _write(data / "normalize/left_out", LEFT_OUT, units, key="unit_id")
    _write(data / "neighbours/links", NEIGHBOURS, _neighbours(ids))
    _write(data / "overlaps", OVERLAPS, _overlaps(ids))
    schemas = {"score": SCORES, "split": SPLITS, "mix": MIXES}
    for gate in GATES:
        _write(data / gate, schemas.get(gate, DECISIONS), decisions[gate])
    _write_index(root / "data/index.parquet", _index(ids, decisions), units)
    _write_metrics(root / "metrics", rows, len(units))
    _write_settings(root)


def _write(folder: Path, schema: pa.Schema, rows: Rows, key: str = "row_id") -> None:
    parts = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[key]):
        parts[bucket_of(row[key], BUCKETS)].append(row)
    for bucket in range(BUCKETS):
        write_table(part(folder, bucket), pa.Table.from_pylist(parts[bucket], schema), schema)


def _records(ids: list[str]) -> Rows:
    texts = (payload(n) for n in count())
    return [_record(n, row_id, texts) for n, row_id in enumerate(ids)]


def _record(n: int, row_id: str, texts: Iterator[str]) -> dict[str, Any]:
    turn = dict.fromkeys(("reasoning", "tool_calls", "tool_call_id", "train"))
    calls = [{"id": None, "name": next(texts), "arguments": next(texts)}] if n % 50 == 0 else None
    messages = [
        {"role": "user", "content": SECRET if taken_down(n) else next(texts), **turn},
        {"role": "assistant", "content": next(texts), **turn, "tool_calls": calls},
    ]
    return {
        **dict.fromkeys(RECORDS.names),
        "row_id": row_id,
        "content_hash": "0",
        "source": row_id.split(":", 1)[0],
        "license": "<i>CC</i>",
        "kind": "sft",
        "origin": "human",
        "parents": [],
        "messages": messages,
        "prompt_turns": 1,
        "metadata": "{}",
        "context": next(texts),
    }


def _facts(ids: list[str]) -> Rows:
    empty = {one.name: _empty(one.type) for one in FACTS}
    return [{**empty, **_fact(n, row_id)} for n, row_id in enumerate(ids)]


def _empty(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return []
    return "" if pa.types.is_string(kind) else pa.scalar(0).cast(kind).as_py()


def _fact(n: int, row_id: str) -> dict[str, Any]:
    language = LANGUAGES[n % 4]
    return {
        "row_id": row_id,
        "source": row_id.split(":", 1)[0],
        "kind": "sft",
        "turns": 2,
        "calls_tool": False,
        "offers_tools": False,
        **dict.fromkeys(("language", "instruction_language", "response_language"), language),
        "prompt_length": 30.0,
        "response_length": float(n),
        "answer_length": float(n),
        "total_length": 99.0,
        "est_tokens": 5,
        "margin": None,
        "rating": float(n % 5) if n % 3 == 0 else None,
        "asks_text": True,
        "flags": [["refusal"], ["refusal_weak"], [payload(5)], [], [], [], []][n % 7],
        **{name: payload(n % 3) if n % 5 == 0 else f"{name}_{n % 4}" for name in TAGS},
    }


def taken_down(n: int) -> bool:
    """Whether row ``n`` was taken down."""
    return n == 4


def _decisions(ids: list[str]) -> dict[str, Rows]:
    """Return the decisions of each gate: 72 rows leave at each of the first five, 30 at the mix, as far as they go."""
    decided: dict[str, Rows] = {gate: [] for gate in GATES}
    for n, row_id in enumerate(ids):
        out = _drop(n, ids)
        for gate, decisions in decided.items():
            why = out[1] if out and out[0] == gate else {}
            row = {**dict.fromkeys(DECISIONS.names), "row_id": row_id, "verdict": "drop" if why else "keep", **why}
            extra: dict[str, Any] = {
                "score": {"score": 0.3 if why else 0.5 + n % 50 / 100},
                "split": {"split": "train"},
                "mix": {"repeats": 0 if why else 1 + (n % 50 == 0)},
            }
            decisions.append({**row, **extra.get(gate, {})})
            if why:
                break
    return decided


def _drop(n: int, ids: list[str]) -> tuple[str, dict[str, Any]] | None:
    last = ids[len(ids) - 1 - n % 20]
    if taken_down(n):
        return "filter", {"reason": "takedown", "detail": "A. Person: asked for it"}
    drops = (
        ("filter", {"reason": "short_response", "value": float(n), "limit": 90.0, "detail": payload(n)}),
        ("deduplicate", {"reason": "near_duplicate", "value": 0.9, "limit": 0.8, "other_row_id": last}),
        ("decontaminate", {"reason": payload(3), "value": 0.7, "limit": 0.5, "other_row_id": f"b:{payload(n)}"}),
        ("score", {"reason": "low_score", "value": 0.3, "limit": 0.5, "detail": "low_response_accuracy"}),
        ("split", {"reason": "near_train", "limit": 0.7, "other_row_id": last, "detail": "test"}),
    )
    if n < 72 * len(drops):
        return drops[n // 72]
    mixed = {"reason": "over_share", "value": float(n), "limit": 10.0, "detail": f"source={payload(n)}"}
    return ("mix", mixed) if n < len(ids) - 10 else None


def _edits(ids: list[str]) -> Rows:
    return [
        {
            "row_id": row_id,
            "field": f"messages[{payload(n)}]",
            "rule": ("whitespace", "<s>rule</s>")[n % 2],
            "before": SECRET if taken_down(n) else f"{payload(n)}  \u200b{payload(n + 1)} 之前",
            "after": payload(n + 2),
        }
        for n, row_id in enumerate(ids[:60])
    ]


def _places(ids: list[str]) -> Rows:
    return [
        {"row_id": row_id, "source": row_id.split(":", 1)[0], "file": f"data/raw/<u>{n}.json", "line": n}
        for n, row_id in enumerate(ids)
    ]


def _units(many: int) -> Rows:
    return [
        {
            "unit_id": f"src:!{n:032x}",
            "source": "src",
            "outcome": ("quarantined", "skipped")[n % 2],
            "reason": "invalid_json",
            "detail": payload(n),
            "file": payload(n),
            "line": n,
            "raw": json.dumps({"a": payload(n), "long": "长" * 400 * (n % 2)}, ensure_ascii=False),
        }
        for n in range(many)
    ]


def _neighbours(ids: list[str]) -> Rows:
    near = {"relation": "near", "similarity": 0.75}
    return [{"row_id": row_id, "other_row_id": ids[-2], **near} for row_id in ids[-1:]]


def _overlaps(ids: list[str]) -> Rows:
    overlap = {
        "benchmark": "<q>",
        "item": payload(0),
        "side": "reply",
        "measure": "8-gram",
        "overlap": 0.4,
        "longest_run": 9,
    }
    return [{"row_id": row_id, **overlap} for row_id in ids[-3:-2]]


def _index(ids: list[str], decisions: dict[str, Rows]) -> Rows:
    outs = {row["row_id"]: (gate, row) for gate, rows in decisions.items() for row in rows if row["verdict"] == "drop"}
    drawn = {row["row_id"]: row["repeats"] for row in decisions["mix"]}
    index = []
    for row_id in ids:
        gate, row = outs.get(row_id, (None, {"reason": None}))
        index.append(
            {
                "row_id": row_id,
                "source": row_id.split(":", 1)[0],
                "license": "<i>CC</i>",
                "content_hash": "0",
                "status": "out" if gate else "in",
                "stage": gate,
                "reason": row["reason"],
                "split": None if gate else "train",
                "repeats": drawn.get(row_id, 0),
            }
        )
    return index


def _write_index(path: Path, rows: Rows, units: Rows) -> None:
    empty = {**dict.fromkeys(INDEX.names), "status": "out", "stage": "normalize", "repeats": 0}
    rows = rows + [
        {**empty, "row_id": unit["unit_id"], "source": unit["source"], "reason": unit["reason"]} for unit in units
    ]
    with TableWriter(path, INDEX, one_group=True) as writer:
        for bucket in range(BUCKETS):
            mine = [row for row in rows if bucket_of(row["row_id"], BUCKETS) == bucket]
            writer.write(pa.Table.from_pylist(sorted(mine, key=lambda row: row["row_id"]), INDEX))


def _write_metrics(metrics: Path, rows: int, units: int) -> None:
    plots = metrics / "plots"
    for stage in ("normalize", "augment", "overlaps", "propose", "decontaminate", "judge", "mix"):
        (plots / stage).mkdir(parents=True)
    lines = [f"src,used,,{rows}", f"src,quarantined,invalid_json,{units // 2}", f"src,skipped,x,{units // 2}"]
    _write_csv(plots / "normalize/units.csv", ["source,outcome,reason,units", *lines])
    _write_csv(plots / "mix/coverage.csv", ["task,domain,rows,draws", "<u>t</u>,<u>d</u>,7,7", "<u>t</u>,law,0,0"])
    head = "dimension,value,share,share_drawn,met,asked,drawn,short_by,rows"
    _write_csv(plots / "mix/targets.csv", [head, "task,<u>t</u>,0.5,0.2,no,20,8,12,8", "task,x,0.5,0.8,yes,20,32,0,40"])
    lines = ["<r>,<c>,7,3", "<r>,<c>,7.5,2", "<r>,overall,1,5", "pair,preferred,tie,2", "tags,task,<t>,4"]
    _write_csv(plots / "judge/verdicts.csv", ["rubric,criterion,value,rows", *lines])
    _write_csv(plots / "judge/requests.csv", ["rubric,outcome,requests", "<r>,ok,5", "<r>,out_of_range,1", "<r>,<o>,1"])
    _write_csv(plots / "judge/models.csv", ["model,replies", "<script>m</script>,6"])
    canaries = {"canaries": {"sessions": 1, "replies": 4, "off": 1}}
    (metrics / "judge.json").write_text(json.dumps(canaries), encoding="utf-8")
    head = "benchmark,title,license,kind,items,rows"
    _write_csv(plots / "overlaps/benchmarks.csv", [head, "<q>,<b>Q</b>,<i>MIT</i>,public,3,1"])
    _write_csv(plots / "decontaminate/benchmarks.csv", ["benchmark,rows", "<q>,1"])
    head = (
        "plan,method,round,model,target,slots,replies,parsed,accepted,waiting,pending,prompt_tokens,completion_tokens"
    )
    _write_csv(plots / "propose/rounds.csv", [f"{head},state", "<p>,<m>,1,<script>m</script>,9,9,9,8,7,0,0,90,80,<s>"])
    _write_csv(plots / "augment/constraints.csv", ["plan,task,language,constraint,rows", "<p>,<t>,<l>,<c>,3"])
    _write_csv(plots / "propose/slots.csv", ["plan,method,round,operator,outcome,slots", "<p>,<m>,1,<o>,<r>,2"])
    (metrics / "annotate.json").write_text(json.dumps({"audit": {"agreement": 0.9, "rows": 9}}), encoding="utf-8")


def _write_csv(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _write_settings(root: Path) -> None:
    settings = {
        "buckets": BUCKETS,
        "report": {"examples": 3},
        "export": {"name": "</title><script>名字</script>"},
        "filter": {
            "short_response": {"zh": 90, "default": 90},
            "refusal": False,
            "long_response": 20_000,
            "echo": True,
        },
        "sources": {"src": {"adapter": "<a>", "license": "other", "license_name": payload(1)}},
    }
    (root / "params.yaml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    stage = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["report"]
    stage["deps"] = [path for path in stage["deps"] if path.startswith(("data/", "metrics/"))]  # no code is here
    (root / "dvc.yaml").write_text(json.dumps({"stages": {"report": stage}}), encoding="utf-8")
