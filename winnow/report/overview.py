"""The licences of the release, what a use must respect, and the way of the rows through the gates."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winnow.gates.chain import GATES
from winnow.report.cube import Cube, out, totals
from winnow.report.numbers import ranked

_TERMS = {
    "BY": "attribution",
    "SA": "share alike",
    "NC": "no commercial use",
    "ND": "no adapted versions",
}


@dataclass(frozen=True)
class License:
    """A licence with the released rows, their tokens and sources."""

    code: str
    rows: int
    tokens: int
    sources: list[str]

    @property
    def terms(self) -> list[str]:
        """What the code of a Creative Commons licence says that a use must respect."""
        return terms(self.code)


def terms(code: str) -> list[str]:
    """Return what a Creative Commons licence asks for; of other licences, nothing: their codes do not say.

    >>> terms("CC-BY-NC-4.0"), terms("CC0-1.0"), terms("Apache-2.0")
    (['attribution', 'no commercial use'], [], [])
    """
    parts = code.upper().split("-")
    return [_TERMS[part] for part in parts if part in _TERMS] if parts[0] == "CC" else []


def license_of(code: str, source: str, sources: Mapping[str, Any]) -> str:
    """Return the licence of rows of a source: ``other`` by the name that its entry gives."""
    entry = sources.get(source)
    return (entry.get("license_name") if isinstance(entry, Mapping) and code == "other" else "") or code


def licenses(cube: Cube, sources: Mapping[str, Any]) -> list[License]:
    """Return the licences of the released rows, the most frequent first."""
    rows: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    named: dict[str, set[str]] = defaultdict(set)
    for measure, found in (("rows", rows), ("tokens", tokens)):
        for (source, code), count in totals(
            cube, "source", "license", measure=measure, where=lambda cell: cell.released
        ).items():
            found[license_of(code, source, sources)] += count
            named[license_of(code, source, sources)].add(source)
    return [License(code, count, tokens[code], sorted(named[code])) for code, count in ranked(rows)]


def funnel(cube: Cube, notes: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Return each gate with the rows that entered and left it, its reasons, and its notes on rows that stay."""
    alive, found = sum(totals(cube, "source").values()), []
    dropped = totals(cube, "gate", "reason", where=out)
    for gate in GATES:
        reasons = Counter({reason: count for (one, reason), count in dropped.items() if one == gate})
        noted = ranked({reason: count for (one, reason), count in notes.items() if one == gate})
        left = alive - reasons.total()
        found.append({"name": gate, "in": alive, "out": left, "reasons": ranked(reasons), "notes": noted})
        alive = left
    return found
