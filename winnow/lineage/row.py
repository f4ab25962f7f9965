"""The way of one row through a version, gathered from the bucket that holds it in every table."""

import json
from typing import Any

import pyarrow.compute as pc

from winnow.gates.chain import GATES
from winnow.harness.errors import UserError
from winnow.patches.fields import get
from winnow.patches.patch import EVERY, path_of, read
from winnow.storage.arrays import texts
from winnow.storage.parquet import read_table
from winnow.versions.outputs import Outputs

_PATCHES = "data/patches"


def lineage(version: Outputs, row_id: str) -> dict[str, Any]:
    """Return place, record, edits, facts, neighbours, judgements, decisions, outcome of a row or left-out unit.

    Raises :class:`UserError` for an id that no table of the version holds.
    """
    if ":!" in row_id:
        units = version.rows("data/normalize/left_out", row_id, "unit_id")
        if not units:
            raise _unknown(version, row_id)
        return {"row_id": row_id, "left_out": units[0], "outcome": {"status": "out", "stage": "normalize"}}
    records = version.rows("data/clean/records", row_id)
    if not records:
        raise _unknown(version, row_id)
    decisions = _decisions(version, row_id)
    if (other := decisions.get("deduplicate", {}).get("other_row_id")) is not None:
        decisions["deduplicate"]["survivor"] = outcome_of(version, other)
    facts = version.rows("data/annotate", row_id)
    return {
        "row_id": row_id,
        "places": version.rows("data/normalize/places", row_id),
        "record": records[0],
        "patches": _patches(version, records[0]),
        "edits": version.rows("data/clean/edits", row_id),
        "facts": {name: value for name, value in facts[0].items() if name != "row_id"} if facts else {},
        "neighbours": version.rows("data/neighbours/links", row_id) + _neighbours_from(version, row_id),
        "overlaps": version.rows("data/overlaps", row_id),
        "judgements": version.rows("data/judge/facts", row_id),
        "written": _written(version, records[0]),
        "made": _made(records[0]),
        "constraints": _constraints(records[0]),
        "replies": _replies(version, {**facts[0], **records[0]}) if facts else [],
        "decisions": decisions,
        "outcome": _outcome(decisions),
    }


def outcome_of(version: Outputs, row_id: str) -> dict[str, Any]:
    """Return whether a row is in, with its split, or out, with stage and reason."""
    return _outcome(_decisions(version, row_id))


def _decisions(version: Outputs, row_id: str) -> dict[str, dict[str, Any]]:
    return {gate: rows[0] for gate in GATES if (rows := version.rows(f"data/{gate}", row_id))}


def _outcome(decisions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    for gate, decision in decisions.items():
        if decision["verdict"] == "drop":
            return {"status": "out", "stage": gate, "reason": decision["reason"]}
    if GATES[-1] not in decisions:
        return {"status": "undecided"}
    return {"status": "in", "split": decisions["split"]["split"], "repeats": decisions["mix"]["repeats"]}


def _replies(version: Outputs, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what models said about a row, word by word, to every stage that asks."""
    from winnow.replies.registry import asking_stages, open_stage

    stages = asking_stages(version.root / "dvc.yaml")
    opened = (open_stage(name, path, version.params, version.tracked) for name, path in stages.items())
    return [reply for stage in opened for reply in stage.replies(row)]


def _written(version: Outputs, record: dict[str, Any]) -> dict[str, Any]:
    """Return how a model wrote the row: method, roles of its parents, acceptance facts, rows that it is like."""
    if record["origin"] != "generated" or not version.has("data/novelty/candidates"):
        return {}
    made = version.rows("data/novelty/candidates", record["row_id"])
    if not made:
        return {}
    about = json.loads(record["metadata"])
    return {
        **made[0],
        **{name: about.get(name) for name in ("roles", "written_by", "output_terms", "method_version", "slot")},
        "checks": version.rows("data/novelty/checks", record["row_id"]),
        "alike": version.rows("data/novelty/pairs", record["row_id"]),
    }


def _made(record: dict[str, Any]) -> dict[str, Any]:
    """Return how a row was made from others without a model: plan, method and the roles of its parents."""
    about = json.loads(record["metadata"]) if record["origin"] == "augmented" else {}
    wanted = ("plan", "method", "roles")
    return {name: about[name] for name in wanted} if all(name in about for name in wanted) else {}


def _constraints(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the constraints that a method wrote into the prompt, and whether the reply meets each."""
    from winnow.constraints.check import CONSTRAINTS, carried, met

    if f'"{CONSTRAINTS}":' not in record["metadata"]:
        return []
    some = carried(json.loads(record["metadata"]))
    kept = met([record["messages"][-1]["content"]] * len(some), some).tolist()
    return [{**one.value(), "met": held} for one, held in zip(some, kept, strict=True)]


def _patches(version: Outputs, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what people wrote about the row and about its whole source; an edit that the record does not show is
    stale, or newer than the last run.
    """
    patches = []
    folder = version.tracked(_PATCHES)
    for name in (record["row_id"], record["source"] + EVERY):
        if (file := path_of(name, folder)).is_file():
            patch = read(file, folder)
            left_out = [field for field, edit in patch.edits.items() if get(record, field) != edit.to]
            path = f"{_PATCHES}/{file.relative_to(folder).as_posix()}"
            about = {"row_id": name, "file": path, "author": patch.author, "reason": patch.reason}
            what = {"fields": list(patch.edits), "left_out": left_out, "drop": patch.drop, "tags": list(patch.tags)}
            patches.append({**about, **what})
    return patches


def _neighbours_from(version: Outputs, row_id: str) -> list[dict[str, Any]]:
    """Return the links that other rows have to this one; they stand in the buckets of those rows."""
    if not version.has("data/neighbours/links"):
        return []
    wanted, links = texts([row_id])[0], list[dict[str, Any]]()
    for bucket in range(version.buckets):
        table = read_table(version.part("data/neighbours/links", bucket))
        links += table.filter(pc.equal(table["other_row_id"], wanted)).to_pylist()
    return links


def _unknown(version: Outputs, row_id: str) -> UserError:
    source = row_id.split(":", 1)[0]
    if source not in (version.params.get("sources") or {}):
        return UserError(f"no row {row_id}: there is no source {source!r} (a row id is <source>:<key>).")
    return UserError(
        f"no row {row_id} in this version; data/index.parquet lists all of them (run dvc repro if it is old)."
    )
