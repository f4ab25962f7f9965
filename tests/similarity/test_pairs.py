"""How alike two rows are: what joins them however unlike, what separates them however alike."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected
from winnow.similarity.keys import digests
from winnow.similarity.pairs import alike, prompts_alike
from winnow.similarity.parts import parts
from winnow.similarity.sketch import PARTS, Sketches, sketches

CASES = json.loads((REPOSITORY / "tests/cases/duplicate_rows.json").read_text("utf-8"))["pairs"]
STOCK = ("You are a helpful assistant.",)


def row(instruction: str, context: str, reply: str, system: str | None = None, **fields: Any) -> Record:
    turns = [Message("user", instruction), Message("assistant", reply)]
    return Record(turns, (instruction, reply), context=context or None, system=system, **fields)


def sketched(*rows: Record) -> Sketches:
    builder = RecordBuilder()
    for number, one in enumerate(rows):
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", one)
    return sketches(builder.table(), STOCK)


def exact_keys(*rows: Record) -> list[int]:
    """Return the key of all text of each row, as ``neighbours`` compares it."""
    builder = RecordBuilder()
    for number, one in enumerate(rows):
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", one)
    table = builder.table()
    keys: list[int] = digests(parts(table).text())[:, 0].tolist()
    return keys


def similarity(*rows: Record) -> float:
    one, two = alike(sketched(*rows), np.array([[0, 1], [1, 0]]))
    assert one == two
    return float(one)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    (ask_a, input_a, say_a), (ask_b, input_b, say_b) = case["a"], case["b"]
    found = similarity(row(ask_a, input_a, say_a), row(ask_b, input_b, say_b, case.get("b_system")))
    expected = {"near": found >= 0.75, "separate": found == 0, "apart": found < 0.75}
    assert expected[case["expect"]], found


def test_the_last_exchange_weighs_by_itself() -> None:
    before = [Message("user", "How are tomatoes grown on a balcony? " * 9), Message("assistant", "In large pots. " * 9)]

    def after(question: str, reply: str) -> Record:
        return Record([*before, Message("user", question), Message("assistant", reply)], (question, reply))

    assert similarity(after("And slugs?", "Sand."), after("How cold may it get?", "Five degrees.")) == 0
    assert similarity(after("And slugs?", "Sand."), after("And slugs?", "Sand!")) == 1


def test_rejected_replies_are_compared_too() -> None:
    long = "a long reply that is the same in both rows and holds some twenty words of no weight so that it is not short"
    pair = [row("Ask", "", long, rejected=[Rejected((Message("assistant", text),))]) for text in ("no", "maybe")]
    assert similarity(*pair) == 0
    assert similarity(pair[0], pair[0]) == 1
    marks = ("<noinput>", "<no-output>")
    assert similarity(*(row("Ask", "", long, rejected=[Rejected((Message("assistant", one),))]) for one in marks)) == 1


_THOUGHT = (
    "The shop sells two crates in the morning and three in the afternoon, so that on one day it sells five of them."
)


@pytest.mark.parametrize(
    ("thoughts", "replies", "near"),
    [
        ((_THOUGHT, _THOUGHT.replace("crates", "crtaes")), ("5", "5"), True),
        (
            (
                _THOUGHT,
                "Two and three are five, as one counts on the fingers of a hand; the day has a morning, noon, no more.",
            ),
            ("5", "5"),
            False,
        ),
        ((_THOUGHT, _THOUGHT), ("5", "6"), False),
        ((_THOUGHT, None), ("5", "5"), False),
    ],
    ids=["a typo in the reasoning", "other reasoning", "another answer", "no reasoning"],
)
def test_reasoning_is_compared_apart_from_the_answer(
    thoughts: tuple[str, str | None], replies: tuple[str, str], near: bool
) -> None:
    rows = [
        Record([Message("user", "How many crates are sold?"), Message("assistant", reply, reasoning=thought)], ("k",))
        for thought, reply in zip(thoughts, replies, strict=True)
    ]
    assert (similarity(*rows) >= 0.75) == near
    inside = [
        row("How many crates are sold?", "", f"<think>\n{thought}\n</think>\n\n{reply}" if thought else reply)
        for thought, reply in zip(thoughts, replies, strict=True)
    ]
    assert (similarity(*inside) >= 0.75) == near
    assert len(set(exact_keys(*rows))) == 2


def test_prompts_are_alike_whatever_their_numbers_and_replies() -> None:
    asked = "A shop sells {} loaves in the morning and {} in the afternoon. How many loaves does it sell on that day?"
    rows = sketched(row(asked.format(4, 5), "", "9"), row(asked.format(4, 6), "", "10"), row("Name a tree.", "", "Oak"))
    near, far = prompts_alike(rows, np.array([[0, 1], [0, 2]]))
    assert near >= 0.7 > far


def test_a_sketch_holds_no_text_and_is_the_same_alone_and_in_company() -> None:
    rows = [row("Name a **tree**.", "", "Oak"), row("请说出一种树", "", "橡树")]
    together, alone = sketched(*rows), sketched(rows[1])
    assert together.tokens.dtype == np.uint64
    assert together.tokens[together.bounds[len(PARTS)] :].tolist() == alone.tokens.tolist()


_WORDS = re.findall(
    r"\S+",
    "The mill by the brook and Brook no not grain Grain ground gruond of three 3 30 -3 (4) bridge x_1 fooBar() "
    "don't Lower Northmoor northmoor northmor 非 常 能 不 能 未 来 二 十 < > 2.5 . . ? :",
)


def made(draw: random.Random) -> list[str]:
    """Return texts of a row, most of them without a closing stop: system prompt, context, instruction and reply."""
    return [" ".join(draw.choices(_WORDS, k=draw.randrange(30))) for _ in range(4)]


def edited(texts: list[str], draw: random.Random) -> list[str]:
    """Return ``texts`` with a word replaced, added or taken out, or written in capitals."""
    texts, part = list(texts), draw.randrange(4)
    words = texts[part].split()
    at = draw.randrange(len(words) + 1)
    words[at : at + draw.randrange(2)] = draw.choice([[], [draw.choice(_WORDS)] * 2, words[at : at + 1] * 3, ["GRAIN"]])
    texts[part] = " ".join(words)
    return texts


@pytest.mark.parametrize("measure", [alike, prompts_alike])
def test_a_similarity_is_the_same_in_company_alone_and_in_the_other_direction(measure: Callable[..., Any]) -> None:
    draw = random.Random(1)
    rows = []
    for _ in range(150):
        rows.append(made(draw))
        rows.append(edited(edited(rows[-1], draw), draw))
    whole = [row(asked, context, reply, system) for system, context, asked, reply in rows]
    pairs = np.arange(300).reshape(-1, 2)
    together = measure(sketched(*whole), pairs)
    assert len(set(together.tolist())) > 20
    assert together.tolist() == measure(sketched(*whole), pairs[:, ::-1]).tolist()
    alone = [measure(sketched(whole[a], whole[b]), np.array([[0, 1]]))[0] for a, b in pairs.tolist()]
    assert together.tolist() == alone


def test_no_rows_have_no_similarities() -> None:
    assert len(alike(sketches(RecordBuilder().table(), STOCK), np.zeros((0, 2), np.int64))) == 0
    assert pa.types.is_string(pa.array([""]).type)
