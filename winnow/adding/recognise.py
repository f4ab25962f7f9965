"""The adapter that fits some files, recognised from their first units."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from winnow.adding.columns import is_header, proposed, question
from winnow.harness.errors import UserError
from winnow.reading.files import read_units, suffix_of
from winnow.reading.forms import OPEN, Form
from winnow.reading.reasons import Example, first_examples, lines
from winnow.reading.registry import adapters, list_unit, sniff
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

_SAMPLE = 50  # units from which a format is recognised
CAPS = Caps(1 << 32, 1 << 24)


def sampled(
    files: list[tuple[Path, Path]],
    encoding: str,
    units: int = _SAMPLE,
    header: bool = True,
    lists: Callable[[Any], bool] | None = list_unit,
    form: Form = OPEN,
) -> list[Unit | BadUnit]:
    """Return the first units of each file, ``units`` in all; ``header`` and ``lists`` as the adapter wants them, and
    ``form`` as the source's entry says.
    """
    share = max(1, units // len(files))
    samples = (islice(read_units(file, encoding, CAPS, header, lists, form=form), share) for file, _ in files)
    return [unit for sample in samples for unit in sample][:units]


def _values(sample: list[Unit | BadUnit]) -> list[Any]:
    return [unit.value for unit in sample if isinstance(unit, Unit)]


def problems_of(sample: list[Unit | BadUnit]) -> str:
    """Return as clauses why units of a sample cannot be read."""
    bad = [(unit.reason, Example(unit.file, unit.line, unit.detail)) for unit in sample if isinstance(unit, BadUnit)]
    return "; ".join(lines(*first_examples(bad)))


def surest(
    files: list[tuple[Path, Path]],
    encoding: str,
    units: int = _SAMPLE,
    form: Form = OPEN,
    name: str = "NAME",
    license_: str = "SPDX",
) -> tuple[str, dict[str, str]]:
    """Return the adapter that fits the files best, with the options that it needs.

    Where none does, or two alike, a :class:`UserError` asks, with the line to type for the source ``name``.
    """
    sample = sampled(files, encoding, units, form=form)
    values = _values(sample)
    guesses = sniff(values)
    if any(suffix_of(file) in (".csv", ".tsv") for file, _ in files):  # with a header, and without one
        guesses = [guess for guess in guesses if adapters()[guess[1]].header]
        if not guesses and not (values and is_header(list(values[0]))):
            bare = sniff(_values(sampled(files, encoding, units, header=False, form=form)))
            guesses = [guess for guess in bare if not adapters()[guess[1]].header]
    if not values:
        raise UserError(f"none of the first {len(sample)} units can be read: {problems_of(sample)}.")
    if not guesses:
        if options := proposed(values):
            return "table", options
        raise UserError(_unknown(values, [file for file, _ in files], name, license_))
    if len(guesses) > 1 and guesses[0][0] == guesses[1][0]:
        names = " or ".join(name for sure, name in guesses if sure == guesses[0][0])
        raise UserError(f"this could be {names}; name the adapter.")
    return guesses[0][1], {}


def _unknown(values: list[Any], files: list[Path], name: str, license_: str) -> str:
    """Return the sentence about rows that no adapter knows."""
    rows = [value for value in values if isinstance(value, dict)]
    keys = ", ".join(sorted(rows[0])) if rows else "none"
    line = question(rows, name, files, license_) if rows else ""
    others = f"name the adapter, which is one of {', '.join(adapters())}"
    return f"no adapter knows this format (keys: {keys}); {f'{line}; or {others}' if line else others}."
