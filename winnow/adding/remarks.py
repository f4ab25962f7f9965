"""What a person should know of the files of a new source before they are used: splits, sheets, delimiters."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from winnow.reading.entries import Entry
from winnow.reading.files import suffix_of
from winnow.reading.sheets import SUFFIXES as SHEETS
from winnow.reading.sheets import sheet_names
from winnow.reading.splits import OWN, named, own_splits
from winnow.reading.tables import DELIMITED, dialect_of
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

_SHOWN = 3  # files of a split that are named


def remarks(
    entry: Entry, files: Sequence[tuple[Path, Path]], caps: Caps, sample: Sequence[Unit | BadUnit] = ()
) -> list[str]:
    """Return the remarks on ``files``, pairs of a file and its place in the source's folder, and on a ``sample`` of
    their units, a line each.
    """
    splits = _splits(entry, [place for _, place in files])
    return [*splits, *_arrays(entry, sample), *_tables(entry, [file for file, _ in files], caps)]


def _arrays(entry: Entry, sample: Sequence[Unit | BadUnit]) -> Iterator[str]:
    parts = dict.fromkeys(unit.part for unit in sample if isinstance(unit, Unit) and named(unit.part))
    if parts and entry.splits == OWN:
        yield (
            f"Arrays are named as splits ({_some([*parts])}), and rows keep them where one of several is held out "
            "(`--option splits=ignore` splits them by content instead)."
        )


def _splits(entry: Entry, places: Sequence[Path]) -> Iterator[str]:
    by_split: defaultdict[str, list[str]] = defaultdict(list)
    for place, split in own_splits(places, entry.splits).items():
        if split:
            by_split[split].append(place.as_posix())
    if not by_split:
        return
    said = "; ".join(f"{split}: {_some(names)}" for split, names in sorted(by_split.items(), reverse=True))
    instead = " (`--option splits=ignore` splits them by content instead)" if entry.splits == OWN else ""
    yield f"The source has splits of its own, and its rows keep them: {said}{instead}."


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _tables(entry: Entry, files: Sequence[Path], caps: Caps) -> Iterator[str]:
    for file in files[:_SHOWN]:
        suffix = suffix_of(file)
        if suffix in SHEETS and entry.form.sheet is None:
            first, *others = sheet_names(file, caps.file_bytes) or [""]
            if others:
                yield f"{file.name}: only the sheet {first!r} is read; `--option sheet=NAME` reads {', '.join(others)}."
        elif suffix in DELIMITED:
            found = dialect_of(file, entry.encoding, caps, header=True, form=entry.form)
            if found.delimiter != DELIMITED[suffix] or found.first > 1 or (suffix == ".tsv" and found.quoted):
                quoted = "quoted" if found.quoted else "not quoted"
                begins = f", and the table begins on line {found.first}" if found.first > 1 else ""
                yield f"{file.name}: {found.delimiter!r} stands between cells, cells are {quoted}{begins}."
