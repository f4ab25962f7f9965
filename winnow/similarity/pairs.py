"""How alike two rows are: each part by itself, and 0 where they differ in what makes another row.

The measure is the Jaccard similarity of token 3-grams, of all parts together and of each part, whichever is lowest. A
typo counts as no difference, nor does one sentence that is added, nor, in the reply, the echo of what the prompts
differ in; the prompt, when short, is also compared token by token. Rows are separate, however alike, where

* a reply, or the reasoning before it, of less than :data:`SHORT` tokens differs at all, or the prompt in any word that
  carries meaning under such a reply without reasoning: a short reply says nothing about whether two questions are one;
  where all else is equal, a reply of :data:`_LINE` tokens or more may have a typo or one more sentence;
* one has a negation that the other has not, or the prompts or replies of less than :data:`_FEW` tokens have different
  words of those that have an opposite (true, false);
* the prompts, of less than :data:`_FEW` tokens, are the same tokens in another order (from English to Chinese);
* the prompts differ in a number, name, sign or identifier, and the replies in more than the echo of it;
* the replies, of less than :data:`_FEW` tokens, have different numbers, names or signs that their prompts do not
  explain;
* the prompts, of less than :data:`_FEW` tokens, have different words that carry meaning, not names or numbers on both
  sides, and the replies differ too, be it in their echo alone: to draw a square is not to draw a circle;
* the prompts share sentences, and what they do not share has little in common: a document, a system prompt or an
  instruction that rows share says nothing.
"""

import numpy as np

from winnow.similarity.classes import IDENTIFIER, NAME, NEGATION, NUMBER, PLAIN, POLE, SIGN
from winnow.similarity.jaccard import among, shared, unique_per_row
from winnow.similarity.sketch import HISTORY, PARTS, PROMPT, REASONING, REJECTED, REPLY, Sketches
from winnow.similarity.surplus import Surplus, fingerprints, numbered, sentences, surplus
from winnow.storage.types import Bools, Floats, Ints
from winnow.text.tokens import Tokens, ngrams

SHINGLE = 3  # tokens; the same edit then costs the same similarity in Chinese and in English
SHORT = 15  # tokens below which a reply must be equal
_LINE = 8  # tokens from which a reply is a sentence, not a label
_FEW = 40  # tokens below which a prompt is also compared token by token, and a number in a reply is what it says
_SENTENCE = 25  # tokens of what counts as one added sentence
_REST = 0.5  # similarity that the sentences of two prompts must have that they do not share
_HALF = np.uint64(32)


def alike(rows: Sketches, pairs: Ints) -> Floats:
    """Return the similarity of each pair of positions in ``rows``, shape (pairs, 2); 0 where the rows are separate."""
    parts = len(PARTS)
    lists = pairs[:, None, :] * parts + np.arange(parts)[None, :, None]
    slots = lists.reshape(-1, 2)
    sizes = np.diff(rows.bounds)
    prints = fingerprints(rows.tokens, rows.bounds)
    differs = np.flatnonzero(prints[slots[:, 0]] != prints[slots[:, 1]])
    found = _Slots(rows, slots[differs], differs // parts, differs % parts)
    same = np.ones(len(slots), bool)
    same[differs] = False
    whole = np.bincount(np.flatnonzero(same) // parts, sizes[slots[same, 0]], len(pairs))
    inter = whole + np.bincount(found.pair, found.inter, len(pairs))
    union = whole + np.bincount(found.pair, found.union, len(pairs))
    value = np.minimum(inter / np.maximum(union, 1), 1.0)
    np.minimum.at(value, found.pair, found.similarity())
    value[(whole == 0) & (union == 0)] = 1.0
    answered = (sizes[pairs * parts + REASONING] + sizes[pairs * parts + REPLY]).min(axis=1)
    value[found.separate(len(pairs), answered)] = 0
    return np.round(value, 6)


def prompts_alike(rows: Sketches, pairs: Ints) -> Floats:
    """Return the similarity of the prompts of each pair, 0 where what they do not share has little in common.

    Numbers, names and negations make no difference: a question with another number in it is no fair test of what was
    learned from the first.
    """
    parts = len(PARTS)
    asked = np.array((HISTORY, PROMPT))
    slots = (pairs[:, None, :] * parts + asked[None, :, None]).reshape(-1, 2)
    sizes, prints = np.diff(rows.bounds), fingerprints(rows.tokens, rows.bounds)
    differs = np.flatnonzero(prints[slots[:, 0]] != prints[slots[:, 1]])
    found = _Slots(rows, slots[differs], differs // len(asked), asked[differs % len(asked)])
    value = np.ones(len(pairs))
    np.minimum.at(value, found.pair, np.where(found.unlike(), 0.0, found.similarity()))
    value[sizes[slots].sum(axis=1).reshape(len(pairs), -1).sum(axis=1) == 0] = 0
    return np.round(value, 6)


class _Slots:
    """The differing parts of pairs of rows, and what they differ in."""

    def __init__(self, rows: Sketches, lists: Ints, pair: Ints, part: Ints) -> None:
        self.lists, self.pair, self.part = lists, pair, part
        self.more: Surplus = surplus(rows.tokens, rows.bounds, lists)
        self.size = np.diff(rows.bounds)[lists]
        weight = np.abs(self.more.times)
        first = self.more.times > 0
        self.typos = np.minimum(*(self._sum(weight, self.more.typo & (first == side)) for side in (True, False)))
        self.over = np.stack([self._sum(weight, ~self.more.typo & (first == side)) for side in (True, False)], axis=1)
        content = self.more.content()
        self.content = np.stack([self._sum(weight, content & (first == side)) for side in (True, False)], axis=1)
        self._sentences(rows)
        grams = ngrams(Tokens(rows.tokens & ~np.uint64(0xFFFFFFFF), rows.bounds), SHINGLE)
        values, bounds = unique_per_row(*grams)
        both = shared(values, bounds, lists)
        grown = np.diff(bounds)[lists].sum(axis=1) - both
        equal = SHINGLE * (self.typos + self._echoes(weight))
        self.inter = both + equal
        self.union = np.maximum(grown - equal - self.added, self.inter)

    def _echoes(self, weight: Ints) -> Ints:
        """Return of each reply the tokens that only repeat what its prompt has and the other's has not."""
        more = self.more
        pair, first = self.pair[more.pair], more.times > 0
        self.key = (((pair.astype(np.uint64) << np.uint64(1)) | first.astype(np.uint64)) << _HALF) | more.key
        self.in_prompt = (self.part <= PROMPT)[more.pair]
        self.echoed = ~self.in_prompt & ~more.typo & among(self.key, self.key[self.in_prompt])
        return np.minimum(*(self._sum(weight, self.echoed & (first == side)) for side in (True, False)))

    def _sum(self, weight: Ints, mask: Bools) -> Ints:
        return np.bincount(self.more.pair[mask], weight[mask], len(self.pair)).astype(np.int64)

    def _sentences(self, rows: Sketches) -> None:
        """Measure the sentences that the lists do not share: ``rest`` tokens, ``added`` where one side has but one.

        In a prompt several short ones count as one.
        """
        hashes, lengths, bounds = sentences(rows.tokens, rows.bounds)
        numbers, counts = numbered(hashes, lengths)
        more = surplus(numbers, bounds, self.lists)
        times, first = np.abs(more.times), more.times > 0
        tokens = times * counts[more.key.astype(np.int64)]
        rest = [np.bincount(more.pair[m], tokens[m], len(self.pair)).astype(np.int64) for m in (first, ~first)]
        self.rest = np.stack(rest, axis=1)
        longest = self.rest.max(axis=1)
        alone = (self.rest.min(axis=1) == 0) & (longest <= _SENTENCE) & (self.size.min(axis=1) > 0)
        one = (np.bincount(more.pair, times, len(self.pair)) == 1) & np.isin(self.part, (REASONING, REPLY))
        self.added = np.where(alone & ((self.part == PROMPT) | one), longest, 0)

    def similarity(self) -> Floats:
        """Return the similarity of each part; that of a short reply is 1 or 0."""
        value = np.where(self.size.min(axis=1) > 0, self.inter / np.maximum(self.union, 1), 0.0)
        few = np.isin(self.part, (HISTORY, PROMPT)) & (self.size.max(axis=1) < _FEW)
        return np.where(few, np.maximum(value, self._by_tokens(self.size, self.added)), value)

    def _by_tokens(self, size: Ints, added: Ints | int = 0) -> Floats:
        """Return the share of tokens of lists of ``size`` that both sides have, the same in both directions."""
        shared = size - self.over
        every = shared.max(axis=1) + self.over.sum(axis=1) - added
        return np.minimum(shared.min(axis=1) / np.maximum(every, 1), 1.0)

    def separate(self, pairs: int, reply: Ints) -> Bools:
        """Tell which pairs are separate rows; ``reply`` is the tokens of the shorter reply, with reasoning, of each."""
        asked, answered = self.part <= PROMPT, self.part > PROMPT
        nothing = self.over.sum(axis=1) == 0
        moved = nothing & (self.typos == 0)  # the same tokens in another order
        wrong = answered & (self.size.min(axis=1) < SHORT) & ~self._slight()
        wrong |= asked & (reply[self.pair] < SHORT) & ((self.content.sum(axis=1) > 0) | moved)
        wrong |= (self._net(NEGATION) != 0) & (self.added == 0)
        few = self.size.max(axis=1) < _FEW
        wrong |= few & ((asked & moved) | self._opposite())
        wrong |= few & asked & self._swapped() & np.isin(self.pair, self.pair[answered])
        wrong |= asked & self.unlike()
        out = np.zeros(pairs, bool)
        out[self.pair[wrong]] = True
        return out | self._by_value(pairs, asked, moved)

    def _slight(self) -> Bools:
        """Tell which parts are replies of a sentence that alone differ in their rows, in typos or a sentence added."""
        alone = (np.bincount(self.pair)[self.pair] == 1) & (self.part == REPLY) & (self.size.min(axis=1) >= _LINE)
        misspelt = (self.over.sum(axis=1) == 0) & (self.typos > 0)
        return alone & (misspelt | (self.added > 0)) & (self._net(NEGATION) == 0)

    def _swapped(self) -> Bools:
        """Tell in which parts each side has a word of its own that carries meaning, on one side no name."""
        plain = self.more.content() & np.isin(self.more.kind, (PLAIN, POLE))
        words = plain | (self.more.content() & (self.more.kind == NAME))
        here, there = (self._any(words & ((self.more.times > 0) == first)) for first in (True, False))
        return here & there & self._any(plain)

    def _any(self, entries: Bools) -> Bools:
        return np.bincount(self.more.pair[entries], minlength=len(self.pair)) > 0

    def _opposite(self) -> Bools:
        """Tell which parts have, on both sides, words of those that have an opposite."""
        pole = self.more.kind == POLE
        first = self.more.times > 0
        return self._any(pole & first) & self._any(pole & ~first)

    def unlike(self) -> Bools:
        """Tell which parts share sentences, and little in those that they do not share."""
        common = self._by_tokens(self.rest)
        return (self.content.min(axis=1) > 0) & (self.content.max(axis=1) > 1) & (common < _REST)

    def _net(self, kind: int) -> Ints:
        mask = self.more.kind == kind
        return np.bincount(self.more.pair[mask], self.more.times[mask], len(self.pair)).astype(np.int64)

    def _by_value(self, pairs: int, asked: Bools, moved: Bools) -> Bools:
        """Tell which pairs differ in a number, name, sign or identifier beyond what the reply echoes."""
        more = self.more
        pair, in_prompt = self.pair[more.pair], self.in_prompt
        beyond = ~in_prompt & more.content() & ~self.echoed
        value = ~more.typo & np.isin(more.kind, (NUMBER, NAME, SIGN))
        special = value | (~more.typo & (more.kind == IDENTIFIER))
        flags = [np.zeros(pairs, bool) for _ in range(4)]
        flags[0][pair[in_prompt & special]] = True
        flags[0][self.pair[asked & moved]] = True
        flags[1][pair[beyond]] = True
        told = beyond & value & (self.size.max(axis=1) < _FEW)[more.pair]
        flags[2][pair[told & (more.times > 0)]] = True
        flags[3][pair[told & (more.times < 0)]] = True
        return (flags[0] & flags[1]) | (flags[2] & flags[3])


__all__ = ["REJECTED", "SHINGLE", "SHORT", "alike"]
