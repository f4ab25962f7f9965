"""What `winnow ask` is given is what the stage listed by the settings as they are now, or a sentence."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from winnow.gates.decisions import Drop, decide
from winnow.harness.digests import digests
from winnow.harness.errors import UserError
from winnow.judging.stage import JUDGE, TAGS
from winnow.ledger import segment
from winnow.ledger.ledger import ledger_of
from winnow.ledger.line import Reply, to_line
from winnow.records.schema import RECORDS
from winnow.replies.folders import Folders
from winnow.replies.pending import Pending
from winnow.replies.replay import replay_bucket
from winnow.replies.rows import chosen
from winnow.storage.tables import write_bucketed

ROWS = 60
IDS = pa.array([f"s:{number:02d}" for number in range(ROWS)])
FOLDERS = Folders.of("judge")


def row(number: int) -> dict[str, Any]:
    turns = [{"role": role, "content": f"{role} {number}"} for role in ("user", "assistant")]
    none = dict.fromkeys(RECORDS.names)
    return {**none, "row_id": f"s:{number:02d}", "kind": "sft", "parents": [], "messages": turns, "metadata": "{}"}


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Sixty rows in one bucket, all of them to be asked about; returns the parameters by which they were listed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/rubrics").symlink_to(REPOSITORY / "data/rubrics")
    write_bucketed(FOLDERS.records, pa.Table.from_pylist([row(number) for number in range(ROWS)], RECORDS), 1)
    facts = {"row_id": IDS, "language": ["en"] * ROWS, **{tag: ["other"] * ROWS for tag in TAGS}}
    write_bucketed(FOLDERS.annotations, pa.table(facts), 1)
    write_bucketed(FOLDERS.decisions, decide(IDS, {}), 1)
    write_bucketed(FOLDERS.filter, decide(IDS, {}), 1)
    params = {"buckets": 1, "seed": 0, "judge": {"rubrics": ["instruction"], "model": "m"}}
    ledger_of.cache_clear()
    replay_bucket(JUDGE, stage(params).settings, FOLDERS, 0)
    return params


def stage(params: dict[str, Any], **changes: Any) -> Pending[Any, Any]:
    return JUDGE.open({**params, "judge": {**params["judge"], **changes}})


def test_what_was_listed_is_asked(listed: dict[str, Any]) -> None:
    keys = [one.key for one in stage(listed).pending()]
    assert len(set(keys)) == len(keys) == ROWS
    assert [one.key for one in stage(listed, temperature=0).pending()] == keys
    assert list(stage(listed, rubrics=[]).pending()) == []


def test_rows_that_left_or_are_sampled_out_now_are_not_paid_for(listed: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="run dvc repro judge"):
        list(stage(listed, share=0.1).pending())
    verdicts = pa.array(["drop", *["keep"] * (ROWS - 1)])
    write_bucketed(FOLDERS.decisions, decide(IDS, {}).set_column(1, "verdict", verdicts), 1)
    with pytest.raises(UserError, match="1 requests of"):
        list(stage(listed).pending())
    assert len(list(stage(listed, rows="all").pending())) == ROWS


def test_what_was_taken_down_is_sent_to_nobody(listed: dict[str, Any]) -> None:
    write_bucketed(FOLDERS.filter, decide(IDS, {0: Drop("takedown"), 1: Drop("echo")}), 1)
    mask = chosen(JUDGE, stage(listed, rows="all").settings, FOLDERS, pa.chunked_array([IDS]), 0).to_pylist()
    assert mask == [False] + [True] * (ROWS - 1)


def test_answered_requests_come_again_only_when_asked_for(listed: dict[str, Any], tmp_path: Path) -> None:
    requests = list(stage(listed).pending())
    lines = [to_line(Reply(one.key, "cut", "m", "length", "{", 1, 1)).encode() for one in requests[:9]]
    segment.write(FOLDERS.ledger, lines, tmp_path / "scratch")
    ledger_of.cache_clear()
    replay_bucket(JUDGE, stage(listed).settings, FOLDERS, 0)
    assert [one.key for one in stage(listed).pending()] == [one.key for one in requests[9:]]
    assert list(stage(listed).pending(answered=True)) == requests


@pytest.mark.parametrize(
    "change", [{"answers_as": "other"}, {"max_chars": 9}, {"rubrics": ["pair"]}, {"rubrics": []}, {"extra": {"a": 1}}]
)
def test_a_list_by_other_settings_or_rubrics_is_refused(listed: dict[str, Any], change: dict[str, Any]) -> None:
    settings = {**listed["judge"], "temperature": 0.0, "extra": {}, "buckets": 1, "seed": 0}
    receipt = {"settings": settings, "inputs": {**digests(["data/rubrics"]), "data/annotate/part-000.parquet": "0"}}
    FOLDERS.receipt.parent.mkdir()
    FOLDERS.receipt.write_text(json.dumps(receipt))
    assert len(list(stage(listed, temperature=0, extra=None).pending())) == ROWS
    with pytest.raises(UserError, match=r"params\.yaml \(judge\) or data/rubrics have changed"):
        list(stage(listed, **change).pending())
    receipt["inputs"]["data/rubrics/pair.yaml"] = "0" * 32
    FOLDERS.receipt.write_text(json.dumps(receipt))
    with pytest.raises(UserError, match="run dvc repro judge, then winnow ask again"):
        list(stage(listed).pending())
