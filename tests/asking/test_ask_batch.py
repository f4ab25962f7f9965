"""``winnow ask`` with Batch files, of stages that ``dvc.yaml`` names, and of requests that have a place."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.asking import fakestage
from tests.asking.conftest import KEY, command, texts_below
from tests.asking.server import Server
from winnow.ledger.ledger import Ledger

Serve = Callable[..., Server]
LEDGER = Path("data/ledger/judge")
pytestmark = pytest.mark.usefixtures("repository")


def answered(lines: list[dict[str, Any]], file: str, canaries: str = "Verdict 8") -> None:
    """Write the results of Batch lines as OpenAI does; the model says ``canaries`` to canaries."""
    out = []
    for one in lines:
        said = canaries if "Canary" in one["body"]["messages"][0]["content"] else f"8 {KEY}"
        message = {"role": "assistant", "content": said}
        body = {"model": fakestage.MODEL, "choices": [{"message": message, "finish_reason": "stop"}]}
        out.append(json.dumps({"custom_id": one["custom_id"], "response": {"status_code": 200, "body": body}}))
    Path(file).write_text("\n".join(out), encoding="utf-8")


def exported(folder: str) -> list[dict[str, Any]]:
    result = command(None, "--export", folder)
    assert result.exit_code == 0, result.output
    text = Path(folder, "judge-0001.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_export_and_import() -> None:
    lines = exported("batch")
    assert ["Canary" in one["body"]["messages"][0]["content"] for one in lines] == [True] * 2 + [False] * 6
    answered(lines[:5], "out-0.jsonl")
    answered(lines[5:7], "out-1.jsonl")
    result = command(None, "--import", "out-0.jsonl", "out-1.jsonl")
    assert result.exit_code == 1, result.output
    assert "replies: 7 ok" in result.output
    assert "left: 1" in result.output
    assert len(Ledger.read(LEDGER)) == 7
    result = command(None, "judge", "--import", "out-1.jsonl")
    assert "known already: 2; of requests that nobody asks for: 0" in result.output
    assert KEY.encode() not in texts_below(Path("data/ledger"))
    assert command(None, "--import", "params.yaml").exit_code == 1


@pytest.mark.parametrize("said", ["No.", "Verdict 9"])
def test_a_batch_whose_canaries_are_off_is_named(said: str) -> None:
    lines = exported("first")
    answered(lines[:4], "out.jsonl")
    assert command(None, "--import", "out.jsonl").exit_code == 1
    lines = exported("second")
    assert len(lines) == 2 + 4
    answered(lines, "out.jsonl", canaries=said)
    result = command(None, "--import", "out.jsonl")
    assert result.exit_code == 1
    assert "Warning: the canary" in result.output
    assert len(Ledger.read(LEDGER)) == 2 + 2 + 6  # what was paid for is kept


def test_stages_that_ask_are_those_of_dvc_yaml() -> None:
    file = Path("dvc.yaml")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  score:\n", "  score:\n    meta: {asks: no.such:STAGE}\n"), encoding="utf-8")
    assert "name the stage that is to ask: judge, score" in command(None).output
    assert "dvc.yaml, score: meta.asks is 'no.such:STAGE', which cannot be loaded" in command(None, "score").output
    assert "requests: 8" in command(None, "judge", "--dry-run").output
    file.write_text(re.sub(r"    meta: .*\n", "", text), encoding="utf-8")
    assert "name the stage that is to ask: dvc.yaml has none" in command(None).output


@pytest.mark.parametrize("batch", [False, True])
def test_a_reply_is_kept_with_the_place_of_its_request(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, batch: bool
) -> None:
    monkeypatch.setenv("FAKE_PLACES", "1")
    if batch:
        answered(exported("batch"), "out.jsonl")
        assert command(None, "--import", "out.jsonl").exit_code == 0
    else:
        assert command(serve(), "--yes").exit_code == 0
    ledger = Ledger.read(LEDGER)
    for request in fakestage.requests(6, placed=True):
        reply, place = ledger.get(request.key), json.dumps(request.place, ensure_ascii=False).replace(" ", "")
        assert (reply and reply.place) == place
    assert sum(place is None for place in ledger.table["place"].to_pylist()) == 2  # the canaries
    text = next(LEDGER.glob("*.jsonl")).read_text(encoding="utf-8")
    assert text.count('"place":"{\\"plan\\":\\"计划\\",\\"slot\\":') == 6
