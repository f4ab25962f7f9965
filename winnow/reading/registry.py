"""Registry of the adapters: every module under ``winnow/sources``, by its name."""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Any

import winnow.sources
from winnow.harness.errors import UserError
from winnow.reading.adapter import Adapter


@cache
def adapters() -> dict[str, Adapter]:
    """Return every adapter by name; the name is that of its module."""
    names = sorted(module.name for module in pkgutil.iter_modules(winnow.sources.__path__))
    return {name: importlib.import_module(f"winnow.sources.{name}").ADAPTER for name in names}


def adapter(name: str, source: str) -> Adapter:
    """Return the adapter ``name``; an unknown one is a :class:`UserError` that lists the known ones."""
    try:
        return adapters()[name]
    except KeyError:
        raise UserError(
            f"params.yaml: sources.{source}.adapter is {name!r}; there are {', '.join(adapters())}."
        ) from None


def list_unit(value: Any) -> bool:
    """Tell whether a JSON array is one raw unit for any of the adapters."""
    return any(one.list_unit(value) for one in adapters().values() if one.list_unit)


def sniff(values: Sequence[Any]) -> list[tuple[float, str]]:
    """Return every adapter that could read ``values`` with how sure it is, the surest first."""
    lists = any(isinstance(value, list) for value in values)
    able = {name: one for name, one in adapters().items() if one.list_unit or not lists}
    guesses = [(one.sniff(values), name) for name, one in able.items()]
    return sorted((guess for guess in guesses if guess[0] > 0), key=lambda guess: (-guess[0], guess[1]))
