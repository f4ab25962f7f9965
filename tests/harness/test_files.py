"""Files that people wrote are replaced whole, and several of them together, whatever moment a kill comes at."""

import errno
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from winnow.harness.errors import UserError
from winnow.harness.files import recover, transaction, write_file

OLD, NEW = {"a.json": "old a", "b.json": "old b"}, {"a.json": "new a", "b.json": "new b", "sub/c.json": "new c"}
STEPS = ("replace", "fsync", "unlink", "open")  # the calls between which a kill may come


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "journal" not in path.relative_to(folder).parts
    }


def change(folder: Path) -> None:
    with transaction(folder / "journal") as changes:
        for name, text in NEW.items():
            changes.write(folder / name, text)
        changes.remove(folder / "gone.json")
        changes.commit()


def killed_at(moment: int, work: Callable[[], None]) -> bool:
    """Run ``work`` in a child that kills itself at its call number ``moment``; return whether it came so far."""
    child = os.fork()
    if not child:
        calls = 0

        def counting(real: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **named: object) -> object:
                nonlocal calls
                calls += 1
                if calls == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **named)

            return call

        for name in STEPS:
            setattr(os, name, counting(getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_change_that_is_killed_anywhere_is_whole_or_not_there_after_recovery(tmp_path: Path) -> None:
    outcomes = []
    for moment in range(1, 200):
        folder = tmp_path / str(moment)
        folder.mkdir()
        for name, text in {**OLD, "gone.json": "old"}.items():
            (folder / name).write_text(text)
        killed = killed_at(moment, lambda folder=folder: change(folder))  # type: ignore[misc]
        said = recover(folder / "journal")
        left = content(folder)
        assert left in ({**OLD, "gone.json": "old"}, NEW), f"killed at call {moment}: {left}"
        assert (said is None) or ("complete" in said) == (left == NEW)
        assert recover(folder / "journal") is None
        outcomes.append(left == NEW)
        if not killed:
            break
    assert not killed, "the change has more calls than this test looks at"
    assert outcomes == sorted(outcomes), "once it is committed, a change stays"
    assert len(outcomes) > 20
    assert {True, False} == set(outcomes)


def test_a_change_without_a_commit_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old a")
    with transaction(tmp_path / "journal") as changes:
        changes.write(tmp_path / "a.json", "new a")
        changes.place(tmp_path / "folder", [(tmp_path / "a.json", Path("x/a.json"))])
    assert content(tmp_path) == {"a.json": "old a"}


def test_a_folder_and_a_file_come_together(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    with transaction(tmp_path / "journal") as changes:
        changes.place(tmp_path / "raw/mine", [(tmp_path / "rows.jsonl", Path("deep/rows.jsonl"))])
        changes.write(tmp_path / "params.yaml", "sources: {}")
        changes.commit()
    assert (tmp_path / "raw/mine/deep/rows.jsonl").read_text() == "{}"
    assert (tmp_path / "params.yaml").read_text() == "sources: {}"


@pytest.mark.parametrize("several", [False, True])
def test_a_full_disk_leaves_the_old_content_and_says_so(
    several: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text("old a")
    before = content(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    work = partial(change, tmp_path) if several else partial(write_file, tmp_path / "a.json", "new a")
    with pytest.raises(UserError, match="No space left"):
        work()
    monkeypatch.undo()
    assert content(tmp_path) == before


def test_two_changes_at_a_time_are_refused(tmp_path: Path) -> None:
    with (
        transaction(tmp_path / "journal"),
        pytest.raises(UserError, match="another winnow command"),
        transaction(tmp_path / "journal"),
    ):
        pass
