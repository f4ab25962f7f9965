"""Commands that write are killed at any of their writes: what people decided is as before or as wanted, never half."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.campaigns.kill_commands import Runner, draw
from tests.campaigns.writing import commands
from tests.conftest import Clone
from tests.harness.test_files import killed_at
from winnow.adding.params import remove_sources
from winnow.cli.main import main
from winnow.harness.files import recover

ROWS = "".join(json.dumps({"instruction": f"Say {n}.", "input": "", "output": f"It is {n}."}) + "\n" for n in range(5))
ABOUT = ("--license", "MIT")


def winnow(*arguments: str) -> None:
    main(list(arguments), standalone_mode=False)


def content() -> dict[str, bytes]:
    """Return the files that people wrote."""
    files = [Path("params.yaml"), *(file for file in Path("data/raw").rglob("*") if file.is_file())]
    return {file.as_posix(): file.read_bytes() for file in files}


def add() -> None:
    winnow("add", "mine", "rows.jsonl", *ABOUT)


def remove() -> None:
    winnow("remove", "mine")


@pytest.mark.parametrize(("work", "undo"), [(add, remove), (remove, add)])
def test_a_source_comes_and_goes_as_a_whole(
    work: Callable[[], None], undo: Callable[[], None], repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("rows.jsonl").write_text(ROWS, encoding="utf-8")
    if work is remove:
        add()
    old = content()
    work()
    new = content()
    undo()
    ends = set()
    for moment in range(1, 100):
        killed = killed_at(moment, work)
        recover()
        left = content()
        assert left in (old, new), f"killed at call {moment}"
        if left == new:
            undo()
        ends.add(left == new)
        if not killed:
            break
    assert not killed, "the command has more calls than this test looks at"
    assert ends == {True, False}


def test_the_next_command_completes_what_a_kill_broke_off(repository: Path) -> None:
    Path("rows.jsonl").write_text(ROWS, encoding="utf-8")
    moment = next(moment for moment in range(1, 100) if killed_at(moment, add) and "mine" in journal("commit"))
    done = CliRunner().invoke(main, ["fetch"])
    assert "a change of 2 files that was broken off is complete" in done.output, moment
    assert Path("data/raw/mine/rows.jsonl").read_text(encoding="utf-8") == ROWS
    remove_sources(["mine"])


def journal(wanted: str) -> str:
    """Return the journal where it is in the state ``wanted``; otherwise recover, and return nothing."""
    file = Path("data/.journal/changes.json")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if f'"state": "{wanted}"' in text:
        return text
    recover()
    return ""


@pytest.mark.slow
@pytest.mark.pipeline
def test_ten_kills_of_commands_tear_and_lose_nothing(built: Clone, tmp_path: Path) -> None:
    clone = built.copy(tmp_path / "base")
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--allow-empty", "--message", "built")
    runner = Runner(clone, tmp_path)
    runner.commands = [one for one in commands(clone, "") if one.name in ("patch", "takedown", "add", "remove")]
    for one in runner.commands:
        runner.measure(one)
    outcomes = [runner.strike(kill, number) for number, kill in enumerate(draw(runner, 10, 1))]
    assert [one.problem for one in outcomes if one.problem] == []
    assert any(one.landed for one in outcomes)
