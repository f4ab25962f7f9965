"""Acceptance facts: the faults of ``tests/cases/acceptance.json``, which anyone can extend, and no others."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from winnow.candidates.checks import Candidate
from winnow.candidates.facts import EVERY
from winnow.gates.accepting import broken
from winnow.gates.written import RULES
from winnow.recipes.recipe_file import CHECKS as NAMES
from winnow.recipes.recipe_file import load

CASES: list[dict[str, Any]] = json.loads((REPOSITORY / "tests/cases/acceptance.json").read_text(encoding="utf-8"))
LIMITS = {rule.name: rule.default for rule in RULES}
LEAKS = load("evol_instruct", REPOSITORY / "data/recipes").leaks


def faults(case: dict[str, Any]) -> list[str]:
    """Return the rules that a case breaks, by the limits of params.yaml."""
    language = case.get("language", "en")
    texts = {
        name: case.get(name, "") for name in ("instruction", "input", "output", "parent", "parent_input", "reasoning")
    }
    one = Candidate(language=language, depth=case.get("depth", 1), leaks=LEAKS[language], **texts)
    found = []
    for name, check in EVERY.items():
        measured = check(one)
        if measured is not None:
            line = {"row_id": "a:1", "check": name, "value": measured.value, "detail": measured.detail}
            found += [drop.reason for drop in broken([line], LIMITS).values()]
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert faults(case) == case["faults"]


def test_every_check_has_a_rule_a_recipe_name_and_a_case_in_which_it_finds_something() -> None:
    assert set(EVERY) | {"novelty"} == set(NAMES)
    assert set(EVERY) == {rule.name for rule in RULES}
    assert {fault for case in CASES for fault in case["faults"]} == set(EVERY) - {"long_instruction"}


def test_limits_of_params_are_the_defaults_of_the_rules() -> None:
    from ruamel.yaml import YAML

    group = YAML(typ="safe").load(Path(REPOSITORY / "params.yaml").read_text(encoding="utf-8"))["accept"]
    assert {name: value for name, value in group.items() if name != "novelty"} == LIMITS
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if rule.about not in text] == []
