"""Opening a ledger: one answer per key whatever the order of files and lines, and one sentence on damage."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.replies import REPLIES, as_written, line, reply, segment
from winnow.harness.errors import UserError
from winnow.ledger import check
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply, to_line
from winnow.ledger.table import SCHEMA
from winnow.records.identity import digest


def best(replies: list[Reply]) -> list[Reply]:
    """Return what a ledger must answer, the slow way: per key ``ok`` first, then the smallest digest of a line."""
    found: dict[str, tuple[bool, str, Reply]] = {}
    for one in replies:
        rank = (one.status != "ok", to_line(one).split('"digest":"')[1][:32], one)
        found[one.key] = min(rank, found.get(one.key, rank), key=lambda each: each[:2])
    return [found[key][2] for key in sorted(found)]


@given(st.lists(st.lists(REPLIES, max_size=5), max_size=4), st.randoms(use_true_random=False))
def test_one_reply_per_key_whatever_the_order_of_lines_and_segments(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[Reply]], draw: random.Random
) -> None:
    replies = [one for group in groups for one in group]
    tables = []
    for _ in range(2):
        folder = tmp_path_factory.mktemp("ledger") / "judge"
        for group in groups:
            as_written(folder, b"".join(to_line(one).encode() for one in group))
        ledger = Ledger.read(folder)
        tables.append(ledger.table.sort_by("key"))
        assert [Reply(**row) for row in tables[-1].to_pylist()] == best(replies)
        assert ledger.positions(ledger.table["key"]).tolist() == list(range(len(ledger)))
        draw.shuffle(replies)
        cut = draw.randrange(len(replies) + 1)
        groups = [replies[:cut], replies[cut:], replies[:cut]]  # other segments of the same lines, some twice
    assert tables[0].equals(tables[1])
    assert tables[0].schema == SCHEMA


def test_two_branches_merge_into_one_answer(tmp_path: Path) -> None:
    ours, theirs = [reply(1, "a"), reply(2, "cut", "cut")], [reply(1, "b"), reply(2, "whole"), reply(3)]
    for order in ([ours, theirs], [theirs, ours]):
        folder = tmp_path / str(order[0] is ours) / "judge"
        for branch in order:
            segment(folder, *(to_line(one).encode() for one in branch))
        ledger = Ledger.read(folder)
        assert (len(ledger), ledger.get(digest("2"))) == (3, reply(2, "whole"))
        assert ledger.get(digest("1")) in best([ours[0], theirs[0]])


def test_pieces_blocks_and_workers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "judge"
    for start in (0, 40):
        segment(folder, *(line(number, f"答 {number} " * (number % 9)) for number in range(start, start + 60)))
    whole = Ledger.read(folder).table
    assert whole.num_rows == 100
    monkeypatch.setattr(check, "_PIECE", 700)
    for workers in ("1", "2"):
        monkeypatch.setenv("WINNOW_WORKERS", workers)
        assert Ledger.read(folder).table.equals(whole)


def test_keys_are_found_in_any_form_and_others_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "judge"
    segment(folder, *(line(number) for number in range(50)))
    ledger = Ledger.read(folder)
    keys = [digest(str(number)) for number in range(60)]
    positions = ledger.positions(keys)
    assert positions.dtype == np.int64
    assert ledger.table["key"].take(positions[:50]).to_pylist() == keys[:50]
    assert (positions[50:] == -1).all()
    assert (
        ledger.positions(["", "评" * 11, keys[3][:31], keys[3] + "0", keys[3].upper(), "\0" * 32]).tolist() == [-1] * 6
    )
    column = pa.chunked_array([keys[:3], [None, *keys[3:]]])
    expected = [*positions[:3], -1, *positions[3:]]
    for form in (column, column.combine_chunks(), column.cast(pa.large_string()), column.slice(0)):
        assert ledger.positions(form).tolist() == expected
    assert ledger.positions(column.combine_chunks().slice(5, 4)).tolist() == expected[5:9]
    assert ledger.positions([]).tolist() == []
    assert ledger.get(keys[7]) == reply(7)
    assert ledger.get("none") is None


def test_no_folder_and_one_without_segments_are_empty_ledgers(tmp_path: Path) -> None:
    for name in (".gitkeep", ".gitignore"):
        (tmp_path / name).touch()
    for folder in (tmp_path, tmp_path / "missing"):
        ledger = Ledger.read(folder)
        assert (len(ledger), ledger.get("0" * 32), ledger.positions(["0" * 32]).tolist()) == (0, None, [-1])
        assert ledger.table.schema == SCHEMA


@pytest.mark.parametrize("name", ["notes.txt", f"{'0' * 32}.jsonl.orig", f"{'0' * 31}.jsonl", f"{'A' * 32}.jsonl"])
def test_a_file_that_is_no_segment_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(UserError, match=rf"{name} is no segment of the ledger"):
        Ledger.read(tmp_path)


def test_a_folder_or_a_broken_link_with_the_name_of_a_segment_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 32}.jsonl").mkdir()
    with pytest.raises(UserError, match="is no segment of the ledger"):
        Ledger.read(tmp_path)
    (tmp_path / f"{'0' * 32}.jsonl").rmdir()
    (tmp_path / f"{'0' * 32}.jsonl").symlink_to("nowhere")
    with pytest.raises(UserError, match="is no segment of the ledger"):
        Ledger.read(tmp_path)


def test_replies_that_dvc_keeps_and_has_not_brought_are_not_asked_for_again(tmp_path: Path) -> None:
    folder = tmp_path / "judge"
    path = segment(folder, line(1))
    path.with_name(f"{path.name}.dvc").write_text("outs: []\n")
    assert len(Ledger.read(folder)) == 1
    path.unlink()
    with pytest.raises(UserError, match=rf"{path.name} is not here; run `dvc pull {path}.dvc`"):
        Ledger.read(folder)
    (tmp_path / "score.dvc").write_text("outs: []\n")
    with pytest.raises(UserError, match=r"dvc pull .*score\.dvc"):
        Ledger.read(tmp_path / "score")


def test_damage_names_the_file_and_the_line_and_how_to_keep_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_PIECE", 700)
    folder = tmp_path / "judge"
    path = segment(folder, *(line(number) for number in range(20)))
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    keeps = "; `winnow verify --fix` moves it aside and keeps its whole lines"
    for damaged, message in [
        (
            b"".join([*lines[:13], lines[13].replace(b" ok", b" oK"), *lines[14:]]),
            ", line 14, is not what was written",
        ),
        (data[:-30], ", line 20, was cut short"),
        (data[:-1], ", line 20, was cut short: its line feed is missing"),
        (b"".join(lines[1:]), " is damaged, for its bytes are not its name's"),
        (b"", " is damaged, for its bytes are not its name's"),
        (data.replace(b"\n", b"\r\n"), ", line 1, ends with CR LF"),
        (data + b"\0" * 4096, ", line 21, was cut short"),
    ]:
        path.write_bytes(damaged)
        with pytest.raises(UserError) as caught:
            Ledger.read(folder)
        assert str(caught.value).startswith(f"{path}{message}")
        assert str(caught.value).endswith(f"{keeps}.")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("hostile", "problem"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b'{"completion_tokens":' + b"[" * 100_000, "nested too deep"),
        (line(2).replace(b'"ok"', b'"2024-01-01"'), "unknown status"),
        (line(2).replace(b'"m-1"', b"5"), "'model'"),
        (line(2).replace(b'"prompt_tokens":3', b'"prompt_tokens":3.5'), "'prompt_tokens'"),
        (line(2).replace(b'"prompt_tokens":3', b'"prompt_tokens":NaN'), "'prompt_tokens'"),
        (line(2).replace(b'"reply":"', b'"reply":"\\ud800'), "surrogate"),
        (line(2).replace(b'"reply":"', b'"reply":"\xff'), "UTF-8"),
        (line(2).replace(b'"reply":', b'"reply":"a","reply":'), "not spelt"),
        (line(3).replace(b" ok", b" oK"), "not what was written"),
        (b"=======\n", "conflict mark"),
        (b"\n", "no JSON"),
        (b"\xef\xbb\xbf" + line(2), "no JSON"),
    ],
)
def test_a_hostile_segment_under_its_right_name_is_one_sentence(tmp_path: Path, hostile: bytes, problem: str) -> None:
    path = as_written(tmp_path, line(1) + hostile.removesuffix(b"\n") + b"\n" + line(3))
    with pytest.raises(UserError, match=rf"{path}, line 2, .*{problem}.*; it was written so: .*`git rm {path}`\.$"):
        Ledger.read(tmp_path)


@pytest.mark.parametrize("forged", ["0" * 32, "f" * 32])
def test_no_digest_is_believed_where_two_lines_share_a_key(tmp_path: Path, forged: str) -> None:
    segment(tmp_path / "judge", line(1, "a"))
    honest = line(1, "b")
    path = as_written(tmp_path / "judge", honest.replace(honest.split(b'"')[5], forged.encode()))
    with pytest.raises(UserError, match=rf"{path}, line 1, is not what was written"):
        Ledger.read(tmp_path / "judge")


def test_a_line_too_long_to_be_read_is_named_without_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_PIECE", 1000)
    monkeypatch.setattr(check, "MAX_LINE", 5000)
    monkeypatch.setattr(check, "check_lines", lambda data: pytest.fail("it was read"))
    as_written(tmp_path, line(1) + b"x" * 10_000)
    with pytest.raises(UserError, match="line 2, is longer than 33,554,432 bytes"):
        Ledger.read(tmp_path)


def test_a_long_reply_is_read(tmp_path: Path) -> None:
    long = reply(1, "长" * 3_000_000)
    segment(tmp_path / "judge", to_line(long).encode(), line(2))
    assert Ledger.read(tmp_path / "judge").get(long.key) == long
