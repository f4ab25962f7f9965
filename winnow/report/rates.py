"""Rates of Chinese and of English rows side by side: a rule on text that forgets a language shows in their ratio."""

import math
from dataclasses import dataclass

CHINESE, ENGLISH = "zh", "en"

UNEVEN = 1.5
"""From this ratio of rates a rule is marked."""


@dataclass(frozen=True)
class Rates:
    """How many rows of a language have something, of how many, in both languages."""

    chinese: int
    of_chinese: int
    english: int
    of_english: int

    @property
    def ratio(self) -> float | None:
        """The Chinese rate by the English one; infinite where only Chinese rows count, none where neither do.

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
