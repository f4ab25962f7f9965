"""Read raw files to units, whatever their format."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from winnow.reading.jsonfiles import read_units as read_json_units
from winnow.reading.tables import SUFFIXES as TABLES
from winnow.reading.tables import read_table_units
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import WHOLE, Block, Caps

COMPRESSED = frozenset({".gz", ".zst"})
SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"}) | TABLES


def suffix_of(path: Path) -> str:
    """Return the ending that names the format of a file: its last one but that of a compression.

    >>> suffix_of(Path("rows.tsv.gz")), suffix_of(Path("rows.v2.json"))
    ('.tsv', '.json')
    """
    return next((suffix for suffix in reversed(path.suffixes) if suffix not in COMPRESSED), "")


def read_units(
    path: Path,
    encoding: str,
    caps: Caps,
    header: bool = True,
    list_unit: Callable[[Any], bool] | None = None,
    block: Block = WHOLE,
) -> Iterator[Unit | BadUnit]:
    """Yield every raw unit of a file, readable or not, in file order; the ending of its name gives the format.

    ``header`` and ``list_unit`` are those of :class:`~winnow.reading.adapter.Adapter`; ``block`` is a part of the file
    as :func:`~winnow.reading.blocks.cut` gives it.
    """
    suffix = suffix_of(path)
    if suffix in TABLES:
        return read_table_units(path, suffix, encoding, caps, header)
    return read_json_units(path, encoding, caps, list_unit, block)
