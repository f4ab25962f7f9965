"""The adapter ``oasst``: trees and flat messages, every message accounted for once, no order that matters."""

import copy
import inspect
import json
import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native import NATIVE
from tests.sources.cases import load, short
from winnow.reading.adapter import Row
from winnow.reading.registry import sniff
from winnow.reading.units import Unit
from winnow.sources import oasst

CASES: Any = load("oasst")


def native(message: dict[str, Any]) -> dict[str, Any]:
    """Fill in what the table leaves out; a root carries what a tree says of itself."""
    name = message["message_id"]
    root = {} if message.get("parent_id") else {"message_tree_id": f"tree of {name}", "tree_state": "ready"}
    return {"parent_id": None, "text": f"text of {name}", "labels": {"spam": 0.5}, **root, **message}


def as_trees(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of the tree layout that say the same; what hangs below no root stays flat."""
    below: dict[str | None, list[dict[str, Any]]] = {}
    for message in messages:
        below.setdefault(message["parent_id"], []).append(message)
    placed: set[str] = set()

    def nested(message: dict[str, Any]) -> dict[str, Any]:
        placed.add(message["message_id"])
        own = {name: value for name, value in message.items() if name not in ("parent_id", *TREE)}
        return {**own, "replies": [nested(reply) for reply in below.get(message["message_id"], [])]}

    trees = [{**{name: root[name] for name in TREE}, "prompt": nested(root)} for root in below.get(None, [])]
    return trees + [message for message in messages if message["message_id"] not in placed]


TREE = ("message_tree_id", "tree_state")


def read(lines: list[dict[str, Any]]) -> tuple[list[Any], list[tuple[str, str, str]]]:
    """Return the rows (as the tables write them, sorted) and what was left out as (id, outcome, reason)."""
    units = [
        one
        for number, line in enumerate(copy.deepcopy(lines), 1)
        for one in oasst.expand(Unit("x.jsonl", number, json.dumps(line), line))
    ]
    rows, left, used = [], [], 0
    for outcome in oasst.read(units, {}):
        if isinstance(outcome, Row):
            used += outcome.fresh
            record = outcome.record
            fields = ("key", "kind", "messages", "rejected", "prompt_turns", "group", "key_text", "metadata")
            rows.append({name: short(getattr(record, name)) for name in fields})
        else:
            assert isinstance(outcome.unit, Unit)
            left.append((outcome.unit.value.get("message_id"), outcome.outcome, outcome.reason))
    assert used + len(left) == len(units)
    return sorted(rows, key=lambda row: row["key"]), sorted(left, key=str)


def ids(row: dict[str, Any]) -> list[str]:
    return [message["message_id"] for message in row["metadata"]["messages"]]


@pytest.mark.parametrize("layout", ["flat", "trees"])
@pytest.mark.parametrize("case", [pytest.param(one, id=one["label"]) for one in CASES["conversations"]])
def test_conversation(case: dict[str, Any], layout: str) -> None:
    messages = [native(message) for message in case["messages"]]
    rows, left = read(as_trees(messages) if layout == "trees" else messages)
    assert [(row["key"], row["kind"], ids(row)) for row in rows] == [
        (row["key"], row["kind"], row["path"] + row["rejected"]) for row in case["rows"]
    ]
    for row, expected in zip(rows, case["rows"], strict=True):
        assert [turn["content"] for turn in row["messages"]] == [f"text of {name}" for name in expected["path"]]
        assert [turn["role"] for turn in row["messages"]] == ["user", "assistant"] * (len(expected["path"]) // 2)
        assert row["prompt_turns"] == len(expected["path"]) - 1
        rejected = [one["messages"] for one in row["rejected"] or []]
        assert rejected == [[{"role": "assistant", "content": f"text of {name}"}] for name in expected["rejected"]]
        assert row["group"] == f"tree of {expected['path'][0]}"
    assert left == [(name, "skipped", reason) for name, reason in sorted(case["left"].items())]


@pytest.mark.parametrize("case", [pytest.param(one, id=one["label"]) for one in CASES["units"]])
def test_unit_that_is_no_message(case: dict[str, Any]) -> None:
    (outcome,) = oasst.read(oasst.expand(Unit("x.jsonl", 1, "", case["unit"])), {})
    assert not isinstance(outcome, Row)
    assert (outcome.outcome, outcome.reason, outcome.detail) == ("quarantined", case["reason"], case["detail"])


def test_every_reason_has_a_case() -> None:
    code = set(re.findall(r'return "(\w+)", ', inspect.getsource(oasst)))
    assert code == {case["reason"] for case in CASES["units"]}
    shown = {reason for case in CASES["conversations"] for reason in case["left"].values()}
    assert shown == set(oasst._DETAIL)


def test_its_units_are_known_by_sight() -> None:
    assert sniff(NATIVE["oasst"])[0] == (1.0, "oasst")
    assert oasst.ADAPTER.sniff([{"message_id": "p", "role": []}]) == 0.0


def test_rank_and_everything_else_is_kept() -> None:
    messages: list[dict[str, Any]] = [
        {"message_id": "p", "role": "prompter", "lang": "de"},
        {"message_id": "a", "parent_id": "p", "role": "assistant", "rank": 0},
        {"message_id": "b", "parent_id": "p", "role": "assistant", "rank": 2},
    ]
    rows, _ = read([native(message) for message in messages])
    (preference,) = [row for row in rows if row["kind"] == "preference"]
    assert [one["rank"] for one in preference["rejected"]] == [2]
    assert preference["metadata"]["messages"] == [
        {
            "message_id": "p",
            "lang": "de",
            "labels": {"spam": 0.5},
            "message_tree_id": "tree of p",
            "tree_state": "ready",
        },
        {"message_id": "a", "labels": {"spam": 0.5}, "rank": 0},
        {"message_id": "b", "labels": {"spam": 0.5}, "rank": 2},
    ]


@pytest.mark.parametrize("text", ["same", "other"])
def test_repeated_id_is_quarantined_and_the_same_one_stays_in_any_order(text: str) -> None:
    prompt = native({"message_id": "p", "role": "prompter"})
    replies = [native({"message_id": "a", "parent_id": "p", "role": "assistant", "text": t}) for t in ("same", text)]
    rows, left = read([prompt, *replies])
    assert left == [("a", "quarantined", "repeated_id")]
    assert read([*reversed(replies), prompt]) == (rows, left)


@pytest.mark.parametrize("name", [None, "missing"])
def test_replies_to_a_message_without_an_id_start_no_conversation(name: str | None) -> None:
    """Read as roots they would be conversations whose beginning is lost."""
    nameless: dict[str, Any] = {"message_id": name, "text": "A", "role": "assistant", "replies": []}
    if name:
        del nameless["message_id"]
    nameless["replies"] = [
        {
            "message_id": "q",
            "text": "Q",
            "role": "prompter",
            "replies": [{"message_id": "b", "text": "B", "role": "assistant", "replies": []}],
        }
    ]
    tree = {"prompt": {"message_id": "p", "text": "P", "role": "prompter", "replies": [nameless]}}
    rows, left = read([tree])
    assert rows == []
    assert Counter(reason for _, _, reason in left) == {
        "missing_field" if name else "wrong_type": 1,
        "orphan": 1,
        "below_skipped": 1,
        "no_reply": 1,
    }


def test_deep_conversation() -> None:
    """No recursion over the length of a conversation, short of what the reader lets through."""
    messages = [
        native({"message_id": f"{n:04}", "parent_id": f"{n - 1:04}" if n else None, "role": ROLES[n % 2]})
        for n in range(3_000)
    ]
    rows, left = read(messages)
    assert (len(rows), len(rows[0]["messages"]), left) == (1, 3_000, [])


ROLES = ("prompter", "assistant")


@st.composite
def forests(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw a file of flat messages: mostly sane trees, with everything that can be wrong with one."""
    count = draw(st.integers(1, 14))
    depths: list[int] = []
    messages = []
    for number in range(count):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        depth = 0 if parent is None else depths[parent] + 1
        depths.append(depth)
        role = ROLES[(depth + draw(st.sampled_from([0] * 9 + [1]))) % 2]
        message: dict[str, Any] = {"message_id": f"m{number}", "role": role}
        if parent is not None:
            message["parent_id"] = f"m{draw(st.sampled_from([parent] * 15 + [number, 99, count - 1]))}"
        if role == "assistant" and draw(st.integers(0, 5)):
            message["rank"] = draw(st.integers(0, 3))
        message.update(draw(st.sampled_from([{}] * 9 + [{"deleted": True}, {"review_result": False}])))
        messages.append(native(message))
    return messages


@settings(max_examples=300, deadline=None)
@given(messages=forests(), seed=st.integers(0, 1_000))
def test_layout_and_order_change_no_record_and_lose_no_message(messages: list[dict[str, Any]], seed: int) -> None:
    rows, left = read(messages)
    used = {name for row in rows for name in ids(row)}
    outside = [name for name, _, _ in left]
    assert len(outside) == len(set(outside))
    assert used.isdisjoint(outside)
    assert used | set(outside) == {message["message_id"] for message in messages}
    assert len({row["key"] for row in rows}) == len(rows)
    ranks = {message["message_id"]: message.get("rank", -1) for message in messages}
    for row in rows:
        assert [turn["role"] for turn in row["messages"]] == ["user", "assistant"] * (len(row["messages"]) // 2)
        if row["kind"] == "preference":
            order = [ranks[name] for name in ids(row)[len(row["messages"]) - 1 :]]
            assert order == sorted(order)
            assert len(order) > 1
    assert read(as_trees(messages)) == (rows, left)
    shuffled = random.Random(seed).sample(messages, len(messages))
    assert read(shuffled) == (rows, left)
    assert read(as_trees(shuffled)) == (rows, left)
