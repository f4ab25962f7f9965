"""Recipes: those that are shipped, strict errors, and the schema on the wire, which comes from the reader."""

import copy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from winnow.harness.errors import UserError
from winnow.recipes.reading import read
from winnow.recipes.recipe_file import load, recipe
from winnow.replies.stage import Unusable

FOLDER = REPOSITORY / "data/recipes"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def document(name: str = "evol_instruct") -> dict[str, Any]:
    """Return a recipe's file as a value that a test may change."""
    value: dict[str, Any] = YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return copy.deepcopy(value)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_recipes_are_in_both_languages_and_their_golden_replies_are_read_right(name: str) -> None:
    made = load(name, FOLDER)
    assert made.languages == ("en", "zh")
    assert set(made.leaks) == {"en", "zh"}
    for step in made.steps:
        assert step.answers or any(one.step == step.name and isinstance(one.read, dict | list) for one in made.golden)
        assert set(step.properties) == ({"items"} if step.items > 1 else set(step.reads))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_schema_asks_for_is_what_the_reader_takes(name: str) -> None:
    for step in load(name, FOLDER).steps:
        if step.answers:
            continue
        item = {field: {"yes_no": True, "texts": ["x"]}.get(kind, "x") for field, kind in step.reads.items()}
        text = as_json({"items": [item]} if step.items > 1 else item)
        assert read(step, text) == [item]
        for field in step.reads:
            less = {other: value for other, value in item.items() if other != field}
            text = as_json({"items": [less]} if step.items > 1 else less)
            if step.items > 1:
                assert read(step, text) == ["missing_field"]
            else:
                with pytest.raises(Unusable, match="missing_field"):
                    read(step, text)


def as_json(value: Any) -> str:
    """Return a value as JSON."""
    import json

    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(verson=2), "verson is no entry of a recipe"),
        (lambda d: d.update(version="1"), "version must be a whole number"),
        (lambda d: d["shows"].update(role="friend"), "shows.role must be one of seed, example, evolved_from"),
        (lambda d: d["steps"][0].update(prompt={}), "steps[0].prompt must be a map of en and zh"),
        (lambda d: d["steps"][0]["prompt"].pop("zh"), "must be written in en"),
        (lambda d: d["steps"][0]["sampling"].pop("max_tokens"), "must say temperature and max_tokens"),
        (lambda d: d["steps"][0]["sampling"].update(heat=1), "steps[0].sampling.heat is no entry"),
        (lambda d: d["steps"][0].update(reads={"instruction": "number"}), "must be one of text, maybe_text, yes_no"),
        (lambda d: d["steps"].pop(2), "read no output"),
        (lambda d: d["steps"][1].update(shows=["answer"]), "names 'answer', which no earlier step reads"),
        (lambda d: d["steps"][2].update(when={"instruction": True}), "which no earlier step reads as yes_no"),
        (lambda d: d.update(operators={}, renews=[]), "operators and a prompt with {operator} go together"),
        (lambda d: d.update(renews=["shrink"]), "renews must be a list of some of"),
        (lambda d: d.update(checks=["leek"]), "checks must be a list of some of"),
        (lambda d: d["golden"][0].update(read={"instruction": "x"}), "its right reading is said to be"),
        (lambda d: d.update(golden=d["golden"][3:]), "has no reply of the step rewrite"),
    ],
)
def test_a_wrong_entry_is_one_sentence_that_names_it(change: Any, said: str) -> None:
    value = document()
    change(value)
    with pytest.raises(UserError) as error:
        recipe("mine", value, "data/recipes/mine.yaml")
    assert str(error.value).startswith("data/recipes/mine.yaml, ")
    assert said in str(error.value)


def test_an_unknown_recipe_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are complex_instruct, evol_instruct, self_instruct"):
        load("nothing", FOLDER)
    with pytest.raises(UserError, match="there are none"):
        load("../evol_instruct", tmp_path)
