"""The journal of a run: no reply is lost by a kill, a full disk or a second run; what is sealed is canonical."""

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.ledger.replies import REPLIES, line, reply, segment
from winnow.harness.errors import UserError
from winnow.ledger import journal as journal_module
from winnow.ledger.journal import Journal, running
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply, from_line, to_line
from winnow.ledger.salvage import salvage, whole_lines

FOLDER = Path("data/ledger/judge")
ASK = Path("data/.ask")
JOURNAL, DAMAGED = ASK / "judge.jsonl", ASK / "damaged"
APPENDING = """
import os, sys
from tests.ledger.test_journal import ASK, FOLDER
from winnow.ledger.journal import Journal
from tests.ledger.replies import reply
with Journal(FOLDER, ASK) as journal:
    for number in range(10**9):
        journal.append(reply(number, "x" * (number % 3000)))
        os.write(1, b"%d\\n" % number)  # told after it is on disk
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keys() -> list[str]:
    return sorted(Ledger.read(FOLDER).table["key"].to_pylist())


def left(*lines: bytes) -> None:
    """Leave a journal as a killed run does."""
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    JOURNAL.write_bytes(b"".join(lines))


@given(st.lists(REPLIES, max_size=6), st.randoms(use_true_random=False))
def test_equal_sets_of_replies_are_sealed_into_equal_files(
    tmp_path_factory: pytest.TempPathFactory, replies: list[Reply], draw: random.Random
) -> None:
    found = []
    for _ in range(2):
        os.chdir(tmp_path_factory.mktemp("run"))
        with Journal(FOLDER, ASK) as journal:
            for one in replies:
                journal.append(one)
            path = journal.seal()
            assert journal.seal() is None
        if path is None:
            assert not replies
            assert not FOLDER.exists()
            return
        lines = path.read_bytes().splitlines(keepends=True)
        assert lines == sorted({to_line(one).encode() for one in replies}, key=lambda one: (from_line(one).key, one))
        assert JOURNAL.read_bytes() == b""
        found.append((path, lines))
        draw.shuffle(replies)
        replies += replies[:1]
    assert found[0] == found[1]


@pytest.mark.parametrize("lot", range(4))
def test_a_kill_in_a_loop_of_appends_loses_nothing(lot: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, "-c", APPENDING], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(random.Random(lot).randrange(1, 400))]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    appended = len([one for one in told if one.endswith(b"\n")])
    with Journal(FOLDER, ASK) as journal:
        assert journal.salvaged is not None
        assert journal.seal() is None
    ledger = Ledger.read(FOLDER)
    assert len(ledger) - appended in (0, 1)  # one may be on disk that the killed process could not tell of
    assert all(ledger.get(one.key) == one for one in (reply(n, "x" * (n % 3000)) for n in range(appended)))


@given(st.lists(REPLIES, min_size=1, max_size=4), st.data())
def test_a_journal_cut_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, replies: list[Reply], data: st.DataObject
) -> None:
    os.chdir(tmp_path_factory.mktemp("run"))
    lines = [to_line(one).encode() for one in replies]
    whole = b"".join(lines)
    cut = data.draw(st.integers(1, len(whole)))
    left(whole[:cut])
    # a line is whole once its last brace is there
    kept = {one for number, one in enumerate(lines) if len(b"".join(lines[: number + 1])) - 1 <= cut}
    torn = whole[:cut].rpartition(b"\n")[2] + b"\n" not in {b"\n", *lines}
    with Journal(FOLDER, ASK) as journal:
        said = journal.salvaged or ""
    assert ("its last reply was cut off and will be asked for again" in said) == torn
    assert {one + b"\n" for path in FOLDER.glob("*") for one in path.read_bytes().split(b"\n")[:-1]} == kept
    assert JOURNAL.read_bytes() == b""
    assert not DAMAGED.exists()


def test_a_kill_between_the_rename_and_the_emptying_doubles_nothing() -> None:
    with Journal(FOLDER, ASK) as journal:
        journal.append(reply(1))
        journal.append(reply(2))
        before = JOURNAL.read_bytes()
        path = journal.seal()
    left(before, line(3))  # the journal as it was, and a reply more
    with Journal(FOLDER, ASK) as journal:
        assert journal.salvaged == "3 replies of a run that was killed are kept"
    assert [len(one.read_bytes().splitlines()) for one in sorted(FOLDER.iterdir(), key=lambda one: one != path)] == [
        2,
        1,
    ]
    left(before)
    with Journal(FOLDER, ASK):
        pass
    assert len(list(FOLDER.iterdir())) == 2


def test_a_line_is_sealed_again_where_only_a_damaged_copy_of_it_is_there() -> None:
    path = segment(FOLDER, line(1))
    path.write_bytes(path.read_bytes().replace("好".encode(), "坏".encode()))
    left(line(1))
    with Journal(FOLDER, ASK):
        pass
    assert path.read_bytes() == line(1)


def test_damaged_lines_of_a_journal_are_kept_aside() -> None:
    damaged = line(2).replace(b" ok", b" oK")
    left(line(1), damaged, line(3)[:-1], line(4), b"\0" * 512)
    before = JOURNAL.read_bytes()
    with Journal(FOLDER, ASK) as journal:
        (copy,) = DAMAGED.iterdir()
        assert journal.salvaged == (
            "3 replies of a run that was killed are kept; its last reply was cut off and will be asked for again; "
            f"damaged lines (1) are kept in {copy}"
        )
    assert copy.read_bytes() == before
    assert keys() == sorted(reply(number).key for number in (1, 3, 4))


def test_a_second_run_is_refused_in_one_sentence_until_the_first_ends() -> None:
    assert not running(JOURNAL)
    with Journal(FOLDER, ASK) as journal:
        journal.append(reply(1))
        assert running(JOURNAL)
        with pytest.raises(UserError, match="winnow ask judge is running here already"), Journal(FOLDER, ASK):
            pass
        with Journal(FOLDER.with_name("score"), ASK):
            pass
    assert not running(JOURNAL)
    with Journal(FOLDER, ASK):
        assert keys() == [reply(1).key]


def test_a_reply_that_is_none_is_refused_and_the_journal_goes_on() -> None:
    with Journal(FOLDER, ASK) as journal:
        with pytest.raises(ValueError, match="unknown status"):
            journal.append(reply(1, status="fine"))
        journal.append(reply(2))
        journal.seal()
    assert keys() == [reply(2).key]


def test_a_full_disk_tears_no_line() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Journal(FOLDER, ASK) as journal:
            journal.append(reply(1))
            before = JOURNAL.read_bytes()
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, hard))
            with pytest.raises(UserError, match=r"judge\.jsonl cannot be written \(File too large\): free some space"):
                journal.append(reply(2))
            assert JOURNAL.read_bytes() == before
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
            with pytest.raises(UserError, match=r"the replies are kept in data/\.ask/judge\.jsonl"):
                journal.seal()
            assert JOURNAL.read_bytes() == before
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            journal.append(reply(2))
            journal.seal()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert len(keys()) == 2


def test_a_seal_that_fails_on_entering_gives_the_lock_back(monkeypatch: pytest.MonkeyPatch) -> None:
    left(line(1))
    with monkeypatch.context() as patch:
        patch.setattr(journal_module, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(UserError, match="No space left on device"), Journal(FOLDER, ASK):
            pass
    assert not running(JOURNAL)
    with Journal(FOLDER, ASK):
        assert keys() == [reply(1).key]


@pytest.mark.parametrize(
    ("change", "kept", "damaged"),
    [
        (lambda data: data.replace(b"\n", b"\r\n"), 3, []),
        (lambda data: data.replace(b"\n", b"", 1), 3, []),
        (lambda data: data[:-40], 2, []),
        (lambda data: data[40:], 2, [1]),
        (lambda data: b"<<<<<<< a\n" + data + b">>>>>>> b\n", 3, [1, 5]),
        (lambda data: b"[" * 100_000 + b"\n\n" + data, 3, [1]),
        (lambda data: b"\xff\xfe" + data, 3, [1]),
        (lambda data: b"", 0, []),
        (lambda data: b"nothing\n", 0, [1]),
    ],
)
def test_whole_lines_of_a_damaged_segment_are_kept_and_the_damaged_one_too(
    change: Callable[[bytes], bytes], kept: int, damaged: list[int]
) -> None:
    path = segment(FOLDER, line(1), line(2), line(3))
    whole, changed = path.read_bytes(), change(path.read_bytes())
    path.write_bytes(changed)
    lines = whole_lines(path)
    assert (len(lines.whole), lines.damaged) == (kept, damaged)
    new = salvage(path, ASK)
    assert [copy.read_bytes() for copy in DAMAGED.iterdir()] == [changed]
    assert len(Ledger.read(FOLDER)) == kept
    assert (new == path) == (kept == 3)
    if new == path:
        assert path.read_bytes() == whole
