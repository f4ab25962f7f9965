"""``winnow verify`` on replies of models: damage, gaps and leftovers are named, and repairing loses no reply."""

from pathlib import Path

import pytest

from tests.conftest import Clone
from tests.integrity.test_verify import WINNOW
from tests.ledger.replies import as_written, line, reply, segment
from winnow.integrity.ledger import ledger
from winnow.integrity.verify import repair
from winnow.ledger.journal import Journal
from winnow.ledger.ledger import Ledger
from winnow.records.identity import digest

FOLDER = Path("data/ledger/judge")
JOURNAL = Path("data/.ask/judge.jsonl")
DAMAGED = Path("data/.ask/damaged")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """An empty Git repository as the working directory."""
    monkeypatch.chdir(tmp_path)
    clone = Clone(tmp_path)
    clone.run("git", "init", "-q")
    return clone


def lines() -> list[str]:
    return [one.line() for one in ledger()]


def repaired() -> list[object]:
    return [result for _, result in repair(ledger())]


def test_a_whole_ledger_and_none_at_all_have_no_findings(repository: Clone) -> None:
    assert lines() == []
    FOLDER.mkdir(parents=True)
    (FOLDER / ".gitkeep").touch()
    segment(FOLDER, line(1))
    with Journal(FOLDER, JOURNAL.parent) as journal:
        journal.append(reply(2))
        journal.seal()
    assert lines() == []


def test_a_damaged_segment_is_named_and_its_whole_lines_are_kept(repository: Clone) -> None:
    path = segment(FOLDER, *(line(number) for number in range(5)))
    damaged = path.read_bytes()[:-40]
    path.write_bytes(damaged)
    assert lines() == [
        f"ledger: {path} is damaged (whole lines: 4, damaged: 1); run `winnow verify --fix`, which keeps what is whole"
    ]
    assert repaired() == [None]
    assert lines() == []
    assert len(Ledger.read(FOLDER)) == 4
    assert [copy.read_bytes() for copy in DAMAGED.iterdir()] == [damaged]


def test_lines_that_were_taken_out_are_noticed_and_come_back_from_git(repository: Clone) -> None:
    path = segment(FOLDER, *(line(number) for number in range(5)))
    repository.run("git", "add", str(path))
    whole = path.read_bytes()
    cut = whole.partition(b"\n")[2]
    path.write_bytes(cut)
    assert lines() == [
        f"ledger: {path} is damaged (all lines are whole, some are missing), and whole in Git; "
        "run `winnow verify --fix`"
    ]
    assert repaired() == [None]
    assert lines() == []
    assert path.read_bytes() == whole
    assert [copy.read_bytes() for copy in DAMAGED.iterdir()] == [cut]


def test_a_segment_that_is_gone_is_named_and_comes_back_from_git(repository: Clone) -> None:
    path = segment(FOLDER, line(1))
    repository.run("git", "add", str(path))
    path.unlink()
    assert lines() == [
        f"ledger: {path} is missing, so its replies would be asked for again; "
        f"run `git checkout -- {path}`, or `git rm {path}` if that is meant"
    ]
    assert repaired() == [None]
    assert path.read_bytes() == line(1)
    repository.run("git", "rm", "-qf", str(path))
    assert lines() == []


def test_a_segment_of_dvc_that_is_not_here_is_named(repository: Clone) -> None:
    path = segment(FOLDER, line(1))
    tracked = path.with_name(f"{path.name}.dvc")
    tracked.write_text("outs: []\n")
    assert lines() == []
    path.unlink()
    assert lines() == [f"ledger: {path} is not here; run `dvc pull {tracked}` to bring its replies back"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (line(1).replace(b'"ok"', b'"later"'), "has the unknown status 'later'"),
        (line(1).replace(b" ok", b" oK"), "is not what was written: its digest is that of other bytes"),
        (b"[" * 100_000 + b"\n", "is nested too deep"),
    ],
)
def test_a_line_that_is_no_reply_is_named_and_left_to_people(repository: Clone, data: bytes, problem: str) -> None:
    path = as_written(FOLDER, line(0) + data)
    assert lines() == [
        f"ledger: {path}, line 2, {problem}, though it is as it was written; "
        f"take the Winnow that wrote it, or run `git rm {path}`"
    ]
    assert repaired() == []
    assert path.read_bytes() == line(0) + data


def test_a_file_among_the_segments_is_named_and_hides_no_damage(repository: Clone) -> None:
    path = segment(FOLDER, line(1))
    path.write_bytes(line(1)[:-9])
    (FOLDER / "notes.txt").touch()
    found = lines()
    assert found[0].startswith(f"ledger: {FOLDER}/notes.txt is no segment of the ledger")
    assert found[1].startswith(f"ledger: {path} is damaged")
    assert len(found) == 2


def test_what_a_killed_run_left_is_named_and_sealed_unless_a_run_is_going_on(repository: Clone) -> None:
    with Journal(FOLDER, JOURNAL.parent) as journal:
        journal.append(reply(1))
        assert lines() == ["ledger: `winnow ask judge` is running here; wait for its end, then verify again"]
        assert repaired() == []
    with JOURNAL.open("ab") as file:
        file.write(line(1) + line(2)[:50])
    finding = f"ledger: {JOURNAL} holds replies of a run that was killed, whole lines: 1"
    assert lines() == [f"{finding}; run `winnow ask judge`, or `winnow verify --fix`"]
    found = ledger()
    with Journal(FOLDER, JOURNAL.parent):  # a run that started since then
        ((_, error),) = repair(found)
        assert "is running here already" in str(error)
    JOURNAL.write_bytes(line(3))
    assert repaired() == [None]
    assert lines() == []
    assert {row["key"] for row in Ledger.read(FOLDER).table.to_pylist()} == {digest("1"), digest("3")}


@pytest.mark.pipeline
def test_verify_looks_at_the_ledger_and_never_calls_a_journal_a_stray(committed: Clone, tmp_path: Path) -> None:
    clone = committed.copy(tmp_path / "clone")
    folder = clone.folder / FOLDER
    path = segment(folder, line(1), line(2))
    path.write_bytes(path.read_bytes()[:-40])
    (clone.folder / "data" / ".ask").mkdir(exist_ok=True)
    (clone.folder / JOURNAL).write_bytes(line(3))
    found = clone.run(*WINNOW, "verify", check=False).stdout.splitlines()
    assert [one.split()[0] for one in found if ".ask" in one or "ledger" in one] == ["ledger:", "ledger:"]
    clone.run(*WINNOW, "verify", "--fix", check=False)
    assert (clone.folder / JOURNAL).read_bytes() == b""
    found = clone.run(*WINNOW, "verify", check=False).stdout.splitlines()
    assert [one for one in found if ".ask" in one or one.startswith("ledger:")] == []
    assert len(Ledger.read(folder)) == 2
    assert clone.run("git", "status", "--porcelain", "data/.ask").stdout == ""
