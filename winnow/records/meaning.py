"""What a column means, kept in the metadata of its Arrow field: a sentence, a unit and a source.

The metadata explains and decides nothing: the Parquet writer leaves it out, so a better sentence changes no data.
"""

from typing import NamedTuple

import pyarrow as pa

WINNOW = "Winnow"
YES_OR_NO = "yes or no"


class Meaning(NamedTuple):
    """One sentence on a column, its unit, and the paper or rule that it comes from (or ``Winnow``)."""

    meaning: str
    unit: str
    source: str


def column(
    name: str, kind: pa.DataType, meaning: str, unit: str, source: str = WINNOW, *, nullable: bool = True
) -> pa.Field:
    """Return the Arrow field of a column that carries its meaning.

    >>> meaning_of(column("turns", pa.int32(), "Messages of the row.", "messages"))
    Meaning(meaning='Messages of the row.', unit='messages', source='Winnow')
    """
    return pa.field(name, kind, nullable, Meaning(meaning, unit, source)._asdict())


def meaning_of(field: pa.Field) -> Meaning:
    """Return the meaning that ``field`` carries; a field without one raises :class:`KeyError`."""
    metadata = field.metadata or {}
    return Meaning(*(metadata[name.encode()].decode() for name in Meaning._fields))
