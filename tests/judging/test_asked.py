"""What `winnow ask` is given is what the stage listed by the settings as they are now, or a sentence."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from winnow.gates.decisions import Drop, decide
from winnow.harness.errors import UserError
from winnow.judging.asked import PENDING, pending, settings_of
from winnow.judging.buckets import DECISIONS, FACTS, FILTER, RECORDS, Task, judge_bucket, ledger_of, wanted
from winnow.records.schema import RECORDS as SCHEMA
from winnow.storage.tables import write_bucketed

ROWS = 60


def row(number: int) -> dict[str, Any]:
    turns = [{"role": role, "content": f"{role} {number}"} for role in ("user", "assistant")]
    none = dict.fromkeys(SCHEMA.names)
    return {**none, "row_id": f"s:{number:02d}", "kind": "sft", "parents": [], "messages": turns, "metadata": "{}"}


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Sixty rows in one bucket, all of them to be asked about; returns the parameters by which they were listed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/rubrics").symlink_to(REPOSITORY / "data/rubrics")
    ids = [f"s:{number:02d}" for number in range(ROWS)]
    write_bucketed(Path(RECORDS), pa.Table.from_pylist([row(number) for number in range(ROWS)], SCHEMA), 1)
    write_bucketed(Path(FACTS), pa.table({"row_id": ids, "language": ["en"] * ROWS}), 1)
    write_bucketed(Path(DECISIONS), decide(pa.array(ids), {}), 1)
    write_bucketed(Path(FILTER), decide(pa.array(ids), {}), 1)
    params = {"buckets": 1, "seed": 0, "judge": {"rubrics": ["instruction"], "model": "m"}}
    ledger_of.cache_clear()
    facts = Path("data/judge/facts")
    for folder in (facts, PENDING):
        folder.mkdir(parents=True)
    judge_bucket(Task(0, facts, PENDING, settings_of(params)))
    return params


def with_judge(params: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**params, "judge": {**params["judge"], **changes}}


def test_what_was_listed_is_asked(listed: dict[str, Any]) -> None:
    assert len({one.key for one in pending(listed)}) == ROWS
    assert [one.key for one in pending(with_judge(listed, temperature=0))] == [one.key for one in pending(listed)]


def test_rows_that_left_or_are_sampled_out_now_are_not_paid_for(listed: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="run dvc repro judge"):
        list(pending(with_judge(listed, share=0.1)))
    ids = [f"s:{number:02d}" for number in range(ROWS)]
    decided = decide(pa.array(ids), {})
    write_bucketed(Path(DECISIONS), decided.set_column(1, "verdict", pa.array(["drop", *["keep"] * (ROWS - 1)])), 1)
    with pytest.raises(UserError, match="1 requests of"):
        list(pending(listed))
    assert len(list(pending(with_judge(listed, rows="all")))) == ROWS


def test_what_was_taken_down_is_sent_to_nobody(listed: dict[str, Any]) -> None:
    ids = [f"s:{number:02d}" for number in range(ROWS)]
    write_bucketed(Path(FILTER), decide(pa.array(ids), {0: Drop("takedown"), 1: Drop("echo")}), 1)
    mask = wanted(pa.chunked_array([ids]), 0, settings_of(with_judge(listed, rows="all"))).to_pylist()
    assert mask == [False] + [True] * (ROWS - 1)
