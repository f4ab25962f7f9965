"""The constraints that a slot asks for, drawn by a hash of seed, plan, round and slot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from winnow.constraints.drawing import Draw, drawing
from winnow.constraints.kind_file import kinds
from winnow.constraints.kinds import LADDER, Kind, Range, compatible
from winnow.harness.errors import UserError
from winnow.recipes.recipe import Asks, Recipe


def asked_kinds(recipe: Recipe, folder: Path) -> tuple[Kind, ...]:
    """Return the kinds that a recipe asks for, with its bounds; one that ``folder`` has not is a :class:`UserError`."""
    if not recipe.asks.levels:
        return ()
    known, found = kinds(folder), []
    for name, bounds in recipe.asks.kinds.items():
        where = f"Recipe {recipe.name}: constraints.kinds.{name}"
        if name not in known:
            raise UserError(f"{where} is no file of {folder}; there are {', '.join(known)}.")
        kind = known[name]
        if wrong := [one for one in bounds if not isinstance(kind.arguments.get(one), Range)]:
            raise UserError(f"{where}.{wrong[0]} is no number that this constraint takes.")
        found.append(replace(kind, arguments={**kind.arguments, **{one: Range(*bounds[one]) for one in bounds}}))
    return tuple(found)


def drawn(some: Sequence[Kind], asks: Asks, language: str, *of: Any) -> tuple[dict[str, Any], ...]:
    """Return the constraints of one slot with their words; ``of`` is what the draw follows from.

    Their number is one of the recipe's levels, or less where no more go together.
    """
    if not asks.levels:
        return ()
    draw = drawing(*of)
    wanted = asks.levels[draw("level") % len(asks.levels)]
    found: list[Kind] = []
    for kind in sorted(some, key=lambda one: draw(f"kind {one.name}")):
        if len(found) < wanted and language in kind.languages and compatible(kind, found):
            found.append(kind)
    return tuple(_constraint(kind, language, draw) for kind in found)


def _constraint(kind: Kind, language: str, draw: Draw) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, span in kind.arguments.items():
        key = draw(f"{kind.name} {name}")
        if isinstance(span, Range):
            fit = [count for count in LADDER if span.low <= count <= span.high] or [span.low]
            arguments[name] = fit[key % len(fit)]
        else:
            values = span.by_language[language]
            arguments[name] = values[key % len(values)]
    words = kind.words(language, arguments, draw(f"words {kind.name}"))
    return {**kind.constraint(language, arguments).value(), "text": words}
