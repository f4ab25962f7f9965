"""The files of ``data/constraints``: every golden text against its checker, and what is wrong in a file in words."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from winnow.constraints.check import Constraint, met
from winnow.constraints.kind_file import kinds, read
from winnow.constraints.kinds import GROUPS, LADDER, Kind, Range, Values
from winnow.constraints.measures import MEASURES
from winnow.facts.lexicon import load
from winnow.harness.errors import UserError

FOLDER = REPOSITORY / "data/constraints"
KINDS = kinds(FOLDER)
ENGLISH_ONLY = {"letter_times", "lower_case", "upper_case", "capital_words_at_least"}


def test_there_are_kinds_of_all_nine_groups_in_both_languages() -> None:
    assert len(KINDS) >= 25
    assert {kind.group for kind in KINDS.values()} == set(GROUPS)
    assert {name for name, kind in KINDS.items() if kind.languages != ("en", "zh")} == ENGLISH_ONLY


@pytest.mark.parametrize("name", KINDS)
def test_golden_texts_are_read_right(name: str) -> None:
    kind = KINDS[name]
    for one in kind.golden:
        constraint = kind.constraint(one.language, one.arguments)
        texts = [*one.met, *one.unmet]
        assert met(texts, [constraint] * len(texts)).tolist() == [True] * len(one.met) + [False] * len(one.unmet)


@pytest.mark.parametrize("name", KINDS)
def test_a_wording_is_whole_for_every_argument(name: str) -> None:
    kind = KINDS[name]
    for language, wordings in kind.text.items():
        for variant in range(len(wordings)):
            for count in (1, 2, 40):
                given = {key: _some(value, language, count) for key, value in kind.arguments.items()}
                text = kind.words(language, given, variant)
                assert not re.search(r"[{}]", text)
                assert not re.search(r"\b(?:1|one) \w+s\b(?<!this)(?<!six asterisks)", text) or "one of" in text.lower()


def _some(value: Range | Values, language: str, count: int) -> int | str:
    if isinstance(value, Range):
        return max(value.low, min(count, value.high))
    return next(iter(value.by_language.get(language, ())), "word")


@pytest.mark.parametrize("name", KINDS)
def test_tasks_that_it_suits_exist_and_conflicts_hold_both_ways(name: str) -> None:
    kind = KINDS[name]
    assert set(kind.suits) <= set(load("task")["labels"])
    assert all(name in KINDS[other].conflicts for other in kind.conflicts)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_measure_takes_any_text_and_its_bounds_are_in_order(measure: str, language: str) -> None:
    texts = ["", " ", "\n\n", "。", "A", "一", "```", "…", "1.", "a\x00b", "😀!", "{", "- \n- a", "?" * 50]
    found = MEASURES[measure](pa.array(texts), language)
    assert len(found.low) == len(texts)
    assert (found.low <= found.high).all()
    assert (found.low >= 0).all()
    alone = [MEASURES[measure](pa.array([text]), language) for text in texts]
    assert [(int(one.low[0]), int(one.high[0])) for one in alone] == list(
        zip(found.low.tolist(), found.high.tolist(), strict=True)
    )
    assert len(MEASURES[measure](pa.array([], pa.string()), language).low) == 0


@pytest.mark.parametrize(
    ("check", "arguments"),
    [("at_most length", {}), ("at_most length", {"count": "5"}), ("few commas", {}), ("includes", {"words": "a"})],
)
def test_a_constraint_that_no_program_knows_is_not_met(check: str, arguments: dict[str, object]) -> None:
    assert met(["a"], [Constraint("x", check, "en", arguments)]).tolist() == [False]
    assert met(["a, b"], [Constraint("x", "at_most commas", "en", {"count": 1})]).tolist() == [True]


BASE = {
    "group": "length",
    "check": "at_most length",
    "arguments": {"count": {"from": 1, "to": 9}},
    "text": {"en": ["Use at most {count} word{s}."]},
    "golden": {"en": [{"arguments": {"count": 1}, "met": ["Yes"], "unmet": ["Oh yes"]}]},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"group": "size"}, "group must be one of"),
        ({"check": "at_most lenght"}, "which nothing checks"),
        ({"arguments": {}}, "arguments must be count"),
        ({"arguments": {"count": {"from": 9, "to": 1}}}, "whole numbers"),
        ({"text": {"en": ["Be brief."]}}, "sentences that name {count}"),
        ({"text": {"fr": ["Soyez bref."]}}, "text.fr is no entry"),
        ({"golden": {}}, "golden must have texts in en"),
        (
            {"golden": {"en": [{"arguments": {"count": 1}, "met": ["Oh yes"], "unmet": ["Yes"]}]}},
            "'Oh yes' does not meet the constraint",
        ),
        ({"golden": {"en": [{"arguments": {"count": 1}, "met": ["Yes"]}]}}, "one that does not"),
        ({"suit": []}, "suit is no entry"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_sentence(tmp_path: Path, change: dict[str, object], said: str) -> None:
    file = tmp_path / "short.yaml"
    YAML().dump({**BASE, **change}, file)
    if not said:
        assert isinstance(read(file), Kind)
        return
    with pytest.raises(UserError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}, ")
    assert said in str(error.value)


def test_a_conflict_names_a_kind_that_exists(tmp_path: Path) -> None:
    YAML().dump({**BASE, "conflicts": ["long"]}, tmp_path / "short.yaml")
    with pytest.raises(UserError, match="conflicts names long, no file of"):
        kinds(tmp_path)


def test_bounds_are_in_order() -> None:
    assert list(LADDER) == sorted(set(LADDER))
