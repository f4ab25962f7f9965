"""The passes of ``deduplicate``: scopes, preference by facts, pairs of replies, and settings that contradict."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from winnow.gates.decisions import Drop
from winnow.gates.deduplicating import Floors, Rated, among, check_settings, deduplicate, passes, rated_by
from winnow.gates.duplicates import rows_linked
from winnow.gates.preferred import check_prefer, facts_of, numeric_facts, preference
from winnow.harness.errors import UserError
from winnow.records.schema import NEIGHBOURS
from winnow.storage.buckets import part
from winnow.storage.parquet import write_table

IDS = [f"s:{n}" for n in range(8)]
Link = tuple[int, int, str, float]
Outcomes = dict[int, tuple[Any, ...]]


def table(links: list[Link]) -> pa.Table:
    rows = [(IDS[a], IDS[b], relation, similarity) for a, b, relation, similarity in links]
    return pa.table(list(map(list, zip(*rows, strict=True))) or [[]] * 4, schema=NEIGHBOURS)


def decided(
    links: list[Link],
    scope: list[str],
    same_prompt: str = "keep_all",
    semantic: float = 0.0,
    rank: list[int] | None = None,
    rated: Rated | None = None,
) -> tuple[Outcomes, Outcomes]:
    """Return drops and notes as (reason, value, limit, other, detail), by number of the row."""
    order = passes(0.8, semantic, scope, same_prompt)
    ranks = np.array(rank or range(len(IDS)))
    drops, notes = deduplicate(pa.array(IDS), table(links), ranks, np.ones(len(IDS), bool), order, rated)
    return _by_number(drops), _by_number(notes)


def _by_number(drops: dict[str, Drop]) -> Outcomes:
    return {int(row_id[2:]): tuple(vars(drop).values()) for row_id, drop in drops.items()}


LINKS: list[Link] = [
    (1, 0, "exact", 1.0),
    (2, 0, "near", 0.9),
    (3, 0, "prompt", 1.0),
    (4, 0, "response", 1.0),
    (5, 4, "semantic", 0.95),
    (6, 0, "prompt", 1.0),
]


@pytest.mark.parametrize(
    ("scope", "same_prompt", "semantic", "out"),
    [
        (["row"], "keep_all", 0.0, {1: "exact_duplicate", 2: "near_duplicate"}),
        ([], "keep_all", 0.0, {}),
        (["row"], "keep_all", 0.9, {1: "exact_duplicate", 2: "near_duplicate", 5: "semantic_duplicate"}),
        (["row"], "keep_all", 0.96, {1: "exact_duplicate", 2: "near_duplicate"}),
        (["response"], "keep_all", 0.0, {1: "exact_duplicate", 4: "same_response"}),
        (["prompt"], "keep_all", 0.0, {1: "exact_duplicate", 3: "same_prompt", 6: "same_prompt"}),
        (
            ["row"],
            "keep_best",
            0.0,
            {1: "exact_duplicate", 2: "near_duplicate", 3: "same_prompt", 6: "same_prompt"},
        ),
    ],
)
def test_each_scope_has_its_relation_and_reason(
    scope: list[str], same_prompt: str, semantic: float, out: dict[int, str]
) -> None:
    drops, notes = decided(LINKS, scope, same_prompt, semantic=semantic)
    assert {row: drop[0] for row, drop in drops.items()} == out
    assert notes == {}


def test_unlike_relations_do_not_chain() -> None:
    """0 and 1 are alike, 1 and 2 share a prompt: 2 has nothing to do with 0 once 1 is gone."""
    drops, _ = decided([(1, 0, "near", 0.9), (2, 1, "prompt", 1.0)], ["row", "prompt"])
    assert drops == {1: ("near_duplicate", 0.9, 0.8, "s:0", None)}


def test_a_drop_names_a_row_that_every_pass_kept() -> None:
    drops, _ = decided([(1, 0, "near", 0.9), (2, 0, "prompt", 1.0)], ["row", "prompt"], rank=[1, 2, 0, 3, 4, 5, 6, 7])
    assert drops == {
        0: ("same_prompt", 1.0, 1.0, "s:2", None),
        1: ("near_duplicate", 0.9, 0.8, "s:2", "through s:0"),
    }


@given(
    links=st.lists(
        st.tuples(st.integers(1, 7), st.sampled_from(["near", "prompt", "response"])), max_size=7, unique_by=lambda x: x
    ),
    rank=st.permutations(range(8)),
)
def test_what_is_dropped_always_names_a_row_that_stays(links: list[tuple[int, str]], rank: list[int]) -> None:
    stars = [(row, (row - 1) // 2, relation, 0.9 if relation == "near" else 1.0) for row, relation in links]
    drops, _ = decided(stars, ["row", "prompt", "response"], rank=rank)
    assert all(int(drop[3][2:]) not in drops for drop in drops.values())
    assert set(drops) <= {row for row, _ in links} | {(row - 1) // 2 for row, _ in links}


def rated(values: list[float | None], kinds: str = "", turns: int = 2, name: str = "rating") -> Rated:
    kind = ["preference" if str(n) in kinds else "sft" for n in range(8)]
    filled = pa.array([*values, *[None] * (8 - len(values))], pa.float64())
    return rated_by({"rating": filled, "kind": pa.array(kind), "turns": pa.array([turns] * 8)}, name)


PROMPTS: list[Link] = [(n, 0, "prompt", 1.0) for n in range(1, 5)]


def test_pairs_choose_the_best_over_all_that_are_worse() -> None:
    drops, notes = decided(PROMPTS, ["row"], "pairs", rank=[3, 0, 1, 4, 2, 5, 6, 7], rated=rated([2, 5, 5, 1, None]))
    assert drops == {
        0: ("same_prompt", 2.0, 5.0, "s:1", "rejected"),
        3: ("same_prompt", 1.0, 5.0, "s:1", "rejected"),
    }
    assert notes == {1: ("preferred", 5.0, 2.0, "s:0", "chosen")}


def test_pairs_where_lower_is_better() -> None:
    drops, notes = decided(PROMPTS[:1], [], "pairs", rank=[1, 0, *range(2, 8)], rated=rated([2, 1], name="-rating"))
    assert drops == {0: ("same_prompt", 2.0, 1.0, "s:1", "rejected")}
    assert notes == {1: ("preferred", 1.0, 2.0, "s:0", "chosen")}


@pytest.mark.parametrize(
    "one",
    [rated([3, 3, 3, 3, 3]), rated([5]), rated([5, 1], kinds="1"), rated([5, 1], turns=4)],
    ids=["equal ratings", "one rating", "another kind", "longer conversations"],
)
def test_rows_that_nothing_tells_apart_stay(one: Rated) -> None:
    assert decided(PROMPTS, ["row"], "pairs", rated=one) == ({}, {})


def test_twins_make_no_pair() -> None:
    links: list[Link] = [(1, 0, "exact", 1.0), (2, 0, "prompt", 1.0)]
    drops, _ = decided(links, [], "pairs", rated=rated([5, 1, 2]))
    assert drops == {2: ("same_prompt", 2.0, 5.0, "s:0", "rejected")}


def write_facts(folder: Path, **columns: list[Any]) -> None:
    ids = [f"{source}:{n}" for source in "ab" for n in range(2)]
    for bucket in range(2):
        here = slice(2 * bucket, 2 * bucket + 2)
        facts = pa.table({"row_id": ids[here], "kind": ["sft", "sft"], **{k: v[here] for k, v in columns.items()}})
        write_table(part(folder, bucket), facts, facts.schema)


def test_preference_by_facts_then_sources_then_id(tmp_path: Path) -> None:
    write_facts(tmp_path, rating=[3.0, None, 3.0, 5.0], response_length=[9.0, 9.0, 4.0, 1.0])
    ids = pa.array(["a:0", "a:1", "b:0", "b:1"])
    facts = facts_of(ids, tmp_path, 2, ["rating", "response_length"])
    ranked = [
        [ids[n].as_py() for n in np.argsort(preference(ids, facts, prefer, sources))]
        for prefer, sources in (
            ([], []),
            ([], ["b"]),
            (["rating"], ["b"]),
            (["rating", "-response_length"], []),
            (["-rating"], []),
        )
    ]
    assert ranked == [
        ["a:0", "a:1", "b:0", "b:1"],
        ["b:0", "b:1", "a:0", "a:1"],
        ["b:1", "b:0", "a:0", "a:1"],
        ["b:1", "b:0", "a:0", "a:1"],
        ["a:0", "b:0", "b:1", "a:1"],
    ]


def test_a_fact_that_is_no_number_is_named_with_those_that_are(tmp_path: Path) -> None:
    write_facts(tmp_path, rating=[1.0] * 4, turns=[2] * 4, clean=[True] * 4)
    assert numeric_facts(tmp_path) == ["rating", "turns", "clean"]
    assert check_prefer(["-rating", "turns"], tmp_path) == ["rating", "turns"]
    for wrong in ("kind", "stars"):
        with pytest.raises(UserError, match=f"'{wrong}', which is no numeric fact; known are rating, turns, clean"):
            check_prefer([wrong], tmp_path)


def test_settings_that_contradict_are_one_sentence() -> None:
    off = Floors(0.7, 0.8, "off")
    check_settings(["row", "prompt"], 0.7, 0.0, "keep_best", [], off)
    for scope, near, semantic, same_prompt, message in (
        (["rows"], 0.8, 0.0, "keep_all", "names 'rows'; it may hold row, prompt, response"),
        (["row"], 0.6, 0.0, "keep_all", "near_similarity is 0.6, below neighbours.floor"),
        (["row"], 0.8, 0.0, "pairs", "prefer names no fact that tells the better reply"),
        (["row"], 0.8, 0.9, "keep_all", "neighbours.semantic is off; set that to tfidf"),
    ):
        with pytest.raises(UserError, match=message):
            check_settings(scope, near, semantic, same_prompt, [], off)
    tfidf = Floors(0.7, 0.8, "tfidf")
    check_settings(["row"], 0.8, 0.8, "keep_all", [], tfidf)
    with pytest.raises(UserError, match=r"semantic_similarity is 0\.75, below neighbours\.semantic_floor"):
        check_settings(["row"], 0.8, 0.75, "keep_all", [], tfidf)


def test_only_links_of_the_passes_count() -> None:
    def rows(*order: tuple[str, float]) -> list[int]:
        return [int(row_id[2:]) for row_id in rows_linked(table(LINKS), order).to_pylist()]

    assert rows() == []
    assert rows(("near", 0.8)) == [0, 2]
    assert rows(("near", 0.95)) == []
    assert rows(("exact", 1.0), ("near", 0.95), ("prompt", 1.0)) == [0, 1, 3, 6]
    alive = among(pa.array(IDS), [pa.array(["s:1", "x"]), pa.array([], pa.string()), pa.array(["s:7"])])
    assert np.flatnonzero(alive).tolist() == [1, 7]


@pytest.mark.parametrize(
    ("given", "read"), [("prompt", ["prompt"]), ('["row", "response"]', ["row", "response"]), ("[]", [])]
)
def test_scope_is_a_word_or_a_list(given: str, read: list[str]) -> None:
    from stages.deduplicate import main

    scope = next(param for param in main.params if param.name == "scope")
    assert scope.type.convert(given, scope, None) == read
    limit = next(param for param in main.params if param.name == "semantic_similarity")
    assert [limit.type.convert(value, limit, None) for value in ("off", "0.9", 0.8)] == [0.0, 0.9, 0.8]


def test_help_documents_every_setting() -> None:
    from stages.deduplicate import main

    shown = CliRunner().invoke(main, ["--help"]).output
    for name in ("--scope", "--same-prompt", "--prefer", "--semantic-similarity", "keep_all|keep_best|pairs"):
        assert name in shown
