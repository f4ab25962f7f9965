"""The adapter that fits some files, recognised from their first units."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.files import read_units, suffix_of
from winnow.reading.registry import adapters, list_unit, sniff
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

_SAMPLE = 50  # units from which a format is recognised
_CAPS = Caps(1 << 32, 1 << 24)


def sampled(
    files: list[tuple[Path, Path]],
    encoding: str,
    units: int = _SAMPLE,
    header: bool = True,
    lists: Callable[[Any], bool] | None = list_unit,
) -> list[Unit | BadUnit]:
    """Return the first units of each file, ``units`` in all; ``header`` and ``lists`` as the adapter wants them."""
    share = max(1, units // len(files))
    samples = (islice(read_units(file, encoding, _CAPS, header, lists), share) for file, _ in files)
    return [unit for sample in samples for unit in sample][:units]


def _values(sample: list[Unit | BadUnit]) -> list[Any]:
    return [unit.value for unit in sample if isinstance(unit, Unit)]


def surest(files: list[tuple[Path, Path]], encoding: str, units: int = _SAMPLE) -> str:
    """Return the adapter that fits the files best; where none does, or two alike, a :class:`UserError` asks."""
    values = _values(sampled(files, encoding, units))
    guesses = sniff(values)
    if any(suffix_of(file) in (".csv", ".tsv") for file, _ in files):  # with a header, and without one
        bare = sniff(_values(sampled(files, encoding, units, header=False)))
        guesses = [guess for guess in guesses if adapters()[guess[1]].header]
        guesses += [guess for guess in bare if not adapters()[guess[1]].header]
        guesses.sort(key=lambda guess: (-guess[0], guess[1]))
    if not guesses:
        keys = ", ".join(sorted(values[0])) if values else "none"
        raise UserError(
            f"no adapter knows this format (keys: {keys}); name the adapter, which is one of {', '.join(adapters())}."
        )
    if len(guesses) > 1 and guesses[0][0] == guesses[1][0]:
        names = " or ".join(name for sure, name in guesses if sure == guesses[0][0])
        raise UserError(f"this could be {names}; name the adapter.")
    return guesses[0][1]
