"""Whoever follows what ``winnow verify`` advises loses nothing that people wrote or bought, whatever is damaged.

``make advice`` follows every advice; ``make slow`` the repairs of all kinds of damage and the commands of a few.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.campaigns.clone import environment
from tests.conftest import Clone
from tests.integrity.cases import CASES, IN_SHORT
from tests.integrity.damage import FILE, FOLDER, lost, valued
from tests.integrity.test_verify import WINNOW
from tests.ledger.replies import line, segment
from winnow.integrity import strays
from winnow.integrity.verify import repair, verify
from winnow.patches.patch import Patch, path_of
from winnow.storage.parquet import read_table

pytestmark = pytest.mark.pipeline

FOLLOWED = list(CASES) if os.environ.get("WINNOW_ADVICE") else IN_SHORT
"""Kinds of damage whose printed commands are run."""

REMAINS = re.compile(r"fix it|takes? |move|remains|dvc pull|dvc add|whole|run ")
"""What every line that is left at the end says: where to look, or what to do."""


@pytest.fixture(scope="module")
def stocked(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A built clone with a patch, a label, a segment, and two sources that were added by ``dvc add``; all committed."""
    clone = built.copy(tmp_path_factory.mktemp("stocked") / "clone")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone.folder)
        row = read_table(Path("data/index.parquet")).slice(0, 1).to_pylist()[0]
        tagged = Patch(row["row_id"], "Ann", "reads well", tags=("good",))
        label = {"row_id": row["row_id"], "content_hash": row["content_hash"], "kind": "rating", "reviewer": "ann"}
        file = path_of(row["row_id"], Path("data/patches"))
        for path, text in {
            file: tagged.json(),
            Path("data/labels/ann") / file.name: str(label).replace("'", '"'),
            FOLDER / "a.jsonl": '{"bought": 1}\n' * 9,
            FOLDER / "b.jsonl": '{"bought": 2}\n' * 9,
            FILE: '{"bought": 3}\n' * 9,
            Path("CHANGELOG.md"): "# Changelog\n",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        segment(Path("data/ledger/judge"), *(line(number) for number in range(5)))
    clone.run("dvc", "add", "--quiet", str(FOLDER), str(FILE))
    clone.run("dvc", "repro", "--quiet")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "stocked")
    clone.run("git", "tag", "-a", "dataset@v1.0.0", "-m", "first")
    assert clone.run(*WINNOW, "verify").stdout == "everything is whole\n"
    return clone


@pytest.fixture
def folder(stocked: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the working directory."""
    folder = stocked.copy(tmp_path / "clone").folder
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WINNOW_WORKERS", "1")
    return folder


def short(name: str) -> object:
    return name if name in IN_SHORT else pytest.param(name, marks=pytest.mark.slow)


@pytest.mark.parametrize("name", [short(name) for name in CASES])
def test_fixing_loses_nothing_and_says_what_remains(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strays, "stale", list)
    whole = valued()
    CASES[name]()
    before = valued()
    for _ in range(3):
        tried = list(repair(verify()))
        assert [said for _, said in tried if isinstance(said, Exception)] == []
        assert lost(before, whole) == []
        if not tried:
            break
    assert tried == [], "what was fixed once is fixed"
    assert [one.line() for one in verify() if not REMAINS.search(one.fix)] == []


def commands(fix: str, alternative: int) -> list[str]:
    """Return the commands of an advice, of one of its alternatives where there are two."""
    ways = re.split(r"[,;] or (?=`)|, or (?=run|dvc)", fix)
    way = ways[min(alternative, len(ways) - 1)]
    quoted = re.findall("`([^`]*)`", way)
    return [*quoted, "dvc repro"] if re.search(r"(then|run) dvc repro", way) else quoted


@pytest.mark.slow
@pytest.mark.parametrize("alternative", [0, 1])
@pytest.mark.parametrize("name", FOLLOWED)
def test_following_the_advice_loses_nothing(name: str, alternative: int, folder: Path) -> None:
    clone = Clone(folder)
    whole = valued()
    CASES[name]()
    before = valued()
    for attempt in range(3):
        done = clone.run(*WINNOW, "verify", check=False)
        assert "Traceback" not in done.stderr
        advice = [line.partition("; ")[2] for line in done.stdout.splitlines()[:-1]]
        todo = list(dict.fromkeys(command for one in advice for command in commands(one, alternative)))
        if not todo or (alternative and not attempt and todo == [c for one in advice for c in commands(one, 0)]):
            break
        for command in todo:
            subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=environment())
            assert lost(before, whole) == [], command
    assert (done.returncode == 0) == (done.stdout == "everything is whole\n")
