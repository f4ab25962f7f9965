"""How much of one item one row holds, side by side: a plain reading of few pairs, which an index has picked."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from winnow.similarity.items import Item, Part
from winnow.similarity.runs import Runs
from winnow.storage.types import U64, Bools, Ints
from winnow.text.scripts import folded_tokens

SIDES = ("prompt", "earlier", "system", "reply")
_NEAR = 100  # tokens behind a short question in which its answer is near
_BESIDE = 3  # the same for yes and no, which stand everywhere
_SOLVED = 0.8  # share of a solution; below it stand common algorithms, which everybody writes alike
_EXTRA = 12  # tokens beside a question that is still the whole turn: labels, courtesy, letters of options
_AROUND = (
    "question q answer answers a options option choices choice please help me can you tell the following this is here "
    "user human assistant input output instruction problem solve hi hello hey thanks thank multiple select choose "
    "correct one b c d e f g h i j 1 2 3 4 5 6 7 8 9 10 true false "
    "问题目答案选项回请下面的以道单多择正确谢您你好帮我解呢吗呀什么谁哪几"
)


class Held(NamedTuple):
    """What a row holds of an item on one side: the share, what was matched, and the longest run in tokens."""

    side: str
    measure: str
    share: float
    longest: int


class Segment:
    """A turn, a context or a system prompt of a row."""

    def __init__(self, side: str, tokens: U64) -> None:
        self.side, self.tokens = side, tokens
        self._runs = Runs(tokens)
        self._by_length: dict[int, U64] = {}

    def runs(self, length: int) -> U64:
        """Return the hashes of its runs of ``length`` tokens."""
        if length not in self._by_length:
            self._by_length[length] = self._runs.of(length)
        return self._by_length[length]

    def where(self, tokens: U64) -> Ints:
        """Return where all ``tokens`` stand in a row."""
        if not 0 < len(tokens) <= len(self.tokens):
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.runs(len(tokens)) == Runs(tokens).of(len(tokens))[0])


class Row:
    """A row as segments in their order."""

    def __init__(self, segments: Sequence[Segment], n: int) -> None:
        self.segments, self.n = segments, n
        self._runs: dict[str, U64] = {}

    def on(self, side: str) -> list[Segment]:
        """Return the segments of one side."""
        return [segment for segment in self.segments if segment.side == side]

    def runs(self, side: str) -> U64:
        """Return the runs of n tokens of all segments of one side."""
        if side not in self._runs:
            self._runs[side] = np.concatenate([segment.runs(self.n) for segment in self.on(side)])
        return self._runs[side]

    def behind(self, at: int, place: int) -> Iterator[Segment]:
        """Yield what stands up to 100 tokens behind a place of one segment."""
        left = _NEAR
        for segment, start in ((self.segments[at], place), *((one, 0) for one in self.segments[at + 1 :])):
            yield Segment(segment.side, segment.tokens[start : start + left])
            left -= min(left, max(len(segment.tokens) - start, 0))
            if not left:
                return


def held(item: Item, row: Row) -> list[Held]:
    """Return what ``row`` holds of ``item``, at most one line for each side."""
    found = []
    for side in SIDES:
        if row.on(side):
            best = max((one for one in _on_side(item, row, side)), key=lambda one: one.share, default=None)
            if best and best.share > 0:
                found.append(best)
    return found


def _on_side(item: Item, row: Row, side: str) -> Iterator[Held]:
    asked, longest = _matched([item.question], row, side)
    listed, of_options = _matched(item.options, row, side)
    weights = [float(part.weights.sum()) for part in (item.question, *item.options)]
    total = sum(weights)
    long_options = any(len(part.tokens) >= row.n for part in item.options)
    name = f"{row.n}-gram"
    if item.options and (asked or long_options) and total:
        yield Held(side, name, (asked + listed) / total, max(longest, of_options))
    if asked and item.alone:
        sure = 2 if item.options else 1
        if len(item.question.tokens) >= sure * row.n:
            yield Held(side, name, asked / weights[0], longest)
        elif _whole_turn(item, row, side):
            yield Held(side, "turn", 1.0, longest)
        elif _answered(item, row, side):
            yield Held(side, "answer", 1.0, longest)
    if side == "reply":
        for parts in item.solutions:
            if sum(len(part.tokens) for part in parts) >= 2 * row.n:
                solved, run = _matched(parts, row, side)
                if (share := solved / sum(float(part.weights.sum()) for part in parts)) >= _SOLVED:
                    yield Held(side, "solution", share, run)


def _matched(parts: Sequence[Part], row: Row, side: str) -> tuple[float, int]:
    """Return the weight of the runs of some parts that one side holds, and the longest run in tokens."""
    weight, longest = 0.0, 0
    for part in parts:
        if len(part.tokens) < 2 * row.n:
            if any(len(segment.where(part.tokens)) for segment in row.on(side)):
                weight += float(part.weights.sum())
                longest = max(longest, len(part.tokens))
        else:
            mask = np.isin(part.runs, row.runs(side))
            if mask.any():
                weight += float(part.weights[mask].sum())
                longest = max(longest, _longest(mask) + row.n - 1)
    return weight, longest


def _longest(mask: Bools) -> int:
    """Return the length of the longest stretch of a mask.

    >>> _longest(np.array([True, False, True, True]))
    2
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


@cache
def _yes_or_no() -> U64:
    return np.unique(folded_tokens(pa.array(["yes no true false correct incorrect 是否不对错的正确"])).hashes)


@cache
def _around() -> U64:
    return np.unique(folded_tokens(pa.array([_AROUND])).hashes)


@cache
def _signs() -> U64:
    return np.unique(folded_tokens(pa.array(["<>/*#=|+~^&"])).hashes)


def _whole_turn(item: Item, row: Row, side: str) -> bool:
    """Tell whether a turn says the question and nothing else but its options, labels and courtesy."""
    for segment in row.on(side):
        if (places := segment.where(item.question.tokens)).size:
            rest = np.ones(len(segment.tokens), np.bool_)
            for part, where in ((item.question, places), *((one, segment.where(one.tokens)) for one in item.options)):
                for place in where.tolist():
                    rest[place : place + len(part.tokens)] = False
            left = segment.tokens[rest]
            left = left[~np.isin(left, _signs())]  # of tags, bold words, tables
            if len(left) <= _EXTRA and np.isin(left, _around()).all():
                return True
    return False


def _answered(item: Item, row: Row, side: str) -> bool:
    """Tell whether the answer stands near behind the question; yes and no only right behind it."""
    for at, segment in enumerate(row.segments):
        if segment.side == side:
            for place in segment.where(item.question.tokens).tolist():
                behind, read = list(row.behind(at, place + len(item.question.tokens))), 0
                for some in behind:
                    for answer in item.answers:
                        places = some.where(answer.tokens)
                        near = _BESIDE if np.isin(answer.tokens, _yes_or_no()).all() else _NEAR
                        if len(places) and read + places[0] <= near:
                            return True
                    read += len(some.tokens)
    return False
