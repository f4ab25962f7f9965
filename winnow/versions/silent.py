"""Rows that a version takes down: a difference counts them and shows nothing of their text, which others may read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from winnow.harness.documents import read_json
from winnow.versions.outputs import Outputs

TAKEDOWN = "takedown"
"""The reason in the index, and what the patch of such a row calls its drop."""

_EVERY = ":*"


class Silent(NamedTuple):
    """The ids of rows that are taken down, and the sources of which every row is."""

    rows: frozenset[str]
    sources: frozenset[str]

    def hides(self, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Return whether the lines of a row in the older and newer index are those of one that is taken down."""
        line = new or old
        return new.get("reason") == TAKEDOWN or line["row_id"] in self.rows or line["source"] in self.sources


def silent(version: Outputs) -> Silent:
    """Return what the patches of a version take down; of a row that a purge removed, they alone still tell."""
    ids = set(_taken_down(version.tracked("data/patches")))
    sources = {one.removesuffix(_EVERY) for one in ids if one.endswith(_EVERY)}
    return Silent(frozenset(ids), frozenset(sources))


def _taken_down(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.json")):
        try:
            patch = read_json(file)
        except (OSError, ValueError):
            continue  # which `winnow verify` and the stage `clean` name
        if isinstance(patch, dict) and patch.get("drop") == TAKEDOWN:
            yield str(patch.get("row_id"))
