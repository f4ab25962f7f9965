"""Items of test sets as tokens, with the weight of each run of n tokens, and as an index of these runs.

A run weighs one over the number of different items that hold it, so that a stem such as "which of the following
statements is true" counts next to nothing. A part of fewer than 2 n tokens counts whole or not at all: else a stem of n
would be half of it. Everything lies in flat arrays, which go to other processes at no cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.reading.benchmarks import Benchmark, BenchmarkItem
from winnow.similarity.runs import Known, Runs, known
from winnow.similarity.weights import documents, documents_apart, rarity
from winnow.storage.types import U64, Bools, Floats, Ints
from winnow.text.scripts import folded_tokens
from winnow.text.tokens import Tokens

_QUESTION, _OPTION, _ANSWER, _SOLUTION = range(4)  # kinds of parts; a second solution is _SOLUTION + 1, and so on
_KINDS = 1 << 10


class Part(NamedTuple):
    """A text of an item: its tokens, the hashes of its runs of n (of all, where it is shorter), and their weights."""

    tokens: U64
    runs: U64
    weights: Floats


class Item(NamedTuple):
    """An item; ``alone`` tells whether its question is no other item's, so that it is known without its options."""

    benchmark: str
    name: str
    question: Part
    options: list[Part]
    answers: list[Part]
    solutions: list[list[Part]]
    alone: bool


@dataclass(frozen=True)
class Lookup:
    """Runs of one length: ``units[bounds[key] : bounds[key + 1]]`` are the units that hold the run ``keys[key]``."""

    length: int
    keys: U64
    bounds: Ints
    units: Ints
    weights: Floats

    @cached_property
    def known(self) -> Known:
        """The runs ready to be looked up; made by the process that does so."""
        return known(self.keys)


@dataclass(frozen=True)
class Parts:
    """The parts of all items laid end to end: kind and item of each, its tokens, its runs."""

    tokens: Tokens
    runs: Tokens
    weights: Floats
    kinds: Ints
    items: Ints

    def part(self, at: int) -> Part:
        """Return one part."""
        tokens, runs = slice(*self.tokens.bounds[at : at + 2]), slice(*self.runs.bounds[at : at + 2])
        return Part(self.tokens.hashes[tokens], self.runs.hashes[runs], self.weights[runs])


@dataclass(frozen=True)
class Index:
    """All items, and an index of their units: a question, the options of one, a solution.

    ``owner`` is the item of a unit, ``needed`` the weight of runs from which a row is looked at more closely.
    """

    names: list[tuple[str, str]]
    parts: Parts
    alone: Bools
    lookups: tuple[Lookup, ...]
    owner: Ints
    needed: Floats
    n: int

    def item(self, at: int) -> Item:
        """Return one item with its parts; those without a token are left out."""
        first, last = np.searchsorted(self.parts.items, [at, at + 1])
        by_kind: dict[int, list[Part]] = {}
        for place in range(first, last):
            part = self.parts.part(place)
            if len(part.tokens) or place == first:
                by_kind.setdefault(int(self.parts.kinds[place]), []).append(part)
        solutions = [parts for kind, parts in sorted(by_kind.items()) if kind >= _SOLUTION]
        options, answers = (by_kind.get(kind, []) for kind in (_OPTION, _ANSWER))
        return Item(*self.names[at], by_kind[_QUESTION][0], options, answers, solutions, bool(self.alone[at]))


def prepare(benchmarks: Mapping[str, Benchmark], n: int, floor: float) -> Index:
    """Return the items of ``benchmarks`` ready for matching with runs of ``n`` tokens.

    A row is looked at more closely from ``floor`` of the weight of a unit on.
    """
    named = [(name, item) for name in sorted(benchmarks) for item in benchmarks[name].items]
    texts = [(kind, at, text) for at, (_, item) in enumerate(named) for kind, text in _texts(item)]
    kinds, items = (np.array([one[column] for one in texts], np.int64) for column in (0, 1))
    tokens = folded_tokens(pa.array([text for _, _, text in texts], pa.string()))
    runs = _runs(tokens, n)
    first = np.flatnonzero(kinds == _QUESTION)
    same = _first_alike(tokens, kinds, items, len(named))
    asked = Runs(tokens.hashes).between(tokens.bounds[first], tokens.bounds[first + 1])
    questions, count = np.unique(asked[same == np.arange(len(named))], return_counts=True)
    alone = count[np.searchsorted(questions, asked)] == 1
    holders = np.where(kinds == _ANSWER, -1, same[items] if len(items) else items)
    weights = documents_apart(rarity(runs, holders), runs, *_documents(named, first), n)
    parts = Parts(tokens, runs, weights, kinds, items)
    return Index([(name, item.name) for name, item in named], parts, alone, *_indexed(parts, n, floor), n)


def _texts(item: BenchmarkItem) -> list[tuple[int, str]]:
    solutions = [(_SOLUTION + at, part) for at, one in enumerate(item.solutions) for part in one]
    listed = [(_OPTION, one) for one in item.options] + [(_ANSWER, one) for one in item.answers]
    return [(_QUESTION, item.question), *listed, *solutions]


def _documents(named: list[tuple[str, BenchmarkItem]], first: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the questions that stand beside a document, as places of parts, and where its tokens start and end.

    A task with solutions is code with its description, and no question about a document.
    """
    texts = [(part, item.question) for part, (_, item) in zip(first.tolist(), named, strict=True) if not item.solutions]
    return documents(np.array([part for part, _ in texts], np.int64), [text for _, text in texts])


def _runs(tokens: Tokens, n: int) -> Tokens:
    """Return the runs of ``n`` tokens of each text, of a shorter one the run of all."""
    hashes, bounds = tokens
    sizes = np.diff(bounds)
    counts = np.where(sizes >= n, sizes - n + 1, np.minimum(sizes, 1))
    edges = np.concatenate(([0], np.cumsum(counts)))
    starts = np.repeat(bounds[:-1] - edges[:-1], counts) + np.arange(edges[-1])
    lengths, of_all, out = np.repeat(np.minimum(sizes, n), counts), Runs(hashes), np.zeros(edges[-1], np.uint64)
    for length in range(1, n + 1):
        out[lengths == length] = of_all.of(length)[starts[lengths == length]]
    return Tokens(out, edges)


def _first_alike(tokens: Tokens, kinds: Ints, items: Ints, count: int) -> Ints:
    """Return of each item the first item that asks the same with the same options and solutions: often itself."""
    first: dict[bytes, int] = {}
    hashes, bounds = tokens
    texts: list[list[bytes]] = [[] for _ in range(count)]
    for at, (kind, item) in enumerate(zip(kinds.tolist(), items.tolist(), strict=True)):
        if kind != _ANSWER:
            texts[item].append(hashes[bounds[at] : bounds[at + 1]].tobytes())
    return np.array([first.setdefault(b"|".join(one), at) for at, one in enumerate(texts)], np.int64)


def _indexed(parts: Parts, n: int, floor: float) -> tuple[tuple[Lookup, ...], Ints, Floats]:
    """Return the lookups, the owners of units, and the weights that they need."""
    sizes, per_part = np.diff(parts.tokens.bounds), np.diff(parts.runs.bounds)
    looked_up = (sizes >= n) | ((parts.kinds == _QUESTION) & (sizes > 0))
    looked_up &= parts.kinds != _ANSWER
    names, unit = np.unique((parts.items * _KINDS + parts.kinds)[looked_up], return_inverse=True)
    whole = np.zeros(len(names), bool)
    whole[unit] = (sizes[looked_up] < 2 * n) & (np.bincount(unit, minlength=len(names))[unit] == 1)
    mine = np.repeat(looked_up, per_part)
    lengths = np.repeat(np.minimum(sizes, n), per_part)[mine]
    units, hashes, weights = np.repeat(unit, per_part[looked_up]), parts.runs.hashes[mine], parts.weights[mine]
    needed = np.asarray(np.bincount(units, weights, len(names)) * np.where(whole, 1.0, floor) - 1e-9, np.float64)
    lookups = []
    for length in np.unique(lengths).tolist():
        some = lengths == length
        lookups.append(_lookup(int(length), hashes[some], units[some], weights[some]))
    return tuple(lookups), np.asarray(names // _KINDS, np.int64), needed


def _lookup(length: int, hashes: U64, units: Ints, weights: Floats) -> Lookup:
    order = np.lexsort((units, hashes))
    hashes, units, weights = hashes[order], units[order], weights[order]
    first = np.flatnonzero(np.concatenate(([True], (hashes[1:] != hashes[:-1]) | (units[1:] != units[:-1]))))
    weights = np.add.reduceat(weights, first)  # a run that stands twice in a unit
    keys, starts = np.unique(hashes[first], return_index=True)
    return Lookup(length, keys, np.append(starts, len(first)).astype(np.int64), units[first].astype(np.int64), weights)
