"""``docs/add/asking-stage.md``: what the page shows is a whole stage, and it works from the first request to facts."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.asking.server import Server
from tests.conftest import REPOSITORY, Clone
from winnow.storage.buckets import read_all

PAGE = (REPOSITORY / "docs/add/asking-stage.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^`([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
CLI = (sys.executable, "-c", "from winnow.cli.main import main; main()")  # the clone's own code


def put_in(folder: Path) -> None:
    """Put the page's blocks where the page says, and do what its commands do before the first ``dvc repro``."""
    for name in ("winnow/translate_check/__init__.py", "stages/translate_check.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(BLOCKS[name], encoding="utf-8")
    dvc, params, ignored = (folder / name for name in ("dvc.yaml", "params.yaml", ".gitignore"))
    dvc.write_text(dvc.read_text().replace("stages:\n", f"stages:\n{BLOCKS['dvc.yaml']}", 1))
    params.write_text(f"{params.read_text()}\n{BLOCKS['params.yaml']}")
    ignored.write_text(f"{ignored.read_text()}/data/translate_check/\n")
    (folder / "data/ledger/translate_check").mkdir(parents=True)
    (folder / "data/ledger/translate_check/.gitkeep").touch()


def test_a_second_stage_is_short() -> None:
    assert sorted(BLOCKS) == [
        "dvc.yaml",
        "params.yaml",
        "stages/translate_check.py",
        "winnow/translate_check/__init__.py",
    ]
    lines = [line for block in BLOCKS.values() for line in block.splitlines()]
    assert len([line for line in lines if line.strip()]) <= 65
    assert max(map(len, lines)) <= 120


@pytest.mark.pipeline
def test_the_stage_of_the_page_asks_and_replays(clone: Clone) -> None:
    put_in(clone.folder)

    def metrics() -> Any:
        return json.loads((clone.folder / "metrics/translate_check.json").read_text())

    clone.run("dvc", "repro", "translate_check")
    pending = metrics()["requests"]["pending"]
    assert pending > 10
    assert metrics()["requests"] == {"used": 0, "pending": pending, "unusable": 0}
    listed = read_all(clone.folder / "data/translate_check/pending", 16)["key"].to_pylist()
    assert len(listed) == pending
    keys = len(set(listed))  # rows that say the same make the same request

    server = Server(
        answer=lambda body: "No." if "长江" in str(body) else "yes" if len(str(body)) % 2 else "I cannot say"
    )
    try:
        asked = clone.run(*CLI, "ask", "translate_check", "--yes", OPENAI_BASE_URL=server.url, OPENAI_API_KEY="EMPTY")
    finally:
        server.stop()
    assert f"replies: {keys + 1:,} ok" in asked.stdout
    assert len(server.seen) == keys + 1

    clone.run("dvc", "repro", "translate_check")
    requests = metrics()["requests"]
    assert (requests["pending"], requests["used"] + requests["unusable"]) == (0, pending)
    assert metrics()["canaries"] == {"sessions": 1, "replies": 1, "off": 0}
    facts = read_all(clone.folder / "data/translate_check/facts", 16).to_pylist()
    assert [one["right_language"] for one in facts].count(1.0) == requests["used"] > 0
    assert sum(one["unusable"] for one in facts) == requests["unusable"] > 0
    assert len(read_all(clone.folder / "data/translate_check/pending", 16)) == 0
    row_id = next(one["row_id"] for one in facts if one["right_language"] is None)
    assert "translate_check by gpt-4o-mini, unparsed: I cannot say" in clone.run(*CLI, "why", row_id).stdout
    assert "Nothing to ask" in clone.run(*CLI, "ask", "translate_check", "--yes", OPENAI_API_KEY="EMPTY").stdout
