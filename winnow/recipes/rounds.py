"""Frozen rounds, ``data/plans/<plan>/<round>.json``: all that decides the requests of a round and how they are read.

A round is written when its first reply is bought, and never changed. It holds the recipe as it was, the ids of the rows
that each slot shows, and what the new rows inherit from them, so that neither a moved threshold nor an edited recipe
changes a request that was paid for or a row that was made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.recipes.reading import READER
from winnow.recipes.recipe import EVOLVED_FROM, FAMILY, Recipe
from winnow.recipes.recipe_file import recipe
from winnow.records.record import canonical_json

FORMAT = 1
_KEYS = ("format", "plan", "round", "recipe_name", "recipe", "model", "reader", "seed", "output_terms", "rows", "slots")


@dataclass(frozen=True)
class Shown:
    """What a new row inherits from a row that it was shown: licence, family, terms of models behind it, depth."""

    license: str
    group: str | None = None
    terms: tuple[str, ...] = ()
    depth: int = 0


@dataclass(frozen=True)
class Slot:
    """One candidate: the language of its prompts, its operator, and the ids of the rows shown, in order.

    ``lead`` is the slot whose request this one shares, itself where it has its own, and ``item`` its place in the
    reply. ``line`` is where it stands in the file. ``aim`` are values of facts that its row is to have, ``constraints``
    those that it is to meet, as its metadata will have them, each with its words under ``text``.
    """

    number: int
    language: str
    operator: str | None
    shown: tuple[str, ...]
    lead: int
    item: int
    line: int = 1
    aim: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Round:
    """One round of a plan; ``model`` holds the plan's settings of the model (model, answers_as, form, extra, …)."""

    plan: str
    number: int
    recipe: Recipe
    model: Mapping[str, Any]
    seed: int
    output_terms: tuple[str, ...]
    rows: Mapping[str, Shown]
    slots: tuple[Slot, ...]
    file: str = ""
    reader: int = READER
    by_number: Mapping[int, Slot] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the slots."""
        object.__setattr__(self, "by_number", {slot.number: slot for slot in self.slots})

    def place(self, slot: Slot, step: str) -> dict[str, Any]:
        """Return where the reply to one step of a slot belongs: what the ledger keeps beside it."""
        first = step == self.recipe.steps[0].name
        return {"plan": self.plan, "round": self.number, "slot": slot.lead if first else slot.number, "step": step}

    @property
    def role(self) -> str:
        """What the rows shown are to the new ones."""
        return self.recipe.shows.role

    def family(self, slot: Slot) -> str | None:
        """Return the family that the row of a slot joins, None where it was only shown examples."""
        if self.role not in FAMILY:
            return None
        return self.rows[slot.shown[0]].group or slot.shown[0]

    def depth(self, slot: Slot) -> int:
        """Return how often the row of a slot was rewritten since a person, or another source, wrote it."""
        return 1 + (max(self.rows[one].depth for one in slot.shown) if self.role == EVOLVED_FROM else 0)

    def text(self) -> str:
        """Return the file: one entry a line, one slot a line."""
        entries = {
            "format": FORMAT,
            "plan": self.plan,
            "round": self.number,
            "recipe_name": self.recipe.name,
            "recipe": self.recipe.document,
            "model": self.model,
            "reader": self.reader,
            "seed": self.seed,
            "output_terms": list(self.output_terms),
            "rows": {
                row_id: {"license": one.license, "group": one.group, "terms": list(one.terms), "depth": one.depth}
                for row_id, one in self.rows.items()
            },
        }
        lines = [f'"{name}": {canonical_json(value)},' for name, value in entries.items()]
        slots = [
            canonical_json(
                {
                    "slot": one.number,
                    "language": one.language,
                    "operator": one.operator,
                    "shown": list(one.shown),
                    "lead": one.lead,
                    "item": one.item,
                    **({"aim": one.aim} if one.aim else {}),
                    **({"constraints": list(one.constraints)} if one.constraints else {}),
                }
            )
            for one in self.slots
        ]
        return "\n".join(["{", *lines, '"slots": [', ",\n".join(slots), "]", "}", ""])


def path_of(plan: str, number: int, folder: Path) -> Path:
    """Return the file of a round below the folder of plans.

    >>> path_of("more", 2, Path("plans")).as_posix()
    'plans/more/0002.json'
    """
    return folder / plan / f"{number:04d}.json"


def rounds(plan: str, folder: Path) -> list[Round]:
    """Return the frozen rounds of a plan in order; a gap between them is a :class:`UserError`."""
    there = sorted(path for path in (folder / plan).glob("*.json"))
    for number, path in enumerate(there, 1):
        if path != path_of(plan, number, folder):
            raise UserError(
                f"{path_of(plan, number, folder)} is missing, and {path} is there; bring it back with "
                f"`git checkout -- {folder / plan}`."
            )
    return [read_round(path) for path in there]


def read_round(path: Path) -> Round:
    """Return the round in a file, which is a :class:`UserError` where it is not what was written."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        value = json.loads(text)
        found = _round(value, path)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UserError(
            f"{path} is no frozen round ({type(error).__name__}: {error}); bring it back with `git checkout -- {path}`."
        ) from None
    if found.text() != text:
        raise UserError(
            f"{path} is not as it was written when its round was bought, and its replies belong to what it was; bring "
            f"it back with `git checkout -- {path}`."
        )
    return found


def _round(value: Mapping[str, Any], path: Path) -> Round:
    if tuple(value) != _KEYS or value["format"] != FORMAT:
        raise ValueError("it has other entries, or a format that this Winnow does not know")
    if value["reader"] != READER:
        raise ValueError(f"its replies are read by reader {value['reader']}, which this Winnow has not")
    first = len(_KEYS) + 2  # an opening brace, an entry a line, and the line that opens the slots
    rows = {
        row_id: Shown(one["license"], one["group"], tuple(one["terms"]), one["depth"])
        for row_id, one in value["rows"].items()
    }
    slots = tuple(_slot(one, rows, first + n) for n, one in enumerate(value["slots"]))
    if not slots or [slot.number for slot in slots] != list(range(len(slots))):
        raise ValueError("its slots are not numbered from 0")
    made = recipe(value["recipe_name"], value["recipe"], str(path))
    model, terms = dict(value["model"]), tuple(value["output_terms"])
    number, seed = int(value["round"]), int(value["seed"])
    return Round(value["plan"], number, made, model, seed, terms, rows, slots, path.as_posix(), value["reader"])


def _slot(value: Mapping[str, Any], rows: Mapping[str, Shown], line: int) -> Slot:
    shown: Sequence[str] = value["shown"]
    if not shown or any(one not in rows for one in shown):
        raise ValueError(f"slot {value['slot']} shows a row that is not among its rows")
    return Slot(
        value["slot"],
        value["language"],
        value["operator"],
        tuple(shown),
        value["lead"],
        value["item"],
        line,
        value.get("aim", {}),
        tuple(value.get("constraints", ())),
    )
