"""A recipe as a value: what is shown to the model, the steps of a candidate, and what a reply may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "zh")
TEXT, MAYBE_TEXT, YES_NO, TEXTS = "text", "maybe_text", "yes_no", "texts"
KINDS = (TEXT, MAYBE_TEXT, YES_NO, TEXTS)
"""What a field of a reply holds: a text, a text that may be empty, true or false, or a list of texts."""
EXAMPLE, SEED, EVOLVED_FROM = "example", "seed", "evolved_from"
ROLES = (SEED, EXAMPLE, EVOLVED_FROM)
"""What a row is to the rows that are made from it."""
FAMILY = (SEED, EVOLVED_FROM)
"""Roles by which a new row joins the family of its parent; rows shown as examples join none."""
INSTRUCTION, INPUT, OUTPUT, REASONING = "instruction", "input", "output", "reasoning"
"""Fields that become the record: the user's turn, its context, the reply, and the steps of thought before it."""
ROWS = "rows"
SHOWN = (INSTRUCTION, INPUT, OUTPUT)
SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "max_tokens")
ITEMS = "items"
"""The list of a reply that holds several candidates."""


@dataclass(frozen=True)
class Shows:
    """The rows that a slot shows: how many, in which role, of them from the pool, and which of their fields.

    The pool are accepted rows of earlier rounds of the same plan; while it is too small, seeds stand in.
    """

    role: str
    rows: int
    pool: int = 0
    fields: tuple[str, ...] = (INSTRUCTION,)


@dataclass(frozen=True)
class Stop:
    """The value of a field at which a candidate is given up, and the reason code for that."""

    field: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Step:
    """One request of a candidate. ``items`` above 1: one reply holds the candidates of so many slots.

    A step that ``answers`` sends the instruction as a user would, and its whole reply is the field ``output``.
    """

    name: str
    prompt: Mapping[str, str]
    sampling: Mapping[str, float]
    reads: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, ...] = (ROWS,)
    items: int = 1
    answers: bool = False
    when: Mapping[str, bool] = field(default_factory=dict)
    stop: Stop | None = None

    def applies(self, fields: Mapping[str, Any]) -> bool:
        """Say whether this step is on the way of a candidate that has ``fields``."""
        return all(fields.get(name) == value for name, value in self.when.items())

    @property
    def properties(self) -> dict[str, Any]:
        """The properties of its reply's JSON schema: what the reader takes, and nothing else."""
        text = {"type": "string"}
        kinds = {TEXT: text, MAYBE_TEXT: text, YES_NO: {"type": "boolean"}, TEXTS: {"type": "array", "items": text}}
        one = {name: kinds[kind] for name, kind in self.reads.items()}
        if self.items == 1:
            return one
        item = {"type": "object", "properties": one, "required": list(one), "additionalProperties": False}
        return {ITEMS: {"type": "array", "items": item}}


@dataclass(frozen=True)
class Asks:
    """The constraints that a slot asks for: how many, one of ``levels``, and of which kinds of ``data/constraints``.

    A kind has bounds of its arguments here where they are narrower than in its file.
    """

    levels: tuple[int, ...] = ()
    kinds: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Golden:
    """A reply with its right reading: fields (a list of them where a step reads several), or a reason code."""

    step: str
    reply: str
    read: Any
    cut: bool = False


@dataclass(frozen=True)
class Recipe:
    """A method: one file of ``data/recipes``; ``document`` is that file, as a frozen round keeps it."""

    name: str
    version: int
    shows: Shows
    steps: tuple[Step, ...]
    operators: Mapping[str, Mapping[str, str]]
    renews: tuple[str, ...]
    """Operators that write a wholly new instruction, which is not compared with its parent."""
    checks: tuple[str, ...]
    leaks: Mapping[str, tuple[str, ...]]
    golden: tuple[Golden, ...]
    document: Mapping[str, Any]
    asks: Asks = Asks()

    @property
    def items(self) -> int:
        """How many slots share the first request."""
        return self.steps[0].items

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that its prompts are written in."""
        return tuple(self.steps[0].prompt)
