"""Rows made without a model, from the demo's rows to a release: licences, splits, conservation, ``winnow why``."""

import json
import sys

import pytest

from tests.conftest import Clone
from tests.constraints.again import holds
from winnow.storage.buckets import read_all

PLAN = "  plans: {harder: {method: constrain, rows: 12, share: 1.0, of_kind: 0.5, common: 0.9}}\n"
WHY = (sys.executable, "-c", "from winnow.cli.main import main; main()")


@pytest.mark.slow
@pytest.mark.pipeline
def test_rows_with_constraints_reach_the_release_and_say_how_they_were_made(clone: Clone) -> None:
    text = (clone.folder / "params.yaml").read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if one.startswith("  plans: {}") and "constrain" in one)
    clone.params(line + "\n", PLAN)
    clone.run("dvc", "repro", "--quiet")
    records = {row["row_id"]: row for row in read_all(clone.folder / "data/clean/records", 16).to_pylist()}
    index = read_all(clone.folder / "data/split", 16).to_pylist()
    splits = {row["row_id"]: row["split"] for row in index if row["verdict"] == "keep"}
    rows = [row for row in records.values() if row["source"] == "harder" and row["row_id"] in splits]
    assert len(rows) >= 5
    for row in rows:
        (parent,) = row["parents"]
        assert row["license"] == records[parent]["license"]
        assert splits.get(parent, splits[row["row_id"]]) == splits[row["row_id"]]
        for one in json.loads(row["metadata"])["constraints"]:
            assert holds(one["check"], one["language"], one["arguments"], row["messages"][-1]["content"])
    shown = clone.run(*WHY, "why", rows[0]["row_id"]).stdout
    for part in ("made without a model", "constrain, plan harder", "evolved from demo_", ": met"):
        assert part in shown
    assert "harder" in (clone.folder / "data/report/index.html").read_text(encoding="utf-8")
    found = clone.run(*WHY, "verify", check=False)
    assert "other rows than" not in found.stdout + found.stderr
