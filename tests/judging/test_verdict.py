"""A verdict is read as it stands or not at all."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.judging.rubric_file import load
from winnow.judging.settings import RUBRICS
from winnow.judging.verdict import verdict
from winnow.replies.stage import Unusable

PAIR, COMPARISON, TAGS = (load(name, Path(RUBRICS)) for name in ("pair", "comparison", "tags"))
GOOD = {"relevance": 7, "adherence": 1, "style": 10}


def pair(**changes: object) -> str:
    return json.dumps({"reason": "It fits.", **GOOD, **changes})


def lines(**changes: object) -> str:
    return "It fits, 9 of 10 would say.\n\n" + "\n".join(f"{name}: {v}" for name, v in {**GOOD, **changes}.items())


def test_numbers_come_out_as_they_stand() -> None:
    assert verdict(pair(), PAIR, "json_schema") == {name: float(value) for name, value in GOOD.items()}
    assert verdict(lines(), PAIR, "text") == {name: float(value) for name, value in GOOD.items()}
    assert verdict(pair(relevance=1), PAIR, "json_object")["relevance"] == 1.0  # and not ten


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0, "out_of_range"),
        (11, "out_of_range"),
        (100, "out_of_range"),
        (-1, "out_of_range"),
        (1.5, "unparsed"),
        ("10/1", "unparsed"),
        ("10", "unparsed"),
        ("ten", "unparsed"),
        ("", "unparsed"),
        (None, "unparsed"),
        (True, "unparsed"),
        ([10], "unparsed"),
        (float("nan"), "unparsed"),
        (float("inf"), "unparsed"),
    ],
)
def test_anything_else_in_json_is_no_verdict(value: object, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        verdict(pair(style=value), PAIR, "json_schema")


@pytest.mark.parametrize(
    "value", ["10/1", "1.", "11", "0", "NaN", "ten", "", "7 or 8", "7/10", "+7", "７", "007.5", "1 0"]
)
def test_anything_else_on_a_line_is_no_verdict(value: str) -> None:
    with pytest.raises(Unusable):
        verdict(lines(style=value), PAIR, "text")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "null",
        "[7, 7, 7]",
        '{"relevance": 7}',
        pair()[:-1],
        pair() + pair(),
        f"Here it is: {pair()}",
        '{"relevance": 7, "relevance": 9, "adherence": 5, "style": 5}',
        "[" * 100_000,
        "<html>503</html>",
        '{"reason": "' + "9" * 5000 + '", "relevance": ' + "9" * 5000 + "}",
    ],
)
def test_other_text_is_no_verdict(text: str) -> None:
    for form in ("json_schema", "json_object", "text"):
        with pytest.raises(Unusable):
            verdict(text, PAIR, form)


def test_dress_that_changes_nothing_is_taken_off() -> None:
    assert verdict(f"<think>Say 10? No.</think>\n```json\n{pair()}\n```", PAIR, "json_object")["style"] == 10.0
    assert (
        verdict("Good.\n- **relevance**: 7\n- **adherence**：1\n- **style**: **10**\n", PAIR, "text")["style"] == 10.0
    )


def test_one_fence_wherever_it_stands_and_a_whole_number_however_it_is_written() -> None:
    assert (
        verdict(f"Here is my verdict:\n\n```json\n{pair(style=7.0)}\n```\nI hope it helps.", PAIR, "json_object")[
            "style"
        ]
        == 7
    )
    assert verdict("relevance: 7.0\nadherence: 1\nstyle: 10", PAIR, "text")["relevance"] == 7
    for text in (f"```\n{pair()}\n```\nor\n```\n{pair(style=1)}\n```", f"Well, {pair()}", "```\n7\n```"):
        with pytest.raises(Unusable):
            verdict(text, PAIR, "json_object")
    with pytest.raises(Unusable):
        verdict("relevance: 7.5\nadherence: 1\nstyle: 10", PAIR, "text")


def test_a_line_of_marks_takes_no_time() -> None:
    start = time.process_time()
    with pytest.raises(Unusable):
        verdict(lines(style="1" + "*" * 30_000 + "0"), PAIR, "text")
    assert time.process_time() - start < 1


def test_a_thought_that_a_template_opened_is_taken_off_once() -> None:
    assert verdict(f"Say {pair(style=1)}? No.\n</think>\n\n{pair()}", PAIR, "json_schema")["style"] == 10.0
    for text in (f"</think>{pair(style=1)}</think>{pair()}", f"a<think>b</think>{pair()}", f"{pair()}</think>"):
        with pytest.raises(Unusable):
            verdict(text, PAIR, "json_schema")


def test_the_last_lines_count_unless_others_say_otherwise() -> None:
    assert verdict(f"{lines()}\n\nAgain:\n{lines()}", PAIR, "text")["adherence"] == 1.0
    early = "relevance: 10\nadherence: 10\nstyle: 10\n\nso it claims.\n" + lines()
    for spoilt in (early, lines() + "\nOverall: 9", lines() + "\nstyle: 9", lines().replace("adherence", "relevance")):
        with pytest.raises(Unusable):
            verdict(spoilt, PAIR, "text")


def test_labels_and_preferences_are_of_the_list() -> None:
    said = {"reason": "", "task": "code", "domain": "science.computing", "difficulty": "complex"}
    assert verdict(json.dumps(said), TAGS, "json_schema")["task"] == "code"
    for wrong in ({**said, "task": "coding"}, {**said, "task": None}):
        with pytest.raises(Unusable):
            verdict(json.dumps(wrong), TAGS, "json_schema")
    assert verdict("B is wrong.\nverdict: A", COMPARISON, "text") == {"verdict": "A"}
    for text in ("verdict: AB", "verdict: a", "The winner is A", "verdict: A or B"):
        with pytest.raises(Unusable):
            verdict(text, COMPARISON, "text")


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda data: data.decode("latin-1")))
def test_no_text_breaks_the_reader(text: str) -> None:
    for rubric in (PAIR, COMPARISON, TAGS):
        for form in ("json_schema", "text"):
            with pytest.raises(Unusable):
                verdict(text, rubric, form)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.integers(1, 10), min_size=3), st.text(max_size=200))
def test_both_forms_say_the_same(scores: dict[str, int], reason: str) -> None:
    plain = f"{reason}\n" + "\n".join(f"{name}: {value}" for name, value in scores.items())
    structured = json.dumps({"reason": reason, **scores})
    expected = {name: float(value) for name, value in scores.items()}
    assert verdict(structured, PAIR, "json_schema") == expected
    if not reason.lstrip().startswith("<think>"):
        assert verdict(plain, PAIR, "text") == expected
