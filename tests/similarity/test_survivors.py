"""From records to drops: each near-duplicate is at the limit to a row that stays, measured anew with plain tokens."""

import random
from pathlib import Path

import numpy as np

from tests.similarity.rows import jaccard, records, with_edits
from tests.text.oracles import normal, runs, split_tokens
from winnow.gates.comparing import by_script, comparison
from winnow.gates.decisions import Drop
from winnow.gates.deduplicating import deduplicate, linked_by, passes
from winnow.records.schema import RECORDS
from winnow.similarity.neighbours import find_neighbours
from winnow.similarity.pairs import alike
from winnow.similarity.sketch import sketches
from winnow.similarity.sketches import Task
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import write_table
from winnow.storage.tables import write_bucketed

LIMIT = 0.75


def dropped(folder: Path, texts: dict[str, str], buckets: int, fold: bool = False) -> dict[str, Drop]:
    """Return the drops among rows with these replies, by row id; with ``fold`` of both Chinese scripts."""
    (folder / "scratch").mkdir(parents=True)
    tasks = [Task(bucket, folder / "records", folder / "scratch", fold=fold) for bucket in range(buckets)]
    for task in tasks:
        rows = [(one, "sft", text) for one, text in sorted(texts.items()) if bucket_of(one, buckets) == task.bucket]
        write_table(part(task.records, task.bucket), records(rows), RECORDS)
    found = find_neighbours(tasks, 0.7)
    write_bucketed(folder / "sketches", found.sketches, buckets)
    order = passes(LIMIT, 0.0, ["row"], "keep_all")
    linked = linked_by(found.links, order)
    compare = comparison(folder / "sketches", buckets)(linked)
    rank, alive = np.arange(len(linked)), np.ones(len(linked), bool)
    drops = deduplicate(linked, found.links, rank, alive, order, None, compare)[0]
    return by_script(drops, found.links) if fold else drops


def test_traditional_and_simplified_are_one_on_request(tmp_path: Path) -> None:
    equal = "圖書館裡藏著許多舊書，管理員說最老的一本寫於清朝，封面已經發黃，只有學者可以預約閱覽。"
    texts = {
        "s:1": "图书馆里藏着许多旧书，管理员说最老的一本写于清朝，封面已经发黄，只有学者可以预约阅览。",
        "s:2": equal,
        "s:3": equal.replace("預約閱覽", "預約觀看"),
        "s:4": "图书馆里藏着许多旧书，管理员说最老的一本写于清朝，封面已经发黄，只有学者可以预约阅览吧。",
        "s:5": "乾隆年间的图书馆不藏旧书，管理员从来不说谎，没有学者可以预约。",
    }
    assert {one: drop.reason for one, drop in dropped(tmp_path / "plain", texts, 2).items()} == {
        "s:3": "near_duplicate",
        "s:4": "near_duplicate",
    }
    drops = dropped(tmp_path / "folded", texts, 2, fold=True)
    assert {one: (drop.reason, drop.other) for one, drop in drops.items()} == {
        "s:2": ("script_duplicate", "s:1"),
        "s:3": ("script_duplicate", "s:1"),
        "s:4": ("near_duplicate", "s:1"),
    }


def test_near_duplicates_are_at_the_limit_to_a_row_that_stays(tmp_path: Path) -> None:
    texts = {f"s:{number:04d}": text for number, text in enumerate(with_edits(2000, seed=3))}
    drops = dropped(tmp_path / "one", texts, 3)
    shingles = {row_id: set(runs(split_tokens(normal(text)), 3)) for row_id, text in texts.items()}
    near = {row_id: drop for row_id, drop in drops.items() if drop.reason == "near_duplicate"}
    assert len(near) > 500
    for row_id, drop in near.items():
        assert drop.other is not None
        assert drop.other not in drops
        assert drop.value is not None
        assert drop.value >= LIMIT
        assert abs(drop.value - jaccard(shingles[row_id], shingles[drop.other])) < 1e-5
    assert dropped(tmp_path / "two", texts, 1) == drops


def test_rows_that_differ_from_an_exact_duplicate_in_capitals_are_measured_themselves(tmp_path: Path) -> None:
    draw = random.Random(4)
    words = [f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in "klmnprst"]
    texts = []
    for _ in range(300):
        base = draw.sample(words, 30)
        copy = [*base[:15], draw.choice(words), *base[16:]]
        texts += [change(" ".join(text)) for text in (base, copy) for change in (str.lower, str.title)]
    named = {f"s:{number:04d}": text for number, text in enumerate(draw.sample(texts, len(texts)))}
    drops = dropped(tmp_path, named, 3)
    row_ids = sorted(named)
    sketched = sketches(records([(row_id, "sft", named[row_id]) for row_id in row_ids]), ())
    near = [(row_id, drop) for row_id, drop in drops.items() if drop.reason == "near_duplicate"]
    pairs = np.array([(row_ids.index(row_id), row_ids.index(drop.other or "")) for row_id, drop in near])
    assert len(near) > 200
    assert [drop.value for _, drop in near] == alike(sketched, pairs).tolist()
    assert all(drop.value is not None and drop.value >= LIMIT and drop.other not in drops for _, drop in near)


def test_a_chain_of_small_changes_does_not_drop_what_is_far_from_all_that_stay(tmp_path: Path) -> None:
    words = [f"{a}{b}" for a in "bcdfghklmp" for b in "aeiou"]
    chain = {f"s:{n:02d}": " ".join(words[n : n + 40]) for n in range(11)}
    drops = dropped(tmp_path, chain, 1)
    shingles = {row_id: set(runs(text.split(), 3)) for row_id, text in chain.items()}
    kept = sorted(set(chain) - set(drops))
    assert 1 < len(kept) < len(chain)
    assert all(jaccard(shingles[row_id], shingles[drop.other or ""]) >= LIMIT for row_id, drop in drops.items())
    assert all(jaccard(shingles[a], shingles[b]) < LIMIT for a in kept for b in kept if a < b)
