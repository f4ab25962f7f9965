"""Rows with one prompt, and rows with one reply: stars of links, and what must not be linked."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.similarity.rows import links_of
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.similarity.same import representatives, star

REPLY = " ".join(f"word{n}" for n in range(20))
OTHER = " ".join(f"else{n}" for n in range(20))
Row = tuple[str, list[str]]


def table(rows: list[Row], kind: str = "sft", **fields: Any) -> pa.Table:
    """Return records of (row id, turns), the user's first."""
    builder = RecordBuilder()
    for row_id, texts in rows:
        turns = [Message("user" if n % 2 == 0 else "assistant", text) for n, text in enumerate(texts)]
        builder.append(row_id, "s", "CC0-1.0", "human", Record(turns, (row_id,), kind=kind, **fields))
    return builder.table()


def same(
    folder: Path, *tables: pa.Table, relations: tuple[str, ...] = ("prompt", "response")
) -> list[tuple[str, str, str]]:
    """Return row, other row and relation of each link; their similarity is 1."""
    links = links_of(folder, list(tables), 0.7, relations)
    assert all(link.similarity == 1 for link in links)
    return [link[:3] for link in links]


def test_one_prompt_with_several_replies_is_linked_to_the_smallest_id(tmp_path: Path) -> None:
    rows = [("s:c", ["Say  it.", REPLY]), ("s:b", ["ＳＡＹ it.", OTHER]), ("s:d", ["Say that.", "no"])]
    assert same(tmp_path, table(rows), table([("s:a", ["say it.", "hm"])])) == [
        ("s:b", "s:a", "prompt"),
        ("s:c", "s:a", "prompt"),
    ]


def test_the_prompt_is_system_context_and_every_user_turn(tmp_path: Path) -> None:
    first = ["Who?", "A king.", "Which?"]
    tables = [
        table([("s:1", [*first, "the old one"]), ("s:2", ["Who?", "No idea.", "Which?", "none"])]),
        table([("s:3", [*first, "the first"])], system="Be brief."),
        table([("s:4", [*first, "the second"])], context="Of France."),
        table([("s:5", [*first, "the third"])], tools='[{"name": "search"}]'),
        table([("s:6", ["Who?", "the fourth"])]),
    ]
    assert same(tmp_path, *tables) == [("s:2", "s:1", "prompt")]


def test_twins_stand_for_each_other(tmp_path: Path) -> None:
    rows = [(f"s:{n}", ["Say it.", reply]) for n, reply in enumerate([REPLY, REPLY, OTHER, OTHER])]
    assert same(tmp_path, table(rows), relations=("exact", "prompt")) == [
        ("s:1", "s:0", "exact"),
        ("s:2", "s:0", "prompt"),
        ("s:3", "s:2", "exact"),
    ]


def test_prompts_without_a_letter_and_short_replies_say_nothing(tmp_path: Path) -> None:
    short = " ".join(REPLY.split()[:19])
    rows = [("s:1", ["?!", REPLY]), ("s:2", ["?!", OTHER]), ("s:3", ["Say it.", short]), ("s:4", ["Say that.", short])]
    assert same(tmp_path, table(rows)) == []


def test_one_reply_of_substance_to_other_prompts(tmp_path: Path) -> None:
    rows = [
        ("s:1", ["Say it.", "well", "Go on.", REPLY]),
        ("s:2", ["Say it.", "hm", "Go on.", REPLY]),  # the same prompt: no reply to another one
        ("s:3", ["What do you want to tell me about these things?", REPLY.upper()]),
    ]
    assert same(tmp_path, table(rows)) == [("s:2", "s:1", "prompt"), ("s:3", "s:1", "response")]


def test_chinese_replies_count_characters(tmp_path: Path) -> None:
    text = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少"
    rows = [("s:1", ["背一首诗。", text]), ("s:2", ["你最喜欢的古诗是哪一首？", text])]
    assert same(tmp_path / "long", table(rows)) == [("s:2", "s:1", "response")]
    assert same(tmp_path / "short", table([(row_id, [a, b[1:]]) for row_id, (a, b) in rows])) == []


def test_kinds_and_labels_stand_apart(tmp_path: Path) -> None:
    tables = [
        table([("s:1", ["Say it.", REPLY])]),
        table([("s:2", ["Say it.", OTHER])], kind="preference"),
        table([("s:3", ["Say it.", "yes"])], kind="feedback", label=True),
        table([("s:4", ["Say it.", "no"])], kind="feedback", label=False),
        table([("s:5", ["Tell it.", REPLY])], kind="feedback", label=False),
    ]
    assert same(tmp_path, *tables) == []


def test_a_crowd_costs_a_line_a_row(tmp_path: Path) -> None:
    prompts = [(f"s:{n:04d}", ["Say it.", f"{n} {OTHER}"]) for n in range(300)]
    replies = [(f"t:{n:04d}", [f"Say {n}.", REPLY]) for n in range(300)]
    links = Counter(relation for _, _, relation in same(tmp_path, table(prompts + replies)))
    assert links == {"prompt": 299, "response": 299}


@given(keys=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12), draw=st.randoms())
def test_stars_link_all_rows_of_a_key_once(keys: list[tuple[int, bool]], draw: random.Random) -> None:
    ids = [f"s:{n}" for n in range(len(keys))]
    draw.shuffle(ids)
    numbers = np.array([[key, key] for key, _ in keys], np.uint64).reshape(-1, 2)
    among = np.array([there for _, there in keys], bool)
    links = {tuple(ids[n] for n in link) for link in star(pa.array(ids, pa.string()), numbers, among).tolist()}
    expected = set()
    for key in range(4):
        group = sorted(ids[n] for n, (one, there) in enumerate(keys) if one == key and there)
        expected |= {(row_id, group[0]) for row_id in group[1:]}
    assert links == expected
    smallest = representatives(pa.array(ids, pa.string()), numbers)
    assert all(ids[to] == min(ids[n] for n in range(len(keys)) if keys[n][0] == keys[to][0]) for to in smallest)
