"""``winnow grow``: sentences for what is wrong, the table, and a plan from seeds to a release in a clone."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.asking.server import Server
from tests.conftest import REPOSITORY, Clone
from tests.growing.writer import Writer
from winnow.cli import grow
from winnow.cli.main import main
from winnow.growing.table import table
from winnow.harness.settings import read_params
from winnow.storage.buckets import read_all

KEY = "sk-canary-0123456789abcdefghij"
PLAN = """  plans:
    more: {recipe: evol_instruct, model: gpt-4o-mini, target: 8, output_terms: unrestricted}  # eight for now
"""


def test_a_plan_that_is_not_there_is_named_with_those_that_are(repository: Path) -> None:
    result = CliRunner().invoke(main, ["grow", "more"])
    assert result.exit_code == 1
    assert "propose.plans has no plan 'more'; there are none" in result.output


def test_rows_are_written_into_the_plan_and_nothing_else_changes(repository: Path) -> None:
    file = repository / "params.yaml"
    text = file.read_text(encoding="utf-8").replace("propose:\n  plans: {}", f"propose:\n{PLAN.rstrip()}")
    file.write_text(text, encoding="utf-8")
    grow._set_target("more", 1000)
    assert file.read_text(encoding="utf-8") == text.replace("target: 8,", "target: 1000,")
    assert read_params()["propose"]["plans"]["more"]["target"] == 1000
    grow._set_target("more", 1000)


def test_the_table_has_a_line_for_each_round_and_says_what_is_left_and_why_it_ends(repository: Path) -> None:
    shutil.copy(REPOSITORY / "data/prices.yaml", repository / "data")
    line = {"plan": "more", "method": "evol_instruct", "model": "gpt-4o-mini", "target": "30", "replies": "76"}
    tokens = {"parsed": "21", "prompt_tokens": "15000", "completion_tokens": "4000"}
    rounds = [{**line, **tokens, "round": "1", "slots": "30", "accepted": "19", "state": "yield"}]
    slots = [
        {"plan": "more", "round": "1", "operator": "", "outcome": "accepted", "slots": "19"},
        {"plan": "more", "round": "1", "operator": "deepen", "outcome": "unparsed", "slots": "4"},
        {"plan": "more", "round": "1", "operator": "reason", "outcome": "unparsed", "slots": "3"},
        {"plan": "more", "round": "1", "operator": "reason", "outcome": "leak", "slots": "4"},
        {"plan": "other", "round": "1", "operator": "", "outcome": "leak", "slots": "9"},
    ]
    head, first, left, spent = table("more", rounds, slots, 2 * 10**11, 19_000)
    assert head.split()[:3] == ["round", "slots", "replies"]
    assert first.split() == [*["1", "30", "76", "21", "19", "63%", "1,000", "$0.0003", "7", "unparsed,", "4", "leak"]]
    assert left.startswith("accepted: 19 of 30; left: 11; the last rounds yielded too little")
    assert spent == "this run: 19,000 tokens, $0.20 by data/prices.yaml"


@pytest.mark.slow
@pytest.mark.pipeline
def test_a_plan_grows_to_a_release_and_every_row_says_how_it_was_made(clone: Clone) -> None:
    clone.params("propose:\n  plans: {}", f"propose:\n{PLAN.rstrip()}")
    clone.params("  demo_oasst:\n", "  more: {adapter: written, plan: more}\n  demo_oasst:\n")
    server = Server(answer=Writer(bad=0.3))
    program = (sys.executable, "-c", "from winnow.cli.main import main; main()")
    try:
        done = clone.run(*program, "grow", "more", "--yes", OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
        calls = len(server.seen)
        again = clone.run(*program, "grow", "more", "--yes", OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
    finally:
        server.stop()
    assert "accepted: 8 of 8; left: 0; the target is reached" in done.stdout
    assert "accepted: 8 of 8" in again.stdout
    assert len(server.seen) == calls
    index = read_all(clone.folder / "data/accept", 16).to_pylist()
    rows = [one["row_id"] for one in index if one["row_id"].startswith("more:") and one["verdict"] == "keep"]
    assert len(rows) == 8
    shown = clone.run(*program, "why", rows[0]).stdout
    for part in (
        "written by a model",
        "evol_instruct version 1",
        "evolved from demo_",
        "check leak = 0",
        "propose answer",
    ):
        assert part in shown
    way = json.loads(clone.run(*program, "why", rows[0], "--json").stdout)
    assert way["written"]["checks"]
    assert way["replies"][0]["request"][0]["role"] == "system"
    page = (clone.folder / "data/report/index.html").read_text(encoding="utf-8")
    assert "accepted rows</h3>" in page
    verified = clone.run(*program, "verify", check=False)
    assert "data/plans" not in verified.stdout
