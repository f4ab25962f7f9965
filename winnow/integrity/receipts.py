"""Receipts against ``dvc.lock``: whether the inputs and settings that DVC records are those that a stage worked on.

DVC looks at inputs when a stage has ended. A file edited or a branch switched just before, or ``dvc checkout`` of old
outputs during the run, is recorded as up to date; the stage's own receipt knows better.
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
    """Find stages whose receipt tells of other inputs, settings or outputs than ``dvc.lock``."""
    found = []
    for stage in sorted(lock):
        file = RECEIPTS / f"{stage}.json"
        if not file.is_file():
            continue  # a missing output, which is a finding of its own
        try:
            receipt = json.loads(file.read_text(encoding="utf-8"))
            told = _contradiction(stage, receipt, lock)
        except (ValueError, KeyError, TypeError, AttributeError):
            told = f"{file} is no receipt"
        if told:
            found.append(Finding("receipts", told, f"run `dvc repro --force {stage}`, then dvc repro"))
    return found


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
        before, had = recorded[name], receipt["settings"][name]
        if type(before) is type(had) and before != had:  # of another type it was converted: `off` to 0
            return f"dvc.lock records another setting {name} than stage {stage} had"
    return None
