"""A text that is taken down is found nowhere but where the documentation says that it stays."""

import csv
import gzip
import hashlib
import io
import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Clone
from tests.patches.test_pipeline import index, winnow
from tests.test_dvc_yaml import STAGES as DECLARED
from winnow.harness.digests import files_below

pytestmark = pytest.mark.pipeline

CANARY = " ".join(["zebra", "555-0100"])  # in parts, since this file is among those that are searched
HIDDEN = CANARY.replace("zeb", "zeb\u200b")
STAYS = ("data/raw/", "data/normalize/", "data/clean/")
"""Folders, beside DVC's cache, that keep the text without ``--purge``."""

STAGES = list(DECLARED)
PATCHED, REASONED, TAGGED = (f"demo_messages:chat-{n:03d}" for n in (1, 2, 3))


def turns(*texts: Any) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


def filler(n: int) -> str:
    return f"Number {n} has {n * n} stones, {n + 7} gates and {n * 31} windows; people of town {n * 17} like it most."


def chats() -> list[dict[str, Any]]:
    """Return conversations with the canary in each place that a conversation has."""
    call = {"id": "c", "type": "function", "function": {"name": "dial", "arguments": json.dumps({"to": CANARY})}}
    called = [{**turns("", f"Dialling {filler(1)}")[1], "tool_calls": [call]}]
    answered = [{"role": "tool", "tool_call_id": "c", "content": "ok"}, {"role": "assistant", "content": filler(2)}]
    system = [{"role": "system", "content": f"You are {CANARY}."}]
    tool = {"type": "function", "function": {"name": "dial", "description": CANARY}}
    return [
        {"messages": turns(f"Who has {CANARY}? {filler(3)}", filler(3))},
        {"messages": turns("Whose number is it?", f"It is {CANARY}.")},
        {"messages": turns(f"I am {CANARY}.", "Hello.", "What is there?", filler(4))},
        {"messages": turns("What is there now?", filler(5), f"Not {CANARY}?", filler(6))},
        {"messages": [*turns("Dial it for me."), *called, *answered]},
        {"messages": [*turns("Think of it."), {**turns("", filler(7))[1], "reasoning": f"They mean {CANARY}."}]},
        {"messages": [*system, *turns("Who are you?", filler(8))]},
        {"messages": turns("What do you offer?", filler(9)), "tools": [tool]},
        {"messages": turns("Where is it from?", filler(10)), "origin": {"author": [f"by {CANARY}"]}},
        {"messages": turns("In capitals, please.", f"{CANARY.upper()} {filler(11)}")},
        {"messages": turns("In wide letters, please.", f"{CANARY.replace('zebra', 'ｚｅｂｒａ')} {filler(12)}")},
        {"messages": turns("With a hidden sign, please.", f"{HIDDEN} {filler(13)}")},
        {"messages": turns("Over two lines, please.", f"{CANARY.replace(' ', chr(10))} {filler(14)}")},
        {"messages": [{"role": "somebody", "content": CANARY}]},
    ]


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def plant(clone: Clone) -> None:
    """Write sources with the canary in every place and every kind of file, and patches that quote it."""
    raw = clone.folder / "data/raw/canary"
    (raw / "chats").mkdir(parents=True)
    lines = [json.dumps({"id": f"c{n}", **one}, ensure_ascii=n % 2 == 0) for n, one in enumerate(chats())]
    whole = json.dumps({"id": "whole", "messages": turns("What stays?", filler(20))})
    (raw / "chats/a.jsonl").write_text("\n".join([whole, *lines, f'{{"id": "torn {CANARY}', ""]), encoding="utf-8")
    (raw / "chats/b.jsonl.gz").write_bytes(gzip.compress(f"{lines[1].replace('c1', 'd1')}\n{whole}".encode()))
    pairs = [(f"Colour {n}?", filler(30 + n), f"{filler(60 + n)} {CANARY if n == 1 else ''}") for n in range(3)]
    alpaca = [
        {"instruction": ask, "input": CANARY if n == 2 else "", "output": [good, bad]}
        for n, (ask, good, bad) in enumerate(pairs)
    ]
    (raw / "alpaca").mkdir()
    (raw / "alpaca/a.json").write_text(json.dumps(alpaca), encoding="utf-8")  # all on one line
    (raw / "tables").mkdir()
    cells = [
        ["q", "a"],
        ["What is on it?", filler(40)],
        ["What is in it?", f'"{CANARY}",\n{filler(41)}'],
        ["Why?", filler(42)],
    ]
    with (raw / "tables/a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(cells)
    columns = {"n": [1, 2, 3], "q": ["A?", f"B {CANARY}?", "C?"], "a": [filler(50), filler(51), filler(52)]}
    pq.write_table(pa.table(columns), raw / "tables/b.parquet")
    pinned = f"alpaca, url: 'https://example.org/a.json', sha256: {sha256(raw / 'alpaca/a.json')}"
    made = {"chats": "messages", "alpaca": pinned, "tables": "table, instruction: q, response: a"}
    lines = [f"  {name}: {{path: canary/{name}, license: CC0-1.0, adapter: {how}}}" for name, how in made.items()]
    clone.params("\nsources:\n", "\n".join(["", "sources:", *lines, ""]))
    clone.stages("normalize", "clean")
    winnow(clone, "patch", PATCHED, "--set", f"response=Ask {CANARY} about it.", "--reason", "more precise")
    winnow(clone, "patch", REASONED, "--drop", "--reason", f"it sells {CANARY}")
    winnow(clone, "patch", TAGGED, "--tag", f"by {CANARY}", "--reason", "a tag")


def plain(text: str) -> str:
    """Return a text in the form that canaries are looked for: what hides a text from a search is undone."""
    text = unicodedata.normalize("NFKC", text).replace("\u200b", "").casefold()
    return " ".join(text.replace("\\u200b", "").replace("\\n", " ").split())


def places(clone: Clone) -> Counter[str]:
    """Return how often each file outside Git, DVC's cache and the environment holds the canary."""
    found: Counter[str] = Counter()
    for name in files_below(clone.folder):
        path = Path(name)
        inside = path.relative_to(clone.folder).as_posix()
        if inside.startswith((".git/", ".dvc/cache/", ".venv/")):
            continue
        data = path.read_bytes()
        if path.suffix == ".parquet":
            text = json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), ensure_ascii=False, default=str)
        else:
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode(errors="replace")
        if count := plain(text).count(plain(CANARY)):
            found[inside] = count
    return found


def rerun(clone: Clone, *, first: int) -> None:
    clone.stages(*STAGES[first:])


@pytest.fixture(scope="module")
def planted(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with the canary in every place, built."""
    clone = built.copy(tmp_path_factory.mktemp("planted") / "clone")
    plant(clone)
    rerun(clone, first=2)
    return clone


@pytest.fixture(scope="module")
def taken(planted: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The clone after a takedown of the canary, built again."""
    clone = planted.copy(tmp_path_factory.mktemp("taken") / "clone")
    out = winnow(clone, "takedown", "--text", CANARY, "--yes", "--reason", "a private number")
    (clone.folder / ".git/said").write_text(out, encoding="utf-8")
    rerun(clone, first=2)
    return clone


def test_the_canary_reaches_the_release_the_report_and_the_decisions(planted: Clone) -> None:
    found = places(planted)
    for place in ("data/export/", "data/report/", "data/filter/", "data/patches/", *STAYS):
        assert any(one.startswith(place) for one in found), place


def test_a_text_that_was_taken_down_is_in_no_output(planted: Clone, taken: Clone) -> None:
    assert [one for one in places(taken) if not one.startswith(STAYS)] == []
    before, after = index(planted), index(taken)
    assert before.keys() == after.keys(), "every row and unit stays accounted for"
    gone = {row_id for row_id, row in after.items() if row["reason"] == "takedown"}
    holding = {f"chats:c{n}" for n in range(13)} | {"chats:d1", PATCHED}
    assert {row_id for row_id in gone if row_id.startswith("chats:")} | {PATCHED} == holding
    assert Counter(row_id.split(":")[0] for row_id in gone) == {
        "chats": 14,
        "alpaca": 2,
        "tables": 2,
        "demo_messages": 1,
    }


def test_patches_that_quoted_the_text_keep_what_they_decide(taken: Clone) -> None:
    rows = index(taken)
    assert rows[REASONED]["reason"] == "dropped_by_hand"
    assert rows[TAGGED]["status"] == "in"
    assert "2 patches no longer quote it" in (taken.folder / ".git/said").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_text_stays_out_whatever_rule_is_off_and_wherever_it_comes_back(taken: Clone, tmp_path: Path) -> None:
    clone = taken.copy(tmp_path / "clone")
    again = [turns("Again?", filler(70), f"I am {CANARY}.", filler(71)), turns("Once more?", f"It is {CANARY}.")]
    lines = [json.dumps({"id": f"again{n}", "messages": one}) for n, one in enumerate(again)]
    (clone.folder / "data/raw/canary/chats/c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    clone.params("  invisible: true", "  invisible: false")
    clone.params("  whitespace: true", "  whitespace: false")
    rerun(clone, first=1)
    rows = index(clone)
    assert {rows[f"chats:again{n}"]["reason"] for n in range(2)} == {"takedown"}
    assert [one for one in places(clone) if not one.startswith(STAYS)] == []


def test_purge_leaves_no_place_and_moves_no_other_row(planted: Clone, tmp_path: Path) -> None:
    clone = planted.copy(tmp_path / "clone")
    out = winnow(clone, "takedown", "--text", CANARY, "--purge", "--yes", "--reason", "a private number")
    for name, count in (
        ("chats/a.jsonl", 15),
        ("chats/b.jsonl.gz", 1),
        ("alpaca/a.json", 2),
        ("tables/a.csv", 1),
        ("tables/b.parquet", 1),
    ):
        assert f"data/raw/canary/{name}: {count} units replaced by tombstones" in out
    assert sha256(clone.folder / "data/raw/canary/alpaca/a.json") in (clone.folder / "params.yaml").read_text("utf-8")
    rerun(clone, first=1)
    assert places(clone) == {}
    before, after = index(planted), index(clone)
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert Counter(row_id.split(":")[0] for row_id in gone) == {"chats": 16, "alpaca": 2, "tables": 2}
    assert {(after[one]["stage"], after[one]["reason"]) for one in new} == {("normalize", "taken_down")}
    assert len(new) == len(gone), "every unit is accounted for"
    assert after[PATCHED]["reason"] == "takedown", "whose raw unit says nothing of it"
    assert {"chats:whole", TAGGED} <= {row_id for row_id, row in after.items() if row["status"] == "in"}
