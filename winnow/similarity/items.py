"""Items of test sets as tokens, with the weight of each run of n tokens, and as an index of these runs.

A run weighs one over the number of different items that hold it, so that a stem such as "which of the following
statements is true" counts next to nothing. A part of fewer than 2 n tokens counts whole or not at all: else a stem of n
would be half of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.reading.benchmarks import Benchmark, BenchmarkItem
from winnow.similarity.runs import Known, Runs, known
from winnow.storage.types import U64, Floats, Ints
from winnow.text.scripts import folded_tokens


class Part(NamedTuple):
    """A text of an item: its tokens, the hashes of its runs of n (of all, where it is shorter), and their weights."""

    tokens: U64
    runs: U64
    weights: Floats


@dataclass(frozen=True)
class Item:
    """An item; ``alone`` tells whether its question is no other item's, so that it is known without its options."""

    benchmark: str
    name: str
    question: Part
    options: tuple[Part, ...]
    answers: tuple[U64, ...]
    solutions: tuple[tuple[Part, ...], ...]
    alone: bool


class Lookup(NamedTuple):
    """Runs of one length: ``units[bounds[key] : bounds[key + 1]]`` are the units that hold a run."""

    length: int
    known: Known
    bounds: Ints
    units: Ints
    weights: Floats


@dataclass(frozen=True)
class Index:
    """All items, and an index of their units: a question, the options of one, a solution.

    ``owner`` is the item of a unit, ``needed`` the weight of runs from which a row is looked at more closely.
    """

    items: tuple[Item, ...]
    lookups: tuple[Lookup, ...]
    owner: Ints
    needed: Floats
    n: int


def prepare(benchmarks: Mapping[str, Benchmark], n: int, floor: float) -> Index:
    """Return the items of ``benchmarks`` ready for matching with runs of ``n`` tokens.

    A row is looked at more closely from ``floor`` of the weight of a unit on.
    """
    named = [(name, item) for name in sorted(benchmarks) for item in benchmarks[name].items]
    tokens = iter(_split([text for _, item in named for text in _texts(item)]))
    texts = [_Texts.of(item, tokens) for _, item in named]
    weights = _Weights(texts, n)
    items = tuple(weights.item(name, item.name, one) for (name, item), one in zip(named, texts, strict=True))
    return _indexed(items, n, floor)


def _texts(item: BenchmarkItem) -> list[str]:
    return [item.question, *item.options, *item.answers, *(part for one in item.solutions for part in one)]


def _split(texts: Sequence[str]) -> list[U64]:
    hashes, bounds = folded_tokens(pa.array(texts, pa.string()))
    return np.split(hashes, bounds[1:-1]) if texts else []


class _Texts(NamedTuple):
    """The texts of an item as tokens."""

    question: U64
    options: list[U64]
    answers: list[U64]
    solutions: list[list[U64]]

    @classmethod
    def of(cls, item: BenchmarkItem, tokens: Iterator[U64]) -> "_Texts":
        def some(texts: Sequence[str]) -> list[U64]:
            return [one for one in (next(tokens) for _ in texts) if len(one)]

        return cls(next(tokens), some(item.options), some(item.answers), [some(one) for one in item.solutions])

    def parts(self) -> list[U64]:
        return [self.question, *self.options, *(part for one in self.solutions for part in one)]


class _Weights:
    """How many different items hold a run, and how many have a question."""

    def __init__(self, texts: Sequence[_Texts], n: int) -> None:
        self.n = n
        different = {b"".join(part.tobytes() for part in one.parts()): one for one in texts}
        held = [np.unique(np.concatenate([self._runs(part) for part in one.parts()])) for one in different.values()]
        self.keys, self.counts = np.unique(np.concatenate([*held, np.zeros(0, np.uint64)]), return_counts=True)
        self.questions = np.unique([hash_of(one.question) for one in different.values()], return_counts=True)

    def _runs(self, tokens: U64) -> U64:
        return Runs(tokens).of(min(self.n, len(tokens))) if len(tokens) else tokens

    def part(self, tokens: U64) -> Part:
        runs = self._runs(tokens)
        return Part(tokens, runs, 1 / self.counts[np.searchsorted(self.keys, runs)])

    def item(self, benchmark: str, name: str, texts: _Texts) -> Item:
        solutions = tuple(tuple(map(self.part, one)) for one in texts.solutions)
        alone = self.questions[1][np.searchsorted(self.questions[0], hash_of(texts.question))] == 1
        options = tuple(map(self.part, texts.options))
        return Item(benchmark, name, self.part(texts.question), options, tuple(texts.answers), solutions, bool(alone))


def hash_of(tokens: U64) -> np.uint64:
    """Return the hash of all tokens as one run; 0 for none."""
    return np.uint64(Runs(tokens).of(len(tokens))[0]) if len(tokens) else np.uint64(0)


def _indexed(items: tuple[Item, ...], n: int, floor: float) -> Index:
    owner, needed = list[int](), list[float]()
    by_length: dict[int, list[tuple[U64, Floats, int]]] = {}
    for at, item in enumerate(items):
        for parts, short in ((item.question,), True), (item.options, False), *((one, False) for one in item.solutions):
            runs = [part for part in parts if len(part.tokens) >= n or (short and len(part.tokens))]
            if not runs:
                continue
            hashes, place = np.unique(np.concatenate([part.runs for part in runs]), return_inverse=True)
            weights = np.bincount(place, np.concatenate([part.weights for part in runs])).astype(np.float64)
            whole = len(runs) == 1 and len(runs[0].tokens) < 2 * n
            by_length.setdefault(min(n, len(runs[0].tokens)), []).append((hashes, weights, len(owner)))
            owner.append(at)
            needed.append(float(weights.sum()) * (1.0 if whole else floor) - 1e-9)
    lookups = tuple(_lookup(length, entries) for length, entries in sorted(by_length.items()))
    return Index(items, lookups, np.array(owner, np.int64), np.array(needed), n)


def _lookup(length: int, entries: list[tuple[U64, Floats, int]]) -> Lookup:
    hashes = np.concatenate([one for one, _, _ in entries])
    weights = np.concatenate([one for _, one, _ in entries])
    units = np.repeat([unit for _, _, unit in entries], [len(one) for one, _, _ in entries])
    order = np.argsort(hashes, kind="stable")
    keys, starts = np.unique(hashes[order], return_index=True)
    bounds = np.append(starts, len(hashes)).astype(np.int64)
    return Lookup(length, known(keys), bounds, units[order].astype(np.int64), weights[order])
