"""Read raw files to units, whatever their format."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from winnow.reading.forms import OPEN, Form
from winnow.reading.jsonfiles import read_units as read_json_units
from winnow.reading.packed import SUFFIXES as COMPRESSIONS
from winnow.reading.tables import SUFFIXES as TABLES
from winnow.reading.tables import read_table_units
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import WHOLE, Block, Caps

SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"}) | TABLES


def suffix_of(path: Path) -> str:
    """Return the ending that names the format of a file: its last one but that of a compression.

    >>> suffix_of(Path("rows.tsv.gz")), suffix_of(Path("rows.v2.json"))
    ('.tsv', '.json')
    """
    return next((suffix for suffix in reversed(path.suffixes) if suffix not in COMPRESSIONS), "")


def read_units(
    path: Path,
    encoding: str,
    caps: Caps,
    header: bool = True,
    list_unit: Callable[[Any], bool] | None = None,
    block: Block = WHOLE,
    form: Form = OPEN,
) -> Iterator[Unit | BadUnit]:
    """Yield every raw unit of a file, readable or not, in file order; the ending of its name gives the format.

    ``header`` and ``list_unit`` are those of :class:`~winnow.reading.adapter.Adapter`; ``block`` is a part of the file
    as :func:`~winnow.reading.blocks.cut` gives it; ``form`` is what the source's entry says of its files.
    """
    suffix = suffix_of(path)
    if suffix in TABLES:
        units = read_table_units(path, suffix, encoding, caps, header, form)
    else:
        units = read_json_units(path, encoding, caps, list_unit, block)
    return _without_missing(units, form.missing) if form.missing else units


def _without_missing(
    units: Iterator[Unit | BadUnit], missing: Mapping[str, frozenset[str]]
) -> Iterator[Unit | BadUnit]:
    """Yield the units with null in the cells that hold only the text of a missing one; ``raw`` stays."""
    for unit in units:
        if isinstance(unit, Unit) and isinstance(unit.value, dict):
            empty = {
                column: None
                for column, texts in missing.items()
                if isinstance(cell := unit.value.get(column), str) and cell in texts
            }
            yield unit._replace(value=unit.value | empty) if empty else unit
        else:
            yield unit
