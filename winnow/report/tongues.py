"""Whether a rule drops Chinese rows more often than English ones: a rule on text that forgets a language does."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from winnow.gates.chain import GATES
from winnow.report.cube import Cube, out, totals

CHINESE, ENGLISH = "zh", "en"
UNEVEN = 1.5
"""From this ratio of drop rates a rule is marked."""


@dataclass(frozen=True)
class Rates:
    """How many rows of a language left for a reason, of those that the gate saw; the same in both languages."""

    chinese: int
    of_chinese: int
    english: int
    of_english: int

    @property
    def ratio(self) -> float | None:
        """The Chinese rate by the English one; infinite where only Chinese rows left, none where neither did.

        >>> Rates(6, 100, 2, 100).ratio, Rates(1, 100, 0, 100).ratio, Rates(0, 0, 5, 10).ratio
        (3.0, inf, None)
        """
        if not self.of_chinese or not self.of_english or not self.chinese + self.english:
            return None
        if not self.english:
            return math.inf
        return (self.chinese / self.of_chinese) / (self.english / self.of_english)

    @property
    def lowest(self) -> float:
        """The lower end of the 95 % interval of the ratio (Katz et al. 1978; half a row is added to no English ones).

        >>> round(Rates(60, 1000, 20, 1000).lowest, 2), round(Rates(3, 1000, 1, 1000).lowest, 2)
        (1.82, 0.31)
        """
        a, n, b, m = float(self.chinese), float(self.of_chinese), float(self.english), float(self.of_english)
        if not self.chinese:
            return 0.0
        if not self.english:
            a, n, b, m = a + 0.5, n + 0.5, b + 0.5, m + 0.5
        spread = math.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
        return math.exp(math.log((a / n) / (b / m)) - 1.96 * spread)

    @property
    def uneven(self) -> bool:
        """Whether the ratio is above :data:`UNEVEN`."""
        return self.ratio is not None and self.ratio > UNEVEN

    @property
    def clear(self) -> bool:
        """Whether it is uneven, and more than the chance of a few rows."""
        return self.uneven and self.lowest > 1


@dataclass(frozen=True)
class Uneven:
    """One reason: its drops in all, those in other languages than the two, and the rates."""

    gate: str
    reason: str
    rows: int
    others: int
    rates: Rates


def by_language(cube: Cube) -> list[Uneven]:
    """Return every reason of every gate with its rates, gate by gate, the most frequent reason first."""
    alive = totals(cube, "language")
    dropped = totals(cube, "gate", "reason", "language", where=out)
    found = []
    for gate in GATES:
        reasons: dict[str, Counter[str]] = {}
        for (one, reason, language), count in dropped.items():
            if one == gate:
                reasons.setdefault(reason, Counter())[language] += count
        for reason, counts in sorted(reasons.items(), key=lambda item: (-item[1].total(), item[0])):
            rates = Rates(counts[CHINESE], alive[CHINESE], counts[ENGLISH], alive[ENGLISH])
            others = counts.total() - counts[CHINESE] - counts[ENGLISH]
            found.append(Uneven(gate, reason, counts.total(), others, rates))
        for counts in reasons.values():
            alive.subtract(counts)
    return found


@dataclass(frozen=True)
class Flag:
    """One flag: rows that have it, how many of them are released, and its rates among all rows."""

    name: str
    meaning: str
    rows: int
    released: int
    rates: Rates


def flags(
    counts: Mapping[tuple[str, str, str, str], int], languages: Mapping[str, int], meanings: Mapping[str, str]
) -> list[Flag]:
    """Return the flags, the most frequent first; ``languages`` are the rows of each language."""
    names = Counter[str]()
    inside, by_language = Counter[str](), Counter[tuple[str, str]]()
    for (name, _, language, status), count in counts.items():
        names[name] += count
        by_language[name, language] += count
        inside[name] += count if status == "in" else 0
    return [
        Flag(
            name,
            meanings.get(name, ""),
            rows,
            inside[name],
            Rates(
                by_language[name, CHINESE], languages.get(CHINESE, 0),
                by_language[name, ENGLISH], languages.get(ENGLISH, 0),
            ),
        )
        for name, rows in sorted(names.items(), key=lambda item: (-item[1], item[0]))
    ]  # fmt: skip
