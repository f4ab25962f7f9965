"""The plans of ``propose.plans`` in ``params.yaml``, every entry checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from winnow.constraints.kinds import Kind
from winnow.growing.constraints import asked_kinds
from winnow.harness.errors import UserError
from winnow.recipes.recipe import Recipe
from winnow.recipes.recipe_file import load
from winnow.replies.form import FORMS, JSON_SCHEMA

_KEYS = (
    *("recipe", "model", "seeds", "target", "rounds", "yield_floor", "output_terms"),
    *("answers_as", "form", "extra", "max_chars", "aim"),
)
_NEEDED = ("recipe", "model", "target", "output_terms")
_TERMS = re.compile(r"unrestricted|no-competing-models|non-commercial|attribution: \S.*")
_OWN_FIELDS = frozenset({"messages", "model", "stream", "n", "seed"})
_NAME = re.compile("[a-z0-9_-]+")
ROUNDS, FLOOR, MAX_CHARS = 6, 0.1, 20_000
"""Defaults: rounds of a plan, the yield of a round below which it ends, characters that a slot may show."""


@dataclass(frozen=True)
class Plan:
    """One plan. ``seeds`` are facts with the values that a seed may have; ``target`` counts accepted rows."""

    name: str
    recipe: Recipe
    model: str
    seeds: Mapping[str, tuple[Any, ...]]
    target: int
    rounds: int
    yield_floor: float
    output_terms: tuple[str, ...]
    aim: tuple[str, ...]
    """Facts whose combinations with the fewest rows are written towards; none: all seeds alike."""
    asks: Mapping[str, Any]
    """What a frozen round keeps of the model: model, answers_as, form, extra, max_chars."""
    kinds: tuple[Kind, ...] = ()
    """The kinds of constraints that its recipe asks for."""


def plans(group: Mapping[str, Any], recipes: Path) -> list[Plan]:
    """Return the plans by name; whatever is wrong in one is a :class:`UserError` that names the entry.

    >>> plans({}, Path("data/recipes"))
    []
    """
    return [_plan(name, group[name], recipes) for name in sorted(group, key=str)]


def _plan(name: Any, value: Any, recipes: Path) -> Plan:
    where = f"params.yaml: propose.plans.{name}"

    def wrong(key: str, problem: str) -> NoReturn:
        raise UserError(f"{where}{'.' if key else ''}{key} {problem}.")

    if not isinstance(name, str) or not _NAME.fullmatch(name):
        wrong("", "must be a name of small letters, digits, - and _")
    if not isinstance(value, Mapping):
        wrong("", f"must be a map with {', '.join(_NEEDED)}")
    if unknown := sorted(map(str, set(value) - set(_KEYS))):
        wrong(unknown[0], f"is no setting of a plan; there are {', '.join(_KEYS)}")
    for key in _NEEDED:
        if key not in value:
            wrong(key, "is missing")
    for key in ("recipe", "model", "answers_as"):
        if not isinstance(value.get(key, ""), str) or (key in _NEEDED and not value[key]):
            wrong(key, f"must be a name, not {value[key]!r}")
    counts = {"target": None, "rounds": ROUNDS, "max_chars": MAX_CHARS}
    for key, default in counts.items():
        if type(value.get(key, default)) is not int or value.get(key, default) < 1:
            wrong(key, f"must be a whole number above 0, not {value[key]!r}")
    floor = value.get("yield_floor", FLOOR)
    if isinstance(floor, bool) or not isinstance(floor, int | float) or not 0 <= floor <= 1:
        wrong("yield_floor", f"must be a share from 0 to 1, not {floor!r}")
    if value.get("form", JSON_SCHEMA) not in FORMS:
        wrong("form", f"must be one of {', '.join(FORMS)}")
    extra = value.get("extra", {})
    if not isinstance(extra, Mapping) or (clash := sorted(_OWN_FIELDS & set(map(str, extra)))):
        wrong("extra", f"must be a map of fields, without {clash[0] if isinstance(extra, Mapping) else 'more'}")
    listed = value["output_terms"] if isinstance(value["output_terms"], list) else [value["output_terms"]]
    if not listed or not all(isinstance(one, str) and _TERMS.fullmatch(one) for one in listed):
        wrong(
            "output_terms",
            "must say what the model's terms ask of its output: unrestricted, no-competing-models, non-commercial, "
            "`attribution: <words>`, or a list of these",
        )
    asks = {
        "model": value["model"],
        "answers_as": value.get("answers_as", ""),
        "form": value.get("form", JSON_SCHEMA),
        "extra": dict(extra),
        "max_chars": value.get("max_chars", MAX_CHARS),
    }
    terms = tuple(sorted({str(one) for one in listed} - {"unrestricted"}))
    seeds = _seeds(value.get("seeds") or {}, wrong)
    recipe = load(value["recipe"], recipes)
    rounds = value.get("rounds", ROUNDS)
    aim = value.get("aim") or []
    if not isinstance(aim, list) or not all(isinstance(one, str) for one in aim) or len({*aim, "language"}) <= len(aim):
        wrong("aim", "must be a list of facts, each once, without language: each language is aimed at by itself")
    kinds = asked_kinds(recipe, recipes.parent / "constraints")
    target = value["target"]
    return Plan(name, recipe, value["model"], seeds, target, rounds, float(floor), terms, tuple(aim), asks, kinds)


def _seeds(value: Any, wrong: Any) -> dict[str, tuple[Any, ...]]:
    if not isinstance(value, Mapping):
        wrong("seeds", "must be a map from facts to the values that a seed may have")
    found = {}
    for fact, wanted in value.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        if not values or any(isinstance(one, list | dict) for one in values):
            wrong(f"seeds.{fact}", "must be a value or a list of values")
        found[str(fact)] = tuple(values)
    return found
