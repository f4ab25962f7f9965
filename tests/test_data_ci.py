"""What CI says of a dataset with sources of its own: green as it is, red with one sentence where it is broken."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Clone
from tests.fresh import check_data
from winnow.harness.digests import file_md5

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")


def rows(file: Path, topic: str) -> None:
    lines = [
        {"instruction": f"Describe {topic} number {n}.", "output": f"It is {topic} {n}, as anyone can see."}
        for n in range(30)
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def dataset(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with one source in Git and one that DVC keeps; its storage has all of it."""
    clone = built.copy(tmp_path_factory.mktemp("dataset") / "origin")
    store = clone.folder.parent / "store"
    for source, topic in (("mine", "a hill"), ("large", "a river")):
        rows(clone.folder.parent / f"{source}.jsonl", topic)
    clone.run(*WINNOW, "remove", "demo_alpaca", "demo_dolly", "demo_messages", "demo_oasst")
    clone.run(*WINNOW, "add", "mine", "../mine.jsonl", "--license", "MIT")
    clone.run(*WINNOW, "add", "large", "../large.jsonl", "--license", "MIT")
    clone.run("dvc", "add", "--quiet", "data/raw/large")
    clone.run("dvc", "repro")
    clone.run("dvc", "remote", "add", "--default", "store", str(store))
    clone.run("git", "add", ".")
    clone.run("git", "commit", "--quiet", "-m", "Mine")
    clone.run("dvc", "push")
    return clone.folder


def last(printed: str) -> str:
    return printed.splitlines()[-1]


def test_it_is_green_and_runs_no_stage(dataset: Path) -> None:
    status, printed = check_data(dataset)
    assert (status, "Running stage" in printed) == (0, False), printed
    assert last(printed).startswith("This commit is whole")


def test_it_is_green_when_everything_is_built_anew(dataset: Path) -> None:
    status, printed = check_data(dataset, "--rebuild")
    stages = Clone(dataset).run("dvc", "stage", "list", "--name-only").stdout.split()
    assert (status, sorted(re.findall("Running stage '(.*)'", printed))) == (0, sorted(stages)), printed


def test_sources_may_go_and_replies_may_be_pending(dataset: Path, tmp_path: Path) -> None:
    clone = Clone(dataset).copy(tmp_path / "clone")
    clone.run(*WINNOW, "remove", "large")
    clone.params("  rubrics: []", "  rubrics: [response]")
    clone.params("  model: ''", "  model: gpt-4o-mini")
    clone.run("dvc", "repro")
    assert json.loads((clone.folder / "metrics/judge.json").read_text(encoding="utf-8"))["requests"]["pending"] > 0
    clone.run("git", "add", ".")
    clone.run("git", "commit", "--quiet", "-m", "Judge what is left")
    clone.run("dvc", "push")
    status, printed = check_data(clone.folder)
    assert status == 0, printed


CHANGE = "git commit --quiet --all --message change"


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            f"sed -i 's/short_instruction: 4 /short_instruction: 24 /' params.yaml; {CHANGE}",
            "what this commit holds is not what it builds: dvc.lock, .* Changed since dvc.lock was written: filter",
        ),
        (
            f"echo '{{}}' > metrics/filter.json; {CHANGE}",
            "is not what it builds: metrics/filter.json. Changed since dvc.lock was written: metrics/filter.json",
        ),
        (
            f"sed -i 's/a hill 7/a hill 77/' data/raw/mine/mine.jsonl; {CHANGE}",
            "is not what it builds: dvc.lock, .* Changed since dvc.lock was written: data/raw",
        ),
        (f"git rm --quiet dvc.lock; {CHANGE}", "is not what it builds: dvc.lock"),
        (
            f"sed -i 's/short_instruction: 4 /short_instrution: 4 /' params.yaml; {CHANGE}",
            "this commit cannot be built",
        ),
        ("sed -i 's/short_instruction: 4 /short_instruction: 24 /' params.yaml", "what is committed: params.yaml"),
        ("echo '{}' > data/raw/mine/more.jsonl", "what is committed: data/raw/mine/more.jsonl"),
    ],
    ids=["no repro", "metrics by hand", "raw file", "no lock", "typo", "uncommitted", "untracked"],
)
def test_it_is_red_with_one_sentence(dataset: Path, before: str, sentence: str) -> None:
    status, printed = check_data(dataset, before=before)
    assert (status, last(printed)[:7]) == (1, "Error: "), printed
    assert re.search(sentence, last(printed)), printed


@pytest.mark.parametrize(
    ("lost", "arguments", "sentence"),
    [
        ("data/raw/large/large.jsonl", (), "the data of data/raw/large.dvc is not whole in the storage"),
        (
            "data/raw/large/large.jsonl",
            ("--without-keys",),
            "the data of data/raw/large.dvc is kept in the storage, which",
        ),
        ("data/export/parquet/train.parquet", (), "lacks data of this commit: data/export/parquet/train.parquet. Run"),
        ("data/export/parquet/train.parquet", ("--without-keys",), ""),
    ],
)
def test_the_storage_must_have_what_cannot_be_built_and_should_have_the_rest(
    dataset: Path, tmp_path: Path, lost: str, arguments: tuple[str, ...], sentence: str
) -> None:
    store = tmp_path / "store"
    shutil.copytree(dataset.parent / "store", store)
    md5 = file_md5(dataset / lost)
    os.remove(store / "files" / "md5" / md5[:2] / md5[2:])
    clone = Clone(dataset).copy(tmp_path / "clone")
    clone.run("dvc", "remote", "modify", "store", "url", str(store))
    clone.run("git", "commit", "--quiet", "--all", "-m", "Another storage")
    status, printed = check_data(clone.folder, *arguments)
    assert (status, sentence in last(printed)) == (1 if sentence else 0, True), printed
