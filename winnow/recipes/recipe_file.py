"""Recipes read from their files, every entry checked, and their golden replies read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from winnow.harness.documents import read_map
from winnow.harness.errors import UserError
from winnow.recipes.entries import NAME, Entries
from winnow.recipes.reading import read
from winnow.recipes.recipe import (
    INPUT,
    INSTRUCTION,
    KINDS,
    LANGUAGES,
    OUTPUT,
    ROLES,
    ROWS,
    SAMPLING,
    SHOWN,
    YES_NO,
    Asks,
    Golden,
    Recipe,
    Shows,
    Step,
    Stop,
)
from winnow.replies.stage import Unusable

OPERATOR = "{operator}"
"""What stands in a prompt for the text of the slot's operator."""
CONSTRAINTS = "{constraints}"
"""What stands in a prompt for the constraints of the slot, one a line."""
CHECKS = (
    *("leak", "no_op", "growth", "depth", "apology", "no_words", "language"),
    *("answers", "lost_code", "colon_end", "cut_end", "odd_start", "long_instruction", "novelty"),
    *("wrong_step", "wrong_answer"),
)
"""Acceptance facts that a recipe may have computed of its rows (:mod:`winnow.candidates`)."""

_KEYS = ("version", "about", "shows", "steps", "operators", "renews", "checks", "leaks", "golden", "constraints")
_STEP = ("name", "prompt", "sampling", "reads", "shows", "items", "answers", "when", "stop")


def load(name: str, folder: Path) -> Recipe:
    """Return the recipe ``name``; whatever is wrong in its file is a :class:`UserError` that names the entry."""
    file = folder / f"{name}.yaml"
    if not NAME.fullmatch(name) or not file.is_file():
        there = ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "none"
        raise UserError(
            f"params.yaml: propose.plans names the recipe {name!r}, no file of {folder}; there are {there}."
        )
    return recipe(name, read_map(file), str(file))


def recipe(name: str, document: Mapping[str, Any], where: str) -> Recipe:
    """Return the recipe that ``document`` holds; ``where`` names it in errors."""
    return _Reader(name, document, where).recipe()


class _Reader(Entries):
    """Checks one document entry by entry."""

    def __init__(self, name: str, document: Mapping[str, Any], where: str) -> None:
        super().__init__(where)
        self.name, self.document = name, document

    def recipe(self) -> Recipe:
        document = self.document
        self.only("", document, _KEYS)
        version = document.get("version")
        if type(version) is not int or version < 1:
            self.wrong("version", "must be a whole number from 1")
        operators = {
            self.identifier("operators", name): self.texts(f"operators.{name}", text)
            for name, text in self.a_map("operators", document.get("operators") or {}).items()
        }
        listed = document.get("steps")
        if not isinstance(listed, list) or not listed:
            self.wrong("steps", "must be a list of one step or more")
        steps = tuple(self.step(n, one) for n, one in enumerate(listed))
        self.check_steps(steps, operators)
        golden = document.get("golden")
        if not isinstance(golden, list):
            self.wrong("golden", "must be a list of replies with their right reading")
        made = Recipe(
            self.name,
            version,
            self.shows(document.get("shows")),
            steps,
            operators,
            self.some("renews", tuple(operators)),
            self.some("checks", CHECKS),
            self.leaks(document.get("leaks") or {}),
            tuple(self.golden(n, one, steps) for n, one in enumerate(golden)),
            document,
            self.asks(document.get("constraints")),
        )
        if made.asks.levels and not any(CONSTRAINTS in text for text in steps[0].prompt.values()):
            self.wrong("constraints", f"are told nobody; steps[0].prompt must have {CONSTRAINTS}")
        if missing := [one.name for one in steps if one.reads and one.name not in {g.step for g in made.golden}]:
            self.wrong("golden", f"has no reply of the step {missing[0]}")
        return made

    def asks(self, value: Any) -> Asks:
        if value is None:
            return Asks()
        one = self.a_map("constraints", value)
        self.only("constraints", one, ("levels", "kinds"))
        levels, kinds = one.get("levels"), self.a_map("constraints.kinds", one.get("kinds"))
        if not isinstance(levels, list) or not levels or not all(type(n) is int and 1 <= n <= 9 for n in levels):
            self.wrong("constraints.levels", "must be a list of whole numbers from 1 to 9")
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for name, bounds in kinds.items():
            found[self.identifier("constraints.kinds", name)] = mine = {}
            for argument, span in self.a_map(f"constraints.kinds.{name}", bounds or {}).items():
                if not isinstance(span, list) or [type(n) for n in span] != [int, int] or span[0] > span[1]:
                    self.wrong(f"constraints.kinds.{name}.{argument}", "must be two whole numbers: [from, to]")
                mine[str(argument)] = (span[0], span[1])
        return Asks(tuple(levels), found)

    def some(self, entry: str, known: tuple[str, ...]) -> tuple[str, ...]:
        listed = self.document.get(entry) or []
        if not isinstance(listed, list) or not set(map(str, listed)) <= set(known) or len(set(listed)) < len(listed):
            self.wrong(entry, f"must be a list of some of {', '.join(known)}, each once")
        return tuple(listed)

    def shows(self, value: Any) -> Shows:
        shown = self.a_map("shows", value)
        self.only("shows", shown, ("role", "rows", "pool", "fields"))
        role = self.one_of("shows.role", shown.get("role"), ROLES)
        rows, pool = self.count("shows.rows", shown.get("rows")), self.count("shows.pool", shown.get("pool", 0), 0)
        if pool > rows:
            self.wrong("shows.pool", "may not be above shows.rows")
        fields = shown.get("fields", [INSTRUCTION])
        if not isinstance(fields, list) or not fields or not set(fields) <= set(SHOWN):
            self.wrong("shows.fields", f"must be a list of some of {', '.join(SHOWN)}")
        return Shows(role, rows, pool, tuple(one for one in SHOWN if one in fields))

    def step(self, number: int, value: Any) -> Step:
        at = f"steps[{number}]"
        one = self.a_map(at, value)
        self.only(at, one, _STEP)
        name = self.identifier(f"{at}.name", one.get("name"))
        answers = self.one_of(f"{at}.answers", one.get("answers", False), (True, False))
        reads = self.a_map(f"{at}.reads", one.get("reads") or {})
        if answers == bool(reads):
            self.wrong(at, "needs either reads, the fields of its reply, or answers: true")
        for field, kind in reads.items():
            self.one_of(f"{at}.reads.{self.identifier(f'{at}.reads', field)}", kind, KINDS)
        sampling = self.a_map(f"{at}.sampling", one.get("sampling"))
        self.only(f"{at}.sampling", sampling, SAMPLING)
        if "max_tokens" not in sampling or "temperature" not in sampling:
            self.wrong(f"{at}.sampling", "must say temperature and max_tokens")
        for key, number_ in sampling.items():
            if isinstance(number_, bool) or not isinstance(number_, int | float):
                self.wrong(f"{at}.sampling.{key}", "must be a number")
        if type(sampling["max_tokens"]) is not int or sampling["max_tokens"] < 1:
            self.wrong(f"{at}.sampling.max_tokens", "must be a whole number above 0")
        shows = one.get("shows", [ROWS])
        if not isinstance(shows, list):
            self.wrong(f"{at}.shows", f"must be a list of {ROWS} or fields of earlier steps")
        when = self.a_map(f"{at}.when", one.get("when") or {})
        return Step(
            name,
            {} if answers and "prompt" not in one else self.texts(f"{at}.prompt", one.get("prompt")),
            dict(sampling),
            dict(reads),
            tuple(shows),
            self.count(f"{at}.items", one.get("items", 1)),
            answers,
            {str(key): self.one_of(f"{at}.when.{key}", wanted, (True, False)) for key, wanted in when.items()},
            self.stop(f"{at}.stop", one["stop"], reads) if "stop" in one else None,
        )

    def stop(self, at: str, value: Any, reads: Mapping[str, Any]) -> Stop:
        one = self.a_map(at, value)
        self.only(at, one, ("field", "value", "reason"))
        if reads.get(str(one.get("field"))) != YES_NO:
            self.wrong(f"{at}.field", "must name a field of the step that is yes_no")
        value = self.one_of(f"{at}.value", one.get("value"), (True, False))
        return Stop(str(one["field"]), value, self.identifier(f"{at}.reason", one.get("reason")))

    def check_steps(self, steps: tuple[Step, ...], operators: Mapping[str, Any]) -> None:
        """Check what steps say of one another."""
        known: dict[str, str] = {}
        names = [step.name for step in steps]
        if len(set(names)) < len(names):
            self.wrong("steps", "have a name twice")
        if steps[0].answers or not steps[0].prompt:
            self.wrong("steps[0]", "must have a prompt and read fields")
        for number, step in enumerate(steps):
            at = f"steps[{number}]"
            if number and step.items > 1:
                self.wrong(f"{at}.items", "may be above 1 in the first step only")
            if step.prompt and set(step.prompt) != set(steps[0].prompt):
                self.wrong(f"{at}.prompt", f"must be written in {' and '.join(steps[0].prompt)}, as the first one is")
            if unknown := [one for one in step.shows if one != ROWS and one not in known]:
                self.wrong(f"{at}.shows", f"names {unknown[0]!r}, which no earlier step reads")
            if unknown := [one for one in step.when if known.get(one) != YES_NO]:
                self.wrong(f"{at}.when", f"names {unknown[0]!r}, which no earlier step reads as yes_no")
            if step.answers and INSTRUCTION not in known:
                self.wrong(at, f"answers, and no earlier step reads {INSTRUCTION}")
            known |= {OUTPUT: "text"} if step.answers else step.reads
        for needed in (INSTRUCTION, OUTPUT):
            if known.get(needed) != "text":
                self.wrong("steps", f"read no {needed} (of kind text), which a row needs")
        if known.get(INPUT) == YES_NO:
            self.wrong("steps", f"read {INPUT} as yes_no; it is the context of a row, a text")
        holders = [step for step in steps if any(OPERATOR in text for text in step.prompt.values())]
        if bool(holders) != bool(operators):
            self.wrong("operators", f"and a prompt with {OPERATOR} go together")
        if any(OPERATOR not in text for step in holders for text in step.prompt.values()):
            self.wrong("steps", f"have {OPERATOR} in one language and not in the other")
        if any(set(texts) != set(steps[0].prompt) for texts in operators.values()):
            self.wrong("operators", f"must be written in {' and '.join(steps[0].prompt)}, as the prompts are")

    def leaks(self, value: Any) -> dict[str, tuple[str, ...]]:
        leaks = self.a_map("leaks", value)
        self.only("leaks", leaks, LANGUAGES)
        for language, words in leaks.items():
            if not isinstance(words, list) or not all(isinstance(one, str) and one.strip() for one in words):
                self.wrong(f"leaks.{language}", "must be a list of texts")
        return {language: tuple(words) for language, words in leaks.items()}

    def golden(self, number: int, value: Any, steps: tuple[Step, ...]) -> Golden:
        at = f"golden[{number}]"
        one = self.a_map(at, value)
        self.only(at, one, ("step", "reply", "read", "cut"))
        name = self.one_of(f"{at}.step", one.get("step"), tuple(step.name for step in steps))
        if not isinstance(one.get("reply"), str) or "read" not in one:
            self.wrong(at, "needs a reply, which is a text, and what is to be read from it")
        cut = self.one_of(f"{at}.cut", one.get("cut", False), (True, False))
        step = next(step for step in steps if step.name == name)
        try:
            found: Any = read(step, one["reply"], cut=cut)
            found = found if step.items > 1 else found[0]
        except Unusable as reason:
            found = str(reason)
        if found != one["read"]:
            self.wrong(at, f"is read as {found!r}, and its right reading is said to be {one['read']!r}")
        return Golden(name, one["reply"], one["read"], cut)
