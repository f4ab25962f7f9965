"""The sources: how far their units came, and what their rows are like."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winnow.gates.chain import GATES
from winnow.report.cube import Cell, Cube, nested, out, totals
from winnow.report.numbers import ranked
from winnow.report.overview import license_of

OUTCOMES = ("used", "skipped", "quarantined")


@dataclass(frozen=True)
class Source:
    """One source; counts are rows where nothing else is said."""

    name: str
    licenses: list[str]
    units: int
    used: int  # raw units, as the next two
    skipped: int
    quarantined: int
    rows: int
    gates: list[int]  # dropped by each gate
    released: int
    reasons: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    tokens: float | None  # mean of the rows
    released_tokens: float | None  # mean of the released rows
    rated: int
    rating: float | None  # mean of the rated rows
    flagged: int
    flags: list[tuple[str, int]]

    @property
    def duplicates(self) -> int:
        """Rows that another stands for."""
        return self.gates[GATES.index("deduplicate")]

    @property
    def lost(self) -> int:
        """Rows that were left out."""
        return self.rows - self.released


def sources(
    cube: Cube,
    units: Mapping[tuple[str, str], int],
    flags: Mapping[tuple[str, str, str, str], int],
    entries: Mapping[str, Any],
) -> list[Source]:
    """Return every source by name: those with an entry, and those of which there are rows or units."""

    def inside(cell: Cell) -> bool:
        return cell.released

    rows, released = totals(cube, "source"), totals(cube, "source", where=inside)
    tokens, kept_tokens = (totals(cube, "source", measure="tokens", where=where) for where in (bool, inside))
    rated, ratings, flagged = (totals(cube, "source", measure=name) for name in ("rated", "rating", "flagged"))
    gates, reasons = (nested(totals(cube, "source", name, where=out)) for name in ("gate", "reason"))
    languages, licenses = (nested(totals(cube, "source", name)) for name in ("language", "license"))
    by_flag: Counter[tuple[str, str]] = Counter()
    for (flag, source, _, _), count in flags.items():
        by_flag[source, flag] += count
    flags_of = nested(by_flag)
    found = []
    for name in sorted({*entries, *rows, *(source for source, _ in units)}):
        counts = {outcome: units.get((name, outcome), 0) for outcome in OUTCOMES}
        stated = [entries[name]["license"]] if "license" in entries.get(name, {}) else []
        found.append(
            Source(
                name=name,
                licenses=sorted({license_of(str(code), name, entries) for code in licenses[name] or stated}),
                units=sum(counts.values()),
                **counts,
                rows=rows[name],
                gates=[gates[name][gate] for gate in GATES],
                released=released[name],
                reasons=ranked(reasons[name]),
                languages=ranked(languages[name]),
                tokens=_mean(tokens[name], rows[name]),
                released_tokens=_mean(kept_tokens[name], released[name]),
                rated=rated[name],
                rating=_mean(ratings[name], rated[name]),
                flagged=flagged[name],
                flags=ranked(flags_of[name]),
            )
        )
    return found


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
