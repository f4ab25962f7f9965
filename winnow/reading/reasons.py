"""Why units became no row, for a person to read: counted by reason, the most frequent first, each with an example."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Example(NamedTuple):
    """The first unit that was left out for a reason."""

    file: str
    line: int
    detail: str


def first_examples(problems: Iterable[tuple[str, Example]]) -> tuple[Counter[str], dict[str, Example]]:
    """Return how often each reason stands in ``problems``, and its first example in the order of file and line."""
    counts: Counter[str] = Counter()
    examples: dict[str, Example] = {}
    for reason, example in problems:
        counts[reason] += 1
        examples[reason] = min(examples.get(reason, example), example)
    return counts, examples


def lines(counts: Mapping[str, int], examples: Mapping[str, Example]) -> list[str]:
    """Return one clause for each reason.

    >>> lines({"ragged_row": 2}, {"ragged_row": Example("a.csv", 3, "2 cells where the table has 3 columns")})
    ['2 ragged_row, first at a.csv, line 3: 2 cells where the table has 3 columns']
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        f"{count:,} {reason}, first at {examples[reason].file}, line {examples[reason].line}: {examples[reason].detail}"
        for reason, count in ranked
    ]
