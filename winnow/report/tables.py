"""The tables that the report reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tables:
    """Folders of tables that are cut into buckets, ``gates`` by gate, and the file of the index."""

    records: Path
    edits: Path
    places: Path
    units: Path
    facts: Path
    neighbours: Path
    overlaps: Path
    gates: Mapping[str, Path]
    index: Path
