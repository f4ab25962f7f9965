"""Lexicons that people edit: every mistake is one sentence that names file and entry."""

from pathlib import Path

import pytest

from tests.facts.rows import texts_of
from winnow.facts import lexicon
from winnow.facts.flags.rules import compiled, holds
from winnow.facts.tags import domains, sources
from winnow.facts.tags import rules as tag_rules
from winnow.harness.errors import UserError


def flag_file(rules: str) -> str:
    return f"openers: {{en: [sorry]}}\nflags:\n  odd:\n    meaning: an odd row\n    rules:\n{rules}"


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("      - response: {en: ['']}", r"flags\.odd\.rules\[0\]\.response\.en\[0\] is empty"),
        ("      - response: {en: [regex: '(?=a)']}", r"response\.en\[0\] is no regex that RE2 takes"),
        ("      - response: {en: [regex: 'a*']}", r"response\.en\[0\] matches everything"),
        ("      - response: {en: [one, One two, one]}", r"response\.en\[2\] says the same as .*en\[0\]"),
        ("      - response: {en: [no]}\n        reply: {en: [x]}", r"rules\[0\]\.reply is unknown"),
        ("      - response: {english: [x]}", r"response\.english is unknown"),
        ("      - unless_response: {en: [x]}", r"rules\[0\] names no text that must match"),
        ("      - response: {en: [x]}\n        context_is: full", r"context_is must be empty or given"),
        ("      - response: {en: [x]}\n        most_bytes: many", r"most_bytes must be a whole number"),
        ("      - response: {en: [3]}", r"response\.en\[0\] must be a phrase"),
    ],
)
def test_a_mistake_in_the_lexicon_names_file_and_entry(tmp_path: Path, rules: str, problem: str) -> None:
    path = tmp_path / "flags.yaml"
    path.write_text(flag_file(rules), encoding="utf-8")
    with pytest.raises(UserError, match=r"^winnow/facts/lexicon/flags\.yaml, .*" + problem):
        compiled(lexicon.read(path))


@pytest.mark.parametrize(
    ("text", "problem"),
    [("a: [", "line"), ("- a", "must be a map"), ("a: 1\na: 2", "line"), ("", "must be a map")],
)
def test_a_file_that_is_no_lexicon_is_one_sentence(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "flags.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=problem) as error:
        lexicon.read(path)
    assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="is missing"):
        lexicon.read(tmp_path / "none.yaml")


def test_a_new_phrase_works_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "flags.yaml"
    path.write_text(flag_file("      - response_starts: {en: [can't say], zh: [说不准]}"), encoding="utf-8")
    odd = compiled(lexicon.read(path))["odd"]
    rows = [("", "", text) for text in ("Sorry, CAN’T  say.", "I can't say.", "can't saying", "说不准。")]
    assert holds(odd, texts_of(rows)).tolist() == [True, False, False, True]


RULE = {"weight": 1, "en": ["zig"]}
TASK_FILE = {"fallback": "b", "doubt": 1, "labels": {"a": [RULE], "b": []}}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"fallback": "c"}, "fallback is 'c', which is none of the labels"),
        ({"doubt": 0}, "doubt must be above 0"),
        ({"labels": {"a": {}, "b": []}}, "labels.a must be a list of rules"),
        ({"labels": {"a": [{"en": ["zig"]}], "b": []}}, "labels.a[0] lacks weight"),
        ({"labels": {"a": [{"weight": "big", "en": ["x"]}], "b": []}}, "labels.a[0].weight must be a number"),
        ({"labels": {"a": [{"weight": 1}], "b": []}}, "labels.a[0] has no condition"),
        ({"labels": {"a": [RULE, {**RULE, "where": "middle"}], "b": []}}, "labels.a[1].where is 'middle'"),
        ({"labels": {"a": [{**RULE, "when": ["round"]}], "b": []}}, "labels.a[0].when names 'round'"),
        ({"labels": {"a": [{**RULE, "tasks": ["code"]}], "b": []}}, "labels.a[0].tasks names 'code'"),
        ({"labels": {"a": [{"weight": 1, "en": [{"regex": "("}]}], "b": []}}, "labels.a[0].en[0] is no regex"),
        ({"label": {}}, "the file.label is unknown"),
    ],
)
def test_a_mistake_in_a_rule_file_names_its_entry(change: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError) as error:
        tag_rules.parse("task", {**TASK_FILE, **change})
    assert str(error.value).startswith("winnow/facts/lexicon/task.yaml, ")
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ({"a": {"en": ["zig"]}}, "labels must be a map from each domain to its words, the fallback among them"),
        ({"a": {"zh": ["水"]}, "b": None}, "labels.a.zh[0] is '水'; a single character is met everywhere"),
        ({"a": {"en": ["!?"]}, "b": None}, "labels.a.en[0] is '!?'"),
        ({"a": {"en": "zig"}, "b": None}, "labels.a.en must be a list of words"),
        ({"a": {"fr": ["zig"]}, "b": None}, "labels.a.fr is unknown"),
        ({"a": {"tasks": {"dance": 1}}, "b": None}, "labels.a.tasks names 'dance'"),
    ],
)
def test_a_mistake_in_the_domains_names_its_entry(labels: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError) as error:
        domains.parse({"fallback": "b", "doubt": 1, "least": 1, "in_prompt": 1, "labels": labels})
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("sets", "problem"),
    [
        ({"x": {"key": "k", "tasks": {"one": "dance"}}}, "sets.x.tasks.one is 'dance'"),
        ({"x": {"key": "k"}}, "sets.x must have a metadata key as text and one of tasks, domains, difficulties"),
        (
            {"x": {"key": "k", "tasks": {"one": "code"}}, "y": {"key": "k", "tasks": {"One!": "chat"}}},
            "sets.y.tasks.One! is 'chat', but another set maps the same category to 'code'",
        ),
    ],
)
def test_a_mistake_in_the_categories_names_its_entry(sets: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError) as error:
        sources.parse({"sets": sets})
    assert problem in str(error.value)
