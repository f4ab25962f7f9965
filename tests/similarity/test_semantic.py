"""Rows in other words: exact search by TF-IDF against plain Python, by a model's vectors, and what is kept of it."""

import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.similarity.rows import links_of, records, with_edits
from tests.text.oracles import normal, split_tokens
from winnow.harness.errors import UserError
from winnow.similarity import embed, sparse
from winnow.similarity.forest import groups
from winnow.similarity.ranked import Semantic, best
from winnow.similarity.tfidf import rare_parts, rarity, weighted
from winnow.storage.types import Floats, Ints

SLACK = 0.01  # some thousand features share places in 2**18
Links = dict[tuple[str, str], float]


def terms(text: str) -> list[str]:
    """Return words, characters of scripts without spaces, and bigrams of neighbouring ones of these."""
    text = normal(text)
    pairs = [a + b for a, b in pairwise(text) if min(a, b) >= "一" and max(a, b) <= "鿿"]
    return split_tokens(text) + pairs


def cosine(a: Counter[str], b: Counter[str], idf: dict[str, float]) -> float:
    def weights(counts: Counter[str]) -> dict[str, float]:
        weight = {term: (1 + math.log(count)) * idf[term] for term, count in counts.items()}
        length = math.sqrt(sum(value * value for value in weight.values()))
        return {term: value / length for term, value in weight.items()}

    first, second = weights(a), weights(b)
    return sum(value * second.get(term, 0.0) for term, value in first.items())


def truth(texts: list[str], floor: float) -> dict[tuple[int, int], float]:
    counts = [Counter(terms(f"?\n{text}")) for text in texts]
    within = Counter(term for one in counts for term in one)
    idf = {term: 1 + math.log((1 + len(texts)) / (1 + rows)) for term, rows in within.items()}
    cosines = {(a, b): cosine(counts[a], counts[b], idf) for a, b in combinations(range(len(texts)), 2)}
    return {pair: value for pair, value in cosines.items() if value >= floor}


def semantic(folder: Path, tables: list[pa.Table], settings: Semantic) -> Links:
    links = links_of(folder, tables, 0.7, ("semantic",), settings)
    return {(link.row_id, link.other_row_id): link.similarity for link in links}


def ids(count: int) -> list[str]:
    return [f"s:{n:03d}" for n in range(count)]


@pytest.mark.parametrize("floor", [0.6, 0.85])
def test_all_pairs_above_the_floor_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floor: float) -> None:
    texts = [*with_edits(100, seed=4), "", "!!!", "中文 and English, 中文"]
    best_pairs: dict[tuple[int, int], float] = {}
    search = sparse.alike_pairs

    def seen(*arguments: Any) -> Iterator[tuple[Ints, Floats]]:
        for pairs, values in search(*arguments):
            best_pairs.update(zip(map(tuple, pairs.tolist()), values.tolist(), strict=True))
            yield pairs, values

    monkeypatch.setattr(sparse, "alike_pairs", seen)
    rows = [(row_id, "sft", text) for row_id, text in zip(ids(len(texts)), texts, strict=True)]
    links = semantic(tmp_path, [records(rows[:40]), records(rows[40:])], Semantic("tfidf", floor, 99))
    near, true = truth(texts, floor - SLACK), truth(texts, floor + SLACK)
    assert len(true) > 40
    assert true.keys() <= best_pairs.keys() <= near.keys()
    assert min(best_pairs.values()) >= floor
    assert all(value == pytest.approx(near[pair], abs=SLACK) for pair, value in best_pairs.items())
    member = groups(len(texts), np.array([(int(a[2:]), int(b[2:])) for a, b in links]))
    assert {pair for pair in combinations(range(len(texts)), 2) if member[pair[0]] == member[pair[1]]} >= true.keys()
    assert len(links) <= len(texts) - len(set(member.tolist()))


def test_word_order_does_not_matter_and_kinds_do(tmp_path: Path) -> None:
    rows = [
        ("s:1", "sft", "which english word is the most common"),
        ("s:2", "sft", "the most common english word is which"),
        ("s:3", "preference", "the most common english word is, which"),
        ("s:4", "sft", "nothing of all that"),
    ]
    assert semantic(tmp_path, [records(rows)], Semantic("tfidf", 0.8, 3)) == {("s:2", "s:1"): 1.0}


def test_one_long_context_makes_nothing_alike(tmp_path: Path) -> None:
    context = " ".join(f"word{n}" for n in range(200))
    rows = [("s:1", "sft", "it was the red one", context), ("s:2", "sft", "we never met them", context)]
    assert semantic(tmp_path, [records(rows)], Semantic("tfidf", 0.5, 3)) == {}


def test_a_crowd_costs_a_line_a_row(tmp_path: Path) -> None:
    rows = [("s:" + str(n), "sft", " ".join(f"word{(n + k) % 40}" for k in range(40))) for n in range(40)]
    links = semantic(tmp_path, [records(rows)], Semantic("tfidf", 0.9, 3))
    assert len(links) == 39


@given(
    rows=st.lists(
        st.dictionaries(st.integers(0, 8), st.integers(1, 9), min_size=1, max_size=6), min_size=2, max_size=6
    ),
    floor=st.floats(0.5, 0.99),
)
def test_pairs_above_the_floor_share_a_rare_feature(rows: list[dict[int, int]], floor: float) -> None:
    values = np.array([feature << 14 | count for row in rows for feature, count in sorted(row.items())], np.uint32)
    bounds = np.cumsum([0, *map(len, rows)])
    within = np.bincount(values >> 14, minlength=9)
    vectors = weighted(values, bounds, rarity(within, len(rows)))
    features, edges = rare_parts(vectors, within, floor)
    full = np.zeros((len(rows), 9))
    for n in range(len(rows)):
        here = slice(bounds[n], bounds[n + 1])
        full[n, vectors.features[here]] = vectors.weights[here]
    for a, b in combinations(range(len(rows)), 2):
        if full[a] @ full[b] >= floor:
            assert set(features[edges[a] : edges[a + 1]].tolist()) & set(features[edges[b] : edges[b + 1]].tolist())


@given(
    values=st.dictionaries(st.sampled_from(list(combinations(range(5), 2))), st.sampled_from([0.8, 0.9]), min_size=1)
)
def test_the_best_of_parts_are_the_best_of_all(values: dict[tuple[int, int], float]) -> None:
    pairs, similarity = np.array(list(values)), np.array(list(values.values()))
    half = len(pairs) // 2
    parts = [best(pairs[:half], similarity[:half], 2), best(pairs[half:], similarity[half:], 2)]
    links, values_of_links = map(np.concatenate, zip(*parts, strict=True))
    again = best(links, values_of_links, 2)
    whole = best(pairs, similarity, 2)
    assert sorted(map(tuple, again[0].tolist())) == sorted(map(tuple, whole[0].tolist()))


def letters(texts: list[str]) -> embed.Vectors:
    return np.array([[text.count(letter) for letter in "abcdefgh"] for text in texts], np.float32)


def test_vectors_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "encoder", lambda folder: letters)
    rows = [("s:1", "sft", "aab"), ("s:2", "sft", "baa aab"), ("s:3", "sft", "ccc"), ("s:4", "sft", "", "aab")]
    settings = Semantic("embed", 0.9, 3, "model")
    expected = {("s:2", "s:1"): 1.0}
    assert semantic(tmp_path / "one", [records(rows)], settings) == expected
    monkeypatch.setattr(embed, "_BLOCK", 1)
    assert semantic(tmp_path / "two", [records(rows[:1]), records([]), records(rows[1:])], settings) == expected


WIDE = """
import sys
from pathlib import Path
import numpy as np
from tests.similarity.test_semantic import Semantic, embed, records, semantic
embed.encoder = lambda folder: lambda texts: np.ones((len(texts), 4096), np.float32)
rows = [(f"s:{n:03d}", "sft", f"text {n}") for n in range(64)]
semantic(Path(sys.argv[1]), [records(rows)], Semantic("embed", 1.0, 3))
"""  # 1 MB of vectors


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux")
def test_vectors_that_do_not_fit_on_the_disk_are_an_error_and_kill_nothing(tmp_path: Path) -> None:
    mounted = f"mount -t tmpfs -o size=512k none {tmp_path} && exec {sys.executable} -c '{WIDE}' {tmp_path}/run"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", mounted], capture_output=True, text=True, check=False)
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip("this root may not mount")
    assert done.stderr.endswith("OSError: [Errno 28] No space left on device\n"), (done.returncode, done.stderr[-500:])


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"semantic_model is '', which is no folder"):
        embed.encoder("")
    monkeypatch.setitem(sys.modules, "model2vec", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(UserError, match="needs the package model2vec; install it"):
        embed.encoder(str(tmp_path))
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(UserError, match="needs the package sentence-transformers; install it"):
        embed.encoder(str(tmp_path))
    (tmp_path / "modules.json").write_text('[{"type": "sentence_transformers.models.StaticEmbedding"}]')
    with pytest.raises(UserError, match="needs the package model2vec; install it"):
        embed.encoder(str(tmp_path))
