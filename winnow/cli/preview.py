"""How a new source will be read: the sniffed adapter and its first records, for a person to judge."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from textwrap import indent, shorten
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.entries import Entry
from winnow.reading.files import read_units, suffix_of
from winnow.reading.registry import adapter, adapters, list_unit, sniff
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps
from winnow.records.record import Record

_CAPS = Caps(1 << 32, 1 << 24)
_WIDTH = 300  # characters of a text that are shown


def sampled(
    files: list[tuple[Path, Path]],
    encoding: str,
    units: int,
    header: bool = True,
    lists: Callable[[Any], bool] | None = list_unit,
) -> list[Unit | BadUnit]:
    """Return the first units of each file, ``units`` in all; ``header`` and ``lists`` as the adapter wants them."""
    share = max(1, units // len(files))
    found = (islice(read_units(file, encoding, _CAPS, header, lists), share) for file, _ in files)
    return [unit for one in found for unit in one][:units]


def _values(sample: list[Unit | BadUnit]) -> list[Any]:
    return [unit.value for unit in sample if isinstance(unit, Unit)]


def surest(files: list[tuple[Path, Path]], encoding: str, units: int) -> str:
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
            f"no adapter knows this format (keys: {keys}); name one with --adapter: {', '.join(adapters())}."
        )
    if len(guesses) > 1 and guesses[0][0] == guesses[1][0]:
        names = " or ".join(name for sure, name in guesses if sure == guesses[0][0])
        raise UserError(f"this could be {names}; name one with --adapter.")
    return guesses[0][1]


def _shown(record: Record) -> str:
    lines = [f"kind {record.kind}"]
    for label, text in (("system", record.system), ("context", record.context)):
        if text:
            lines.append(f"{label}: {shorten(text, _WIDTH)}")
    lines += [f"{turn.role}: {shorten(turn.content, _WIDTH)}" for turn in record.messages]
    for worse in record.rejected or []:
        lines.append(f"rejected (rank {worse.rank}): {shorten(worse.messages[-1].content, _WIDTH)}")
    if record.metadata:
        lines.append(f"metadata: {shorten(str(record.metadata), _WIDTH)}")
    return "\n".join(lines)


def preview(entry: Entry, sample: list[Unit | BadUnit], rows: int) -> str:
    """Return the first ``rows`` records of the sample as the adapter reads them, and what it could not read."""
    source = adapter(entry.adapter, entry.name)
    good = [raw for unit in sample if isinstance(unit, Unit) for raw in source.expand(unit)]
    outcomes = list(source.read(good, entry.options))
    records = [outcome for outcome in outcomes if isinstance(outcome, Row)]
    bad = [unit for unit in sample if isinstance(unit, BadUnit)]
    left = [outcome for outcome in outcomes if isinstance(outcome, LeftOut) and outcome.outcome == "quarantined"]
    text = [f"Read as {entry.adapter}: {source.summary}"]
    for number, row in enumerate(records[:rows], 1):
        place = row.units[0]
        text.append(
            f"\nrecord {number} ({Path(place.file).name}, line {place.line})\n{indent(_shown(row.record), '  ')}"
        )
    problems = [(u.file, u.line, u.reason, u.detail) for u in bad]
    problems += [(out.unit.file, out.unit.line, out.reason, out.detail) for out in left]
    if problems:
        file, line, reason, detail = problems[0]
        text.append(
            f"\n{len(problems)} of the first {len(good) + len(bad)} units will be quarantined; "
            f"{Path(file).name}, line {line}: {reason} ({detail})"
        )
    if not records:
        raise UserError(
            f"{entry.adapter} reads no record from the first {len(good) + len(bad)} units: {text[-1].strip()}"
        )
    return "\n".join(text) + "\n"
