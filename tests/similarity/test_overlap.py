"""Overlap with test items: the cases of a table, the measure against a plain reading, and a bucket on disk."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.text.oracles import runs, split_tokens
from winnow.gates.contamination import too_much
from winnow.harness.errors import UserError
from winnow.reading.benchmarks import Benchmark, BenchmarkItem, read_benchmarks
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected
from winnow.records.schema import RECORDS
from winnow.similarity import alike
from winnow.similarity.alike import meaning_of
from winnow.similarity.items import prepare
from winnow.similarity.overlap import Task, overlap_bucket, overlaps
from winnow.storage.buckets import part, read_bucket
from winnow.storage.parquet import write_table

CASES = json.loads((REPOSITORY / "tests/cases/test_items.json").read_text(encoding="utf-8"))
WORDS = st.lists(st.sampled_from(["a", "b", "c", "中", "文", "dd"]), max_size=14).map(" ".join)


def asking(text: str) -> BenchmarkItem:
    return BenchmarkItem(text, text, [], [], [])


def row(prompt: str = "Go on.", reply: str = "Yes.", **more: Any) -> dict[str, Any]:
    return {"prompt": prompt, "reply": reply, **more}


def table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows (prompt, reply, and where there are any system, context, turns before and rejected) as records."""
    builder = RecordBuilder()
    for at, one in enumerate(rows):
        texts = [*one.get("before", []), one["prompt"], one["reply"]]
        messages = [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]
        messages[-1] = messages[-1]._replace(reasoning=one.get("reasoning"))
        more: dict[str, Any] = {name: one[name] for name in ("system", "context") if name in one}
        if "rejected" in one:
            more |= {"kind": "preference", "rejected": [Rejected((Message("assistant", one["rejected"]),))]}
        builder.append(f"s:{at}", "s", "CC0-1.0", "human", Record(messages, (str(at),), **more))
    return builder.table()


def found(
    rows: Sequence[Mapping[str, Any]], items: list[BenchmarkItem], n: int = 8
) -> list[tuple[str, str, str, float]]:
    sets = prepare({"b": Benchmark(items)}, n, 0.2)
    lines = overlaps(table(rows), sets, 0.2).to_pylist()
    return [(line["row_id"], line["item"], line["side"], line["overlap"]) for line in lines]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_cases(case: dict[str, Any], tmp_path: Path) -> None:
    for name, items in CASES["items"].items():
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in items)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    entries = {name: {"path": str(tmp_path / f"{name}.jsonl"), **CASES["entries"][name]} for name in CASES["items"]}
    made = table([{"prompt": "Go on.", "reply": "Yes.", **case["row"]}])
    over = overlaps(made, prepare(read_benchmarks(entries, tmp_path), 8, 0.2), 0.2)
    hits = too_much(pa.array(["s:0"]), over, 0.5, 0.0).to_pylist()
    assert sorted({f"{one['item']} {one['side']}" for one in hits}) == sorted(case["hits"])


def plain(text: str, item: str, others: list[str], n: int) -> float:
    """Return the share of an item's runs that a text holds, each weighed by one over the items that hold it."""
    held = set(runs(split_tokens(text), n)) if len(split_tokens(text)) >= n else set()
    different = {tuple(split_tokens(one)) for one in others}
    weights = [1 / sum(run in runs(list(one), n) for one in different) for run in runs(split_tokens(item), n)]
    shared = [weight for weight, run in zip(weights, runs(split_tokens(item), n), strict=True) if run in held]
    return sum(shared) / sum(weights)


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=4), items=st.lists(WORDS, min_size=1, max_size=4))
def test_the_measure_of_long_questions(texts: list[str], items: list[str]) -> None:
    n, items = 2, [one for one in items if len(split_tokens(one)) >= 4]
    expected = {(r, i): plain(text, item, items, n) for r, text in enumerate(texts) for i, item in enumerate(items)}
    over = found([row(text) for text in texts], [asking(item)._replace(name=str(i)) for i, item in enumerate(items)], n)
    measured = {(int(r.split(":")[1]), int(i)): share for r, i, side, share in over if side == "prompt"}
    assert measured == pytest.approx({pair: share for pair, share in expected.items() if share >= 0.2}, abs=1e-6)


def test_a_stem_that_many_items_share_counts_nothing() -> None:
    stem = "In the light of what you have read above, which one of the following answers is the best for"
    items = [asking(f"{stem} town {n} by river {n * 3} and lake {n * 7}?") for n in range(40)]
    assert found([row(f"{stem} a dog that has been lost?")], items) == []
    assert found([row(items[3].question)], items) == [("s:0", items[3].name, "prompt", 1.0)]


def test_equal_items_of_two_test_sets_do_not_weaken_each_other() -> None:
    text = "A kite on forty metres of string stands straight above the far end of a shadow of thirty metres."
    sets = prepare({"a": Benchmark([asking(text)]), "b": Benchmark([asking(text)])}, 8, 0.2)
    assert overlaps(table([row(text)]), sets, 0.2)["overlap"].to_pylist() == [1.0, 1.0]


def test_no_items_and_no_rows() -> None:
    assert found([row("x")], []) == []
    assert len(overlaps(table([]), prepare({"b": Benchmark([asking("a b c d e f g h i")])}, 8, 0.2), 0.2)) == 0


def test_other_words_by_tfidf() -> None:
    items = ["How do bees tell each other where the flowers are?", "Why does iron rust faster near the sea?"]
    meaning = meaning_of(items, "tfidf", 0.5, "")
    sets = prepare({"b": Benchmark([asking(one) for one in items])}, 8, 0.2)
    rows = [row("Explain how the bees tell each other where flowers grow."), row("Write a poem.")]
    (line,) = overlaps(table(rows), sets, 0.2, meaning).to_pylist()
    assert (line["row_id"], line["item"], line["measure"]) == ("s:0", items[0], "tfidf")
    assert 0.5 <= line["overlap"] < 1
    over = overlaps(table(rows), sets, 0.2, meaning)
    ids = pa.array(["s:0", "s:1"])
    assert [len(too_much(ids, over, 0.5, limit)) for limit in (0.0, 0.5, 0.99)] == [0, 1, 0]


def test_a_model_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"overlaps\.semantic_model is '', which is no folder"):
        meaning_of(["x"], "embed", 0.5, "")


def test_other_words_by_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(texts: list[str]) -> np.ndarray[Any, Any]:
        return np.array([[1.0, 0.1] if "sea" in text else [0.1, 1.0] for text in texts])

    monkeypatch.setattr(alike, "_encoder", lambda model: encode)
    items = ["Why does iron rust by the sea?", "Who was it?"]
    meaning = meaning_of(items, "embed", 0.9, "folder")
    found = meaning.alike(table([row("Rust at sea?"), row("It was me.", context="By the sea.")]))
    assert [one.tolist() for one in found] == [[0, 1], [0, 0], [1.0, 1.0]]


def test_a_bucket_from_records_to_overlaps(tmp_path: Path) -> None:
    text = "One long barge carries two hundred crates of plums from the mill down to the harbour every other day."
    made = table([row(context=text), row("x"), row(reply=f"So: {text}")])
    write_table(part(tmp_path / "records", 0), made, RECORDS)
    sets = prepare({"late": Benchmark([asking("x" + text)]), "early": Benchmark([asking(text)])}, 8, 0.2)
    assert overlap_bucket(Task(0, tmp_path / "records", tmp_path / "overlaps", sets, 0.99)) == (3, {"early": 2})
    lines = read_bucket(tmp_path / "overlaps", 0).to_pylist()
    assert [tuple(one.values())[:4] for one in lines] == [
        ("s:0", "early", text, "prompt"),
        ("s:2", "early", text, "reply"),
    ]
    assert {one["longest_run"] for one in lines} == {len(split_tokens(text))}


def test_candidates_never_depend_on_the_batch() -> None:
    items = [
        asking(f"Tell me at length why lamp {n} burns longer than candle {n * 3} on a cold night in May.")
        for n in range(9)
    ]
    rows = [row(item.question, item.question) for item in items]
    whole = found(rows, items)
    apart = [(f"s:{at}", *line[1:]) for at, one in enumerate(rows) for line in found([one], items)]
    assert whole == apart
    assert len(whole) == 2 * len(items)
    assert np.unique([line[0] for line in whole]).size == len(items)


def test_paraphrases_are_found_by_tfidf_in_part_and_by_runs_not_at_all() -> None:
    said = json.loads((REPOSITORY / "tests/cases/paraphrases.json").read_text(encoding="utf-8"))
    items = [one["item"] for one in said]
    near = meaning_of(items, "tfidf", 0.0, "").alike(table([row(one["said"]) for one in said]))
    assert float(((near.items == near.rows) & (near.cosine >= 0.4)).mean()) >= 0.5
    assert found([row(one["said"]) for one in said], [asking(one) for one in items]) == []
