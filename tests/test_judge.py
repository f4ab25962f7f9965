"""Models in the loop, end to end: the pipeline lists what to ask, `winnow ask` buys it, the pipeline replays it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from tests.asking.server import Server
from tests.conftest import Clone
from tests.judging.scripted import verdict_of
from winnow.judging.rubric_file import load
from winnow.judging.settings import RUBRICS as FOLDER
from winnow.ledger import segment
from winnow.storage.buckets import read_all

RUBRICS = ["instruction", "response", "comparison"]
KEY = "sk-canary-of-the-key-0123456789"


def configure(clone: Clone, **score: str) -> None:
    clone.params("rubrics: []", f"rubrics: [{', '.join(RUBRICS)}]")
    clone.params("model: '' ", 'model: "scripted" ')
    clone.params("temperature: 0.0 ", "temperature: 0 ")  # as people write it; DVC's stages see 0.0
    for name, value in {"parts: {}": "parts: {response.overall: 1}", **score}.items():
        clone.params(name, value)


@pytest.fixture
def judge() -> Iterator[Server]:
    """A server whose model judges by a hash of the request and knows the canaries."""
    rubrics = [load(name, Path(FOLDER)) for name in RUBRICS]
    server = Server(answer=lambda body: verdict_of(body, rubrics))
    yield server
    server.stop()


def ask(clone: Clone, server: Server, *options: str, check: bool = True) -> Any:
    return clone.run("winnow", "ask", "--yes", *options, check=check, OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)


def facts(clone: Clone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_all(clone.folder / "data/judge/facts", 16).to_pylist()
    return found


def metrics(clone: Clone, stage: str) -> Any:
    return json.loads((clone.folder / f"metrics/{stage}.json").read_text())


def outputs(clone: Clone, *folders: str) -> dict[str, bytes]:
    files = [file for name in folders for file in sorted((clone.folder / name).rglob("*")) if file.is_file()]
    return {file.relative_to(clone.folder).as_posix(): file.read_bytes() for file in files}


@pytest.mark.pipeline
def test_asked_once_and_replayed_without_a_network(clone: Clone, judge: Server) -> None:
    configure(clone, **{"minimum: false": "minimum: 0.5"})
    stopped = clone.run("dvc", "repro", "index", check=False)
    assert stopped.returncode != 0
    assert "The release would be empty" in stopped.stderr
    assert "score pending" in stopped.stderr
    assert "winnow ask" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    alive = metrics(clone, "decontaminate")["rows_out"]
    assert metrics(clone, "score")["dropped"] == {"pending": alive}
    pending = read_all(clone.folder / "data/judge/pending", 16)
    keys = set(pending["key"].to_pylist())
    assert metrics(clone, "judge")["requests"] == {"used": 0, "pending": len(pending), "unusable": 0}

    told = ask(clone, judge)
    assert KEY not in told.stdout + told.stderr
    canaries = sum(
        len(rubric.canaries) * len(rubric.swapped) for rubric in (load(name, Path(FOLDER)) for name in RUBRICS)
    )
    assert len(judge.seen) == len(keys) + canaries
    assert "ask" in ask(clone, judge).stdout  # nothing is left: no canary is sent either
    assert len(judge.seen) == len(keys) + canaries

    sent = len(judge.seen)
    clone.run("dvc", "repro")
    assert len(judge.seen) == sent
    numbers = metrics(clone, "judge")
    assert numbers["requests"] == {"used": len(pending), "pending": 0, "unusable": 0}
    assert numbers["canaries"] == {"sessions": 1, "replies": canaries, "off": 0}
    overall = {
        one["row_id"]: one["value"]
        for one in facts(clone)
        if one["criterion"] == "overall" and one["rubric"] == "response"
    }
    decided = {one["row_id"]: one for one in read_all(clone.folder / "data/score", 16).to_pylist()}
    assert len(decided) == alive == len(overall)
    for row_id, one in decided.items():
        score = (overall[row_id] - 1) / 9
        assert one["score"] == pytest.approx(score, abs=1e-6)
        assert (one["verdict"], one["reason"]) == (("keep", None) if score >= 0.5 else ("drop", "low_score"))
    dropped = next(row_id for row_id, one in decided.items() if one["verdict"] == "drop")
    why = clone.run("winnow", "why", dropped).stdout
    assert "By lot. 抽签决定。" in why
    assert "low_score" in why

    lines = {line for data in outputs(clone, "data/ledger/judge").values() for line in data.splitlines()}
    assert len(lines) == len(keys) + canaries
    files = (file for file in clone.folder.rglob("*") if file.is_file())
    everything = [file for file in files if not {".venv", "tests"} & set(file.relative_to(clone.folder).parts)]
    assert len(everything) > 500
    assert not [file for file in everything if KEY.encode() in file.read_bytes()]
    assert clone.run("winnow", "verify", check=False).stdout.count("data/ledger") == 0

    before = outputs(clone, "data/judge", "data/score")
    one = next((clone.folder / "data/ledger/judge").glob("*.jsonl"))
    halves = [one.read_text().splitlines(keepends=True)[half::2] for half in (0, 1)]
    one.unlink()
    for half in halves:  # as two branches would have asked it
        segment.write(one.parent, [line.encode() for line in half], clone.folder / "data" / "scratch")
    clone.run("dvc", "repro", "score")
    assert outputs(clone, "data/judge", "data/score") == before


@pytest.mark.slow
@pytest.mark.pipeline
def test_a_changed_rubric_is_asked_again_and_an_old_pending_table_refused(clone: Clone, judge: Server) -> None:
    clone.params("rubrics: []", "rubrics: [response]")
    clone.params("model: '' ", 'model: "scripted" ')
    clone.params("share: 1.0  ", "share: 0.1  ")
    early = ask(clone, judge, check=False)  # nothing is listed yet by these settings
    assert (early.returncode, "run dvc repro judge" in early.stderr) == (1, True)
    clone.run("dvc", "repro", "judge")
    rows = {one["row_id"] for one in facts(clone)}
    assert 0 < len(rows) < metrics(clone, "decontaminate")["rows_out"] / 4
    rubric = clone.folder / "data/rubrics/response.yaml"
    rubric.write_text(rubric.read_text().replace("You grade one reply", "You mark one reply"))
    old = ask(clone, judge, check=False)
    assert (old.returncode, "run dvc repro judge" in old.stderr) == (1, True)
    assert not judge.seen
    clone.run("dvc", "repro", "judge")
    ask(clone, judge)
    clone.run("dvc", "repro", "judge")
    assert metrics(clone, "judge")["requests"]["pending"] == 0
    assert pc.all(pc.equal(read_all(clone.folder / "data/judge/facts", 16)["samples"], 1)).as_py()


def test_a_network_is_never_opened_by_the_pipeline() -> None:
    """The stages that `dvc repro` runs import no client."""
    for file in Path("stages").glob("*.py"):
        assert "asking" not in file.read_text()
    for room in ("judging", "ledger", "gates", "replies"):
        for file in Path("winnow", room).glob("*.py"):
            assert not re.search(
                r"^\s*(?:import|from) (?:aiohttp|socket|http|urllib|winnow\.asking)", file.read_text(), re.M
            )
