"""How many replies to a kind of task meet a constraint anyway, so that nobody is asked for what all do.

Counted over all replies of a task type and language, as sums: by measure how often each count occurs, by word in how
many replies it may stand. Both say at most too much: a count is taken by the way that meets the constraint more often,
and words share places of a table by their hash. So a constraint with a share of half or less is met by half or fewer.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.constraints.check import COUNT
from winnow.constraints.finding import tokens_of
from winnow.constraints.measures import MEASURES
from winnow.constraints.phrases import PHRASES
from winnow.storage.types import Ints
from winnow.text.normal import normalised
from winnow.text.tokens import hashed_tokens

MOST = 4096  # counts above are one
PLACES = 1 << 16
Key = tuple[str, str]
"""Task type and language."""


def _zeros() -> Ints:
    return np.zeros(MOST + 2, np.int64)


@dataclass
class Shares:
    """Sums over replies by task type and language."""

    rows: Counter[Key] = field(default_factory=Counter)
    low: dict[tuple[Key, str], Ints] = field(default_factory=dict)
    high: dict[tuple[Key, str], Ints] = field(default_factory=dict)
    words: dict[Key, Ints] = field(default_factory=dict)

    def count(self, key: Key, texts: pa.Array, measures: Collection[str]) -> None:
        """Count the replies ``texts`` to one kind of task."""
        self.rows[key] += len(texts)
        for name in measures:
            found = MEASURES[name](texts, key[1])
            for sums, counts in ((self.low, found.low), (self.high, found.high)):
                sums.setdefault((key, name), _zeros())
                sums[key, name] += np.bincount(np.minimum(counts, MOST), minlength=MOST + 2)
        tokens = hashed_tokens(normalised(texts))
        row = np.repeat(np.arange(len(texts)), np.diff(tokens.bounds))
        places = (tokens.hashes % np.uint64(PLACES)).astype(np.int64)
        places = np.unique(row * PLACES + places) % PLACES
        self.words.setdefault(key, np.zeros(PLACES, np.int64))
        self.words[key] += np.bincount(places, minlength=PLACES)

    def add(self, other: "Shares") -> None:
        """Add the sums of other replies."""
        self.rows.update(other.rows)
        for mine, theirs in ((self.low, other.low), (self.high, other.high), (self.words, other.words)):
            for key, sums in theirs.items():
                mine[key] = mine[key] + sums if key in mine else sums  # type: ignore[index]

    def share(self, key: Key, check: str, arguments: Mapping[str, Any]) -> float:
        """Return the largest share, 0 to 1, of replies to a kind of task that may meet a constraint.

        >>> shares = Shares()
        >>> replies = pa.array(["It rains.", "It rains. It snows.", "No, no."])
        >>> shares.count(("qa", "en"), replies, ["sentences", "commas"])
        >>> shares.share(("qa", "en"), "exactly sentences", {"count": 2}) == 1 / 3
        True
        >>> shares.share(("qa", "en"), "no commas", {}) == shares.share(("qa", "en"), "includes", {"word": "rains"})
        True
        """
        rows = self.rows[key]
        if not rows:
            return 1.0
        if check in PHRASES:
            texts = tokens_of(arguments)
            hashes = hashed_tokens(normalised(pa.array(texts, pa.string()))).hashes
            places = self.words[key][(hashes % np.uint64(PLACES)).astype(np.int64)]
            return float(places.min()) / rows if len(places) else 1.0
        relation, _, measure = check.partition(" ")
        low, high = self.low[key, measure], self.high[key, measure]
        count = min(int(arguments.get(COUNT, 0)), MOST)
        if relation == "at_most":
            met = low[: count + 1].sum()
        elif relation == "at_least":
            met = high[count:].sum()
        elif relation == "exactly":
            met = low[: count + 1].sum() - high[:count].sum()
        elif relation == "some":
            met = rows - high[0]
        else:
            met = low[0]
        return float(met) / rows
