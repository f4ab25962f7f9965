"""Rows made from rows without a model: what children inherit, how many there are, what decides and what takes them."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from tests.constraints.again import holds
from winnow.augmenting.plans import Plan, plans
from winnow.augmenting.stage import Inputs, augment
from winnow.constraints.kind_file import kinds
from winnow.facts.rows import facts
from winnow.facts.subject import Settings
from winnow.gates.children import apart, children_of, with_children
from winnow.gates.decisions import Drop
from winnow.harness.errors import UserError
from winnow.patches.drops import dropped_by_hand
from winnow.patches.patch import FieldEdit, Patch
from winnow.records.build import RecordBuilder
from winnow.records.identity import digest
from winnow.records.record import Message, Record
from winnow.storage.buckets import bucket_of, read_all
from winnow.storage.tables import write_bucketed

BUCKETS = 2
KINDS = tuple(kinds(REPOSITORY / "data/constraints").values())
SETTINGS = Settings(3.0, 0, seed=1)
PLAN = Plan("harder", "constrain", rows=1000, share=1.0, of_kind=1.0)
THINGS = ("lighthouse", "beehive", "glacier", "violin", "bakery", "library", "volcano", "kite", "orchard", "desert")
PLACES = ("灯塔", "蜂巢", "冰川", "提琴", "面包房", "图书馆", "火山", "风筝", "果园", "沙漠")


def chat(number: int) -> tuple[str, Record]:
    """Return a made-up row: every second one is Chinese, and one in five has a list or several paragraphs."""
    thing, place = THINGS[number % 10], PLACES[number % 10]
    if number % 2:
        asked, said = (
            f"描述一个{place}。",
            f"这是一个{place}，人们常来。" + "远处有人在唱歌，声音很好听。" * (number % 7),
        )
    else:
        asked = f"Describe a {thing}."
        said = f"The {thing} stands there, and people like it. " + "Somebody sings in the distance. " * (number % 7)
    if number % 5 == 0:
        said = said.strip() + ("\n\n最后，大家都回家了。" if number % 2 else "\n\nFinally, everybody went home.")
    about = {"category": "creative_writing", "n": number}
    return "MIT" if number % 3 else "CC-BY-4.0", Record(
        [Message("user", asked), Message("assistant", said.strip())], (asked, said), metadata=about
    )


def records(folder: Path, extra: Sequence[tuple[str, Record]] = ()) -> pa.Table:
    """Write made-up normalized records and return them."""
    builder = RecordBuilder()
    for number, (licence, record) in enumerate([*(chat(n) for n in range(120)), *extra]):
        builder.append(f"a:{number:03d}", "a", licence, "human", record)
    table = builder.table()
    write_bucketed(folder / "normalized", table, BUCKETS)
    return table


def made(folder: Path, plan: Plan = PLAN, patches: dict[str, Patch] | None = None) -> list[dict[str, Any]]:
    """Return the rows that a plan makes of the records in ``folder``, by id, with their metadata read."""
    by_bucket: list[dict[str, Patch]] = [{} for _ in range(BUCKETS)]
    for row_id, patch in (patches or {}).items():
        by_bucket[bucket_of(row_id, BUCKETS)][row_id] = patch
    inputs = Inputs(folder / "normalized", by_bucket, KINDS, SETTINGS)
    out = folder / f"out-{len(list(folder.iterdir()))}"
    counts = augment([plan], inputs, out / "scratch", out / "records", BUCKETS)
    rows = read_all(out / "records", BUCKETS).to_pylist()
    assert counts[(plan.name,)] == len(rows)
    return [{**row, "metadata": json.loads(row["metadata"])} for row in rows]


def test_children_keep_reply_licence_and_what_their_source_said(tmp_path: Path) -> None:
    parents = {row["row_id"]: row for row in records(tmp_path).to_pylist()}
    children = made(tmp_path)
    assert len(children) > 40
    assert {one["metadata"]["constraints"][0]["language"] for one in children} == {"en", "zh"}
    for one in children:
        (parent,) = one["parents"]
        old = parents[parent]
        assert one["row_id"].startswith("harder:")
        assert (one["source"], one["origin"], one["group"]) == ("harder", "augmented", parent)
        assert one["license"] == old["license"]
        assert one["messages"][1:] == old["messages"][1:]
        assert one["messages"][0]["content"].startswith(old["messages"][0]["content"])
        assert one["content_hash"] != old["content_hash"]
        assert one["metadata"]["n"] == json.loads(old["metadata"])["n"]
        assert one["metadata"]["roles"] == {parent: "evolved_from"}


def test_every_constraint_holds_by_another_program_and_few_replies_meet_it_anyway(tmp_path: Path) -> None:
    replies = {row["row_id"]: row["messages"][-1]["content"] for row in records(tmp_path).to_pylist()}
    usual = {
        language: [text for n, text in enumerate(replies.values()) if n % 2 == (language == "zh")]
        for language in ("en", "zh")
    }
    sizes = Counter[int]()
    for one in made(tmp_path):
        some = one["metadata"]["constraints"]
        sizes[len(some)] += 1
        assert len({next(kind.group for kind in KINDS if kind.name == this["kind"]) for this in some}) == len(some)
        for this in some:
            given = this["check"], this["language"], this["arguments"]
            assert holds(*given, replies[one["parents"][0]])
            assert sum(holds(*given, text) for text in usual[this["language"]]) <= 30
    assert set(sizes) <= {1, 2, 3}
    assert len(sizes) > 1


def test_rows_follow_from_content_and_never_from_order(tmp_path: Path) -> None:
    table = records(tmp_path)
    first = made(tmp_path)
    write_bucketed(tmp_path / "normalized", table.slice(60), BUCKETS)
    half = {one["row_id"] for one in made(tmp_path)}
    assert half < {one["row_id"] for one in first}
    write_bucketed(tmp_path / "normalized", table, BUCKETS)
    assert made(tmp_path) == first


def test_a_plan_keeps_to_its_numbers(tmp_path: Path) -> None:
    records(tmp_path)
    assert len(made(tmp_path, replace(PLAN, rows=7))) == 7
    assert len(made(tmp_path, replace(PLAN, share=0.1))) <= 2 * 7
    some = made(tmp_path, replace(PLAN, rows=50, of_kind=0.1, most=1))
    assert max(Counter(one["metadata"]["constraints"][0]["kind"] for one in some).values()) <= 5
    assert made(tmp_path, replace(PLAN, sources=("b",))) == []
    assert made(tmp_path, replace(PLAN, common=0.0)) == []


def test_rows_that_speak_of_more_than_one_question_are_left_alone(tmp_path: Path) -> None:
    def row(
        asked: str = "Describe a kite.", said: str = "A kite flies, and it flies high.", **other: Any
    ) -> tuple[str, Record]:
        turns = [Message("user", asked), Message("assistant", said)]
        return "MIT", Record(turns, (asked, said), metadata={"category": "creative_writing"}, **other)

    left = [
        row(system="You are a pirate."),
        row(context="A kite is a toy."),
        row("Describe this in 9 words or fewer: kite"),
        row(said="```\nkite\n```"),
        row("Describe a kite.", "Describe a kite."),
        row("Décris un cerf-volant.", "Un cerf-volant vole haut dans le ciel, et les enfants le regardent."),
        row("請描述一隻風箏。", "風箏飛得很高，孩子們都喜歡它。" + "遠處有人在唱歌，聲音很好聽。" * 4),
        ("other", row()[1]),
        ("MIT", replace(row()[1], kind="feedback", label=True)),
        ("MIT", replace(row()[1], parents=["b:1"])),
    ]
    records(tmp_path, left)
    assert {one["parents"][0] for one in made(tmp_path)}.isdisjoint({f"a:{n}" for n in range(120, 120 + len(left))})


def test_what_people_corrected_is_in_the_child_too(tmp_path: Path) -> None:
    table = records(tmp_path)
    parent = made(tmp_path)[0]["parents"][0]
    old = next(row for row in table.to_pylist() if row["row_id"] == parent)["messages"][1]["content"]
    patch = Patch(
        parent,
        "a",
        "wrong",
        edits={"messages[1].content": FieldEdit(digest(old), old.replace("like", "love").replace("好听", "动听"))},
    )
    (child,) = [one for one in made(tmp_path, patches={parent: patch}) if one["parents"] == [parent]]
    assert child["messages"][1]["content"] == patch.edits["messages[1].content"].to


def test_a_takedown_of_a_parent_takes_its_child_and_a_changed_reply_is_seen(tmp_path: Path) -> None:
    records(tmp_path)
    children = made(tmp_path)
    parent = children[0]["parents"][0]
    table = pa.Table.from_pylist(
        [{name: row[name] for name in ("row_id", "source", "content_hash", "parents")} for row in children]
    )
    drops = dropped_by_hand(lambda: [table], [Patch(parent, "a", "asked for", drop="takedown")], {})
    assert set(drops) == {children[0]["row_id"]}

    builder = RecordBuilder()
    said = "It is short."
    about = {
        "constraints": [
            {"kind": "length_at_least", "check": "at_least length", "language": "en", "arguments": {"count": 40}}
        ]
    }
    some: tuple[dict[str, Any], ...] = (
        {},
        about,
        {"constraints": "be brief"},
        {"constraints": [*about["constraints"], {**about["constraints"][0], "check": "no commas", "arguments": {}}]},
    )
    for number, metadata in enumerate(some):
        builder.append(
            f"a:{number}",
            "a",
            "MIT",
            "human",
            Record([Message("user", "?"), Message("assistant", said)], ("?",), metadata=metadata),
        )
    found = facts(builder.table(), SETTINGS)
    assert found["constraints"].to_pylist() == [None, 1, None, 2]
    assert found["constraints_met"].to_pylist() == [None, 0.0, None, 0.5]


LINKS = {
    "row_id": ["a:1", "a:1", "a:2"],
    "other_row_id": ["harder:1", "a:2", "harder:1"],
    "relation": ["near", "near", "response"],
    "similarity": [0.9, 0.9, 1.0],
}


def test_a_child_is_no_duplicate_of_its_parent_and_leaves_with_it_where_that_is_one(tmp_path: Path) -> None:
    table = {"row_id": ["a:1", "a:2", "harder:1"], "source": ["a", "a", "harder"], "parents": [[], None, ["a:1"]]}
    write_bucketed(
        tmp_path,
        pa.table(
            table,
            schema=pa.schema([("row_id", pa.string()), ("source", pa.string()), ("parents", pa.list_(pa.string()))]),
        ),
        1,
    )
    children = children_of(tmp_path, 1, ["harder"])
    assert children == {"harder:1": "a:1"}
    assert children_of(tmp_path, 1, []) == {}
    assert apart(pa.table(LINKS), children)["other_row_id"].to_pylist() == ["a:2", "harder:1"]
    more = {"row_id": "a:0", "other_row_id": "harder:1", "relation": "near", "similarity": 0.9}
    equal = {"row_id": "a:1", "other_row_id": "a:0", "relation": "exact", "similarity": 1.0}
    twin = pa.Table.from_pylist([more, equal])  # links of equal rows stand at one of them
    assert apart(twin, children)["relation"].to_pylist() == ["exact"]
    alive, replacing = [pa.array(table["row_id"])], {"harder": {"parent": "replace"}}
    assert with_children({}, children, {}, alive) == {}
    assert with_children({}, children, replacing, alive) == {"a:1": Drop("replaced", other="harder:1")}
    gone = {"a:1": Drop("near_duplicate", 0.9, 0.8, "a:2")}
    both = with_children(gone, children, replacing, alive)
    assert both == {**gone, "harder:1": Drop("near_duplicate", 0.9, 0.8, "a:2", "with a:1")}
    poor = {"a:1": Drop("swapped_pair", 1.0, 1.0, "a:2")}
    assert with_children(poor, children, {}, alive) == poor


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "swap"}, "method must be one of constrain"),
        ({"rows": 0}, "rows must be a whole number from 1"),
        ({"most": 9}, "most must be a whole number from 1 to 5"),
        ({"common": 2}, "common must be a share"),
        ({"parent": "drop"}, "parent must be keep or replace"),
        ({"seeds": {}}, "seeds is no setting of a plan"),
        ({"sources": ["c"]}, "sources must be a list of sources"),
    ],
)
def test_a_wrong_plan_is_one_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=r"^params\.yaml: augment\.plans\.harder") as error:
        plans({"harder": {"method": "constrain", "rows": 5, **change}}, {"a": {}})
    assert said in str(error.value)
    with pytest.raises(UserError, match="has the name of a source"):
        plans({"a": {"method": "constrain", "rows": 5}}, {"a": {}})
