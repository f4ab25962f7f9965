"""How a new source will be read: its first records, for a person to judge."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from winnow.adding.missing import ask
from winnow.adding.recognise import CAPS, sampled, surest
from winnow.adding.remarks import remarks
from winnow.adding.unused import refuse_labels, refuse_whole, unused
from winnow.harness.errors import UserError
from winnow.reading.adapter import Adapter, LeftOut, Row
from winnow.reading.entries import Entry, entries
from winnow.reading.forms import form
from winnow.reading.licences import license_of
from winnow.reading.reasons import Example, first_examples
from winnow.reading.reasons import lines as reasons
from winnow.reading.registry import adapter
from winnow.reading.units import BadUnit, Unit
from winnow.records.record import Record

_WIDTH = 300  # characters of a text that are shown
_UNITS = 1_000  # of a source that are looked at


def _shown(record: Record) -> list[str]:
    lines = [f"kind {record.kind}"]
    for label, text in (("system", record.system), ("context", record.context)):
        if text:
            lines.append(f"{label}: {shorten(text, _WIDTH)}")
    lines += [f"{turn.role}: {shorten(turn.content, _WIDTH)}" for turn in record.messages]
    for worse in record.rejected or []:
        lines.append(f"rejected (rank {worse.rank}): {shorten(worse.messages[-1].content, _WIDTH)}")
    if record.metadata:
        lines.append(f"metadata: {shorten(str(record.metadata), _WIDTH)}")
    return [f"  {line}" for line in lines]


def checked_preview(name: str, entry: dict[str, Any], files: list[tuple[Path, Path]]) -> list[str]:
    """Return in lines how the files of the source ``name`` are read.

    An ``entry`` without an adapter gets the one that fits them best.
    """
    encoding, layout = entry.get("encoding", "utf-8"), form(f"sources.{name}", entry)
    if not entry["adapter"]:
        entry["adapter"], options = surest(files, encoding, form=layout, name=name, license_=entry["license"])
        entry |= {option: column for option, column in options.items() if option not in entry}
    checked = entries({name: entry})[0]
    source = adapter(checked.adapter, name)
    sample = sampled(files, encoding, _UNITS, source.header, source.list_unit, layout)
    outcomes = list(source.read((raw for unit in sample for raw in _raw_units(unit, source)), checked.options))
    ask(checked, sample)
    refuse_whole(name, entry, files, outcomes)
    refuse_labels(name, entry, files, outcomes)
    for row in outcomes:
        if isinstance(row, Row) and row.record.license:
            license_of(row.record.license, checked.license, checked.license_name, name, str(files[0][0]))
    return [*preview(checked, sample), *unused(outcomes), *remarks(checked, files, CAPS, sample)]


def _raw_units(unit: Unit | BadUnit, source: Adapter) -> Sequence[Unit]:
    return source.expand(unit) if isinstance(unit, Unit) else ()


def preview(entry: Entry, sample: list[Unit | BadUnit], rows: int = 3) -> list[str]:
    """Return in lines the first ``rows`` records as the adapter reads them, and what it could not read."""
    source = adapter(entry.adapter, entry.name)
    good = [raw for unit in sample if isinstance(unit, Unit) for raw in source.expand(unit)]
    outcomes = list(source.read(good, entry.options))
    records = [outcome for outcome in outcomes if isinstance(outcome, Row)]
    bad = [unit for unit in sample if isinstance(unit, BadUnit) and unit.outcome == "quarantined"]
    left = [outcome for outcome in outcomes if isinstance(outcome, LeftOut) and outcome.outcome == "quarantined"]
    lines = [f"Read as {entry.adapter}: {source.summary}"]
    if chosen := [
        f"{name}={','.join(value) if isinstance(value, tuple) else value}"
        for name, value in entry.options.items()
        if value and value != source.options.get(name)
    ]:
        lines.append(f"with {', '.join(chosen)}")
    for number, row in enumerate(records[:rows], 1):
        place = row.units[0]
        lines += ["", f"record {number} ({Path(place.file).name}, line {place.line})", *_shown(row.record)]
    problems = [(u.reason, Example(Path(u.file).name, u.line, u.detail)) for u in bad]
    problems += [(out.reason, Example(Path(out.unit.file).name, out.unit.line, out.detail)) for out in left]
    why = reasons(*first_examples(problems))
    if not records:
        raise UserError(
            f"{entry.adapter} reads no record from the first {len(good) + len(bad)} units: {'; '.join(why) or 'none'}."
        )
    if problems:
        units = f"{len(problems)} of the first {len(good) + len(bad)} units"
        lines += ["", f"{units} will be quarantined:", *(f"  {one}" for one in why)]
    return [*lines, ""]
