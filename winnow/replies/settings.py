"""Settings of a stage that asks a model: the model, how it samples, which rows it is asked about.

Each setting is declared once, as a field with its default, its Click type and its help: :func:`options` makes the
options of the stage script of them, and :meth:`Settings.of` reads a group of ``params.yaml`` for ``winnow ask``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar

import click

from winnow.harness.errors import UserError
from winnow.harness.options import MAP, Setting
from winnow.ledger.request import Request, request
from winnow.replies.folders import Locate

ALIVE, ALL = "alive", "all"
_SNAPSHOT = re.compile(r"[-@:](\d{4}-\d{2}-\d{2}|\d{4,8})")
_OWN_FIELDS = frozenset({"messages", "model", "stream", "n"})

Function = TypeVar("Function", bound=Callable[..., Any])


class TooLong(Exception):
    """A row with more text than ``max_chars``: it is not asked about."""


def knob(default: Any, kind: Any, text: str) -> Any:
    """Return a field of :class:`Settings` that is an option of the stage; ``text`` is its help."""
    about = {"kind": click.types.convert_type(kind), "help": text}
    if isinstance(default, dict | list):
        return field(default_factory=type(default), metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every stage that asks a model can set; a stage with more settings subclasses it."""

    model: str = knob("", str, "Name of the model as its server knows it; part of each request's key.")
    answers_as: str = knob("", str, "Name under which the server answers, where it is another.")
    temperature: float = knob(0.0, click.FloatRange(0, 2), "Sampling temperature; 0 is greedy.")
    max_tokens: int = knob(1024, click.IntRange(1), "Tokens that one reply may have.")
    samples: int = knob(1, click.IntRange(1, 64), "Replies per question and row.")
    extra: Mapping[str, Any] = knob({}, MAP, "More fields of the request; null leaves one out.")
    rows: str = knob(ALIVE, click.Choice([ALIVE, ALL]), "Rows asked about: those alive, or all.")
    share: float = knob(1.0, click.FloatRange(0, 1), "Share of those rows, by a hash of their ids.")
    max_chars: int = knob(40_000, click.IntRange(1), "Characters above which a row is not asked about.")
    seed: int = 0

    @property
    def asks(self) -> bool:
        """Whether anything is asked with these settings."""
        return bool(self.model)

    @classmethod
    def of(cls, stage: str, group: Mapping[str, Any], locate: Locate = Path, **made: Any) -> Self:
        """Return the settings that ``group`` holds, each as the type it is declared with.

        YAML reads 0 where the stage has 0.0, and keys of requests are digests of their JSON. A subclass whose settings
        name files that people wrote reads these where ``locate`` says, and gives them in ``made``. Raises
        :class:`UserError` for a value of another type and for settings that contradict each other.
        """
        known = [one for one in fields(cls) if one.name in group and one.name not in made]
        settings = cls(**{one.name: _typed(stage, one.name, one.metadata, group[one.name]) for one in known}, **made)
        if problem := settings.problem(stage):
            raise UserError(f"params.yaml: {problem}")
        return settings

    def problem(self, stage: str) -> str | None:
        """Return what these settings contradict, as a sentence, or None."""
        if self.samples > 1 and self.temperature == 0:
            return (
                f"{stage}.samples is above 1 and {stage}.temperature is 0, so that all samples would say the same; "
                "set a temperature such as 0.7."
            )
        if clash := sorted(_OWN_FIELDS & set(map(str, self.extra))):
            return f"{stage}.extra may not hold {clash[0]}, which Winnow sets itself."
        if self.samples > 1 and "seed" in self.extra:
            return f"{stage}.extra sets one seed for all {stage}.samples; leave it out, each has its own."
        return None

    def check_length(self, texts: Sequence[str]) -> None:
        """Raise :class:`TooLong` where the texts of a row have more than ``max_chars`` characters together."""
        if sum(map(len, texts)) > self.max_chars:
            raise TooLong

    def request(
        self, messages: Sequence[tuple[str, str]], sample: int, response_format: Mapping[str, Any] | None = None
    ) -> Request:
        """Return the request that sends ``messages``, each a role and a text; a canary's ``sample`` is below 0."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": role, "content": text} for role, text in messages],
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
        }
        if response_format:
            body["response_format"] = response_format
        if self.temperature > 0:
            body["seed"] = max(sample, 0)
        body |= self.extra
        return request({name: value for name, value in body.items() if value is not None}, sample)

    def accepts(self, name: str) -> bool:
        """Return whether a server that answers as ``name`` answers as the model that was asked.

        It does under its name, under ``answers_as``, and under one of them with the date of a snapshot.

        >>> asked = Settings(model="gpt-4o")
        >>> [asked.accepts(name) for name in ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "gpt-4o-mini-2024-07-18")]
        [True, True, False, False]
        """
        return any(name == one or _is_snapshot(name, one) for one in (self.model, self.answers_as) if one)


def _is_snapshot(name: str, model: str) -> bool:
    return name.startswith(model) and _SNAPSHOT.fullmatch(name[len(model) :]) is not None


def _typed(stage: str, name: str, about: Mapping[str, Any], value: Any) -> Any:
    """Return ``value`` as the Click type of its setting, where nothing is lost by that."""
    if not about:
        return value
    if value is None and isinstance(about["kind"], Setting):
        return about["kind"].empty()
    try:
        typed = about["kind"].convert(value, None, None)
    except click.UsageError:
        typed = None
    if value is None or (typed != value and not isinstance(typed, str)):
        raise UserError(f"params.yaml: {stage}.{name} is {value!r}; see `python3 -m stages.{stage} --help`.")
    return typed


def options(settings: type[Settings]) -> Callable[[Function], Function]:
    """Return a decorator that gives a stage script one Click option for each setting."""

    def decorate(function: Function) -> Function:
        for one in reversed([one for one in fields(settings) if one.metadata]):
            name, default = f"--{one.name.replace('_', '-')}", getattr(settings(), one.name)
            kind, text = one.metadata["kind"], one.metadata["help"]
            function = click.option(name, type=kind, default=default, help=text)(function)
        return function

    return decorate
