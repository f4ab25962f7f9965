"""Checks of receipts against ``dvc.lock``: DVC must record the inputs and settings that a stage really worked on.

DVC hashes inputs when a stage has ended. It records as up to date what was edited, or came with another branch, just
before, and old outputs that ``dvc checkout`` brought back during the run; the stage's own receipt shows the difference.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from winnow.integrity.finding import Finding
from winnow.integrity.lock import Lock, entries
from winnow.integrity.trees import entry_hash

RECEIPTS = Path("data/receipts")


def receipts(lock: Lock) -> list[Finding]:
    """Find stages whose receipt names other inputs, settings or outputs than ``dvc.lock``."""
    findings = []
    for stage in sorted(lock):
        file = RECEIPTS / f"{stage}.json"
        if not file.is_file():
            continue  # a missing output, which is a finding of its own
        try:
            receipt = json.loads(file.read_text(encoding="utf-8"))
            problem = _contradiction(stage, receipt, lock)
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = f"{file} is no receipt"
        if problem:
            findings.append(Finding("receipts", problem, f"run `dvc repro --force {stage}`, then dvc repro"))
    return findings


def old_index() -> str | None:
    """Return which table is newer than the index, as the receipts say; ``None`` where none is.

    DVC keeps the last index while the stage ``index`` runs. It fails where the release would be empty, and then the
    tables of all other stages are of a version that has no index.
    """
    outputs: dict[str, str] = {}
    try:
        inputs = json.loads((RECEIPTS / "index.json").read_text(encoding="utf-8"))["inputs"]
        for file in sorted(RECEIPTS.glob("*.json")):
            outputs |= json.loads(file.read_text(encoding="utf-8"))["outputs"]
        newer = sorted(path for path, md5 in inputs.items() if outputs.get(path, md5) != md5)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # missing or damaged, which is a finding of its own
    return f"data/index.parquet is of an earlier run than {newer[0]}: it shows the last release" if newer else None


def _contradiction(stage: str, receipt: Mapping[str, Any], lock: Lock) -> str | None:
    for _, path, md5 in entries(lock, "deps", stage):
        if entry_hash(path, receipt["inputs"]) != md5:
            return f"dvc.lock records another {path} than stage {stage} read"
    for _, path, md5 in entries(lock, "outs", stage):
        if path != f"{RECEIPTS}/{stage}.json" and entry_hash(path, receipt["outputs"]) != md5:
            return f"dvc.lock records another {path} than stage {stage} wrote"
    params = lock[stage].get("params", {}).get("params.yaml", {})
    recorded = {name: value for name, value in params.items() if name != stage} | (params.get(stage) or {})
    for name in sorted(recorded.keys() & receipt["settings"].keys()):
        in_lock, in_receipt = recorded[name], receipt["settings"][name]
        if type(in_lock) is type(in_receipt) and in_lock != in_receipt:  # of another type it was converted: `off` to 0
            return f"dvc.lock records another setting {name} than stage {stage} had"
    return None
