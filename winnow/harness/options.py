"""Parameter types that the scripts of the stages share: what YAML has no scalar for, and ranges that can be off."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

OTHERS = "default"
"""The key of a limit by language that stands for all languages that are not named."""


class Setting(click.ParamType):
    """A setting that may be null in ``params.yaml``, which then means ``empty()``; Click itself has no null."""

    empty: Callable[[], Any]


class _Json(Setting):
    """A list or a map: native from ``params.yaml``, JSON on the command line."""

    def __init__(self, kind: type[dict[Any, Any]] | type[list[Any]]) -> None:
        self.empty = self.kind = kind
        self.name = "map" if kind is dict else "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return ``value`` as the native kind, ``false`` (off) as an empty one; others are Click's usage errors."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                self.fail(f"{value!r} is not a JSON {self.name}", param, ctx)
        if value is False:
            return self.kind()
        if not isinstance(value, self.kind):
            self.fail(f"{value!r} is not a {self.name}", param, ctx)
        return value


class _Words(_Json):
    """A list, or one word that stands for the list of it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a list, also of one word."""
        one_word = isinstance(value, str) and value.isidentifier()
        return [value] if one_word else super().convert(value, param, ctx)


class _Rows(Setting):
    """A whole number of rows above 0, or null for no limit."""

    name = "rows"

    @staticmethod
    def empty() -> None:
        """Return what null stands for: no limit."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Return the number; ``null`` or nothing on the command line is no limit."""
        if value in ("", "null"):
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.fail(f"{value!r} is no whole number of rows above 0; null is no limit", param, ctx)
        return value


class _Limit(click.ParamType):
    """A number, ``false`` for off, or a map from language to either (JSON on the command line)."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the limit as :func:`winnow.gates.limits.limits` takes it; anything else is a usage error."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                self.fail(f"{value!r} is neither a number, false nor a map of languages", param, ctx)
        if problem := limit_problem(value):
            self.fail(problem, param, ctx)
        return value


class RangeOrOff(click.FloatRange):
    """A number in a range, or ``off``, which becomes 0."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, 0 for ``off``."""
        return 0.0 if value in ("off", False) else super().convert(value, param, ctx)


MAP = _Json(dict)
LIST = _Json(list)
WORDS = _Words(list)
ROWS = _Rows()
LIMIT = _Limit()


def limit_problem(value: Any) -> str | None:
    """Return what is wrong with the setting of a limit, ``None`` where nothing is.

    >>> limit_problem(20), limit_problem(False), limit_problem({"zh": 5, "default": False})
    (None, None, None)
    >>> limit_problem({"zh": 5})
    "a map of languages needs 'default' for the others"
    >>> limit_problem("20")
    "'20' is neither a number nor false"
    """
    if isinstance(value, Mapping) and OTHERS not in value:
        return f"a map of languages needs {OTHERS!r} for the others"
    for one in value.values() if isinstance(value, Mapping) else [value]:
        number = isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
        if one is not False and not number:
            return f"{one!r} is neither a number nor false"
    return None


def options(made: Iterable[Callable[..., Any]]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds the options ``made`` to the script of a stage, in their order.

    For stages that have one option for each rule of a table.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(list(made)):
            function = option(function)
        return function

    return decorate
