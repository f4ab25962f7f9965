"""Hidden characters and benchmark items that were planted in 200 rows each: all are found, and no other row is hit."""

import json
from pathlib import Path

import pytest

from tests.conftest import Clone
from tests.test_pipeline import STAGES
from winnow.storage.buckets import read_all

HIDDEN = ("\u200b", "\u2060", "\u202e", "\u2066", "\ufeff", "\u00ad", "\U000e0041\U000e0042", "\u180e")
"""Zero-width, joining, bidirectional, soft and tag characters, each inside a word of Latin letters."""


def item(n: int) -> str:
    """Return a question of a benchmark, which no other shares a run of words with."""
    return f"Mill {n} grinds {n * 7 + 3} sacks a day and rests on day {n % 6 + 1}; how many leave it in {n + 2} weeks?"


def row(n: int, instruction: str) -> dict[str, str]:
    return {
        "instruction": instruction,
        "input": "",
        "output": f"The answer of row {n} is {n * 13} by the count of town {n * 3}.",
    }


@pytest.mark.slow
@pytest.mark.pipeline
def test_hidden_characters_and_benchmark_items_are_all_found(clone: Clone) -> None:
    plain = [
        row(n, f"Name {n} rivers that flow through province {n * 11} and meet the sea at port {n * 5}.")
        for n in range(200)
    ]
    hidden = [
        row(n, f"Which har{HIDDEN[n % len(HIDDEN)]}bour number {n} lies north of cape {n * 9}?")
        for n in range(1000, 1200)
    ]
    leaked = [row(n, f"Please help me with this. {item(n)} Explain each step.") for n in range(2000, 2200)]
    files = {"plain": plain, "hidden": hidden, "leaked": leaked}
    for name, rows in files.items():
        folder = clone.folder / "data/raw" / name
        folder.mkdir()
        (folder / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    entries = "".join(f"  {name}: {{adapter: alpaca, path: {name}, license: CC0-1.0}}\n" for name in files)
    clone.params("\nsources:\n", f"\nsources:\n{entries}")
    benchmark = Path("data/benchmarks/mills.jsonl")
    lines = (json.dumps({"id": str(n), "question": item(n)}) + "\n" for n in range(2000, 2200))
    (clone.folder / benchmark).write_text("".join(lines), encoding="utf-8")
    clone.params("  benchmarks:\n", f"  benchmarks:\n    mills: {{path: {benchmark}, text: question}}\n")
    for stage in STAGES[: STAGES.index("decontaminate") + 1]:
        clone.run("python3", "-m", f"stages.{stage}")
    edits = read_all(clone.folder / "data/clean/edits", 16).to_pylist()
    found = {one["row_id"] for one in edits if one["rule"] in ("invisible", "control")}
    assert len({one for one in found if one.startswith("hidden:")}) == 200
    assert not {one for one in found if one.startswith(("plain:", "leaked:"))}
    records = read_all(clone.folder / "data/clean/records", 16).to_pylist()
    assert not [
        one for one in records if one["source"] == "hidden" and any(c in str(one["messages"]) for c in "".join(HIDDEN))
    ]
    decisions = read_all(clone.folder / "data/decontaminate", 16).to_pylist()
    dropped = {one["row_id"] for one in decisions if one["reason"] == "benchmark_overlap"}
    assert len({one for one in dropped if one.startswith("leaked:")}) == 200
    assert not {one for one in dropped if one.startswith(("plain:", "hidden:"))}
