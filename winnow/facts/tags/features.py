"""What the learned tagger looks at: hashed n-grams of a row's words, and whole numbers made by the lexicons.

An n-gram is known by its bucket, the first bits of a hash: no model holds a word of the rows it was trained on. Words
are mixed tokens, so that a bigram is two words in English and two characters in Chinese.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from winnow.facts.tags import domains
from winnow.facts.tags.rules import Tagged, decide, rules, scores
from winnow.facts.tags.views import SHAPES, Views
from winnow.facts.texts import Texts
from winnow.storage.types import Floats, Ints, Labels
from winnow.text.columns import byte_lengths
from winnow.text.tokens import Tokens, mix

BITS = 20  # buckets of n-grams: a million, so that of 12,000 n-grams a model weighs, one in 90 shares its bucket
_SHIFT = np.uint64(64 - BITS)
_PAIR = np.uint64(0xA0761D6478BD642F)
_OF_REPLY = np.uint64(0xE7037ED1A0B428DB)
_ABOUT = (256, 60)  # first tokens of prompt and response that say what a row is about
_ASKED = (64, 30)  # first tokens of instruction and response that say what is asked
_LONG = np.array([30, 80, 160, 320, 640, 1280])  # bytes at which a text belongs to the next class of length
_SHARES = np.array([0.4, 0.6, 0.75, 0.9, 1.0])  # of a response's tokens that its context holds
_COMPARED = 256  # first tokens of a response that are looked for in the first 1,024 of its context
_MOST = 8.0  # a lexicon's sum counts up to this


class Grams(NamedTuple):
    """The n-grams of a batch: the row of each and its bucket; one that a row has twice stands twice."""

    rows: Ints
    buckets: Ints


class Signs(NamedTuple):
    """Whole numbers of each row (first axis), and the unit of each column in which training sees it."""

    values: Ints
    units: Floats


def _first(tokens: Tokens, limit: int) -> tuple[Ints, Ints]:
    """Return the places of the first ``limit`` tokens of each text, and their rows."""
    lengths = np.minimum(np.diff(tokens.bounds), limit)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return np.arange(len(rows)) + (tokens.bounds[:-1] - starts)[rows], rows


def _grams(tokens: Tokens, limit: int, *, pairs: bool, salt: np.uint64 | None = None) -> list[Grams]:
    at, rows = _first(tokens, limit)
    hashes = tokens.hashes[at]
    if salt is not None:
        hashes = hashes * salt
    grams = [Grams(rows, (hashes >> _SHIFT).astype(np.int64))]
    if pairs and len(rows):
        inside = np.flatnonzero(rows[1:] == rows[:-1])
        grams.append(Grams(rows[inside], ((hashes[inside] * _PAIR + hashes[inside + 1]) >> _SHIFT).astype(np.int64)))
    return grams


def about(texts: Texts) -> list[Grams]:
    """Return the words and pairs of words at the start of prompt and response, alike in both."""
    return [
        *_grams(texts.tokens("prompt"), _ABOUT[0], pairs=True),
        *_grams(texts.tokens("response"), _ABOUT[1], pairs=True),
    ]


def asked(texts: Texts) -> list[Grams]:
    """Return words and pairs of words at the start of the instruction, and the words that the response opens with."""
    return [
        *_grams(texts.tokens("instruction"), _ASKED[0], pairs=True),
        *_grams(texts.tokens("response"), _ASKED[1], pairs=False, salt=_OF_REPLY),
    ]


def _sums(sums: Floats, unit: float) -> Signs:
    """Return a lexicon's sums in quarters."""
    quarters = np.rint(4 * np.clip(sums, -_MOST, _MOST)).astype(np.int64)
    return Signs(quarters, np.full(sums.shape[1], unit / 4))


def _shapes(views: Views) -> Signs:
    values = np.stack([views.shape(name) for name in SHAPES], axis=1).astype(np.int64)
    return Signs(values, np.full(len(SHAPES), 0.5))


def _lengths(texts: Texts) -> Signs:
    """Return the class of length of instruction, context and response, each as one of seven columns."""
    classes = np.arange(len(_LONG) + 1)
    columns = [
        np.searchsorted(_LONG, byte_lengths(column), side="right")[:, None] == classes
        for column in (texts.instruction, texts.context, texts.response)
    ]
    return Signs(np.hstack(columns).astype(np.int64), np.full(3 * len(classes), 0.5))


def _read(texts: Texts) -> Signs:
    """Return what the response makes of a context: its class of length, and how much of it stands in the context.

    Who asks of a passage is answered in its words, and who asks for a summary in others; without a context all are 0.
    """
    context, response = texts.tokens("context"), texts.tokens("response")
    there = np.diff(context.bounds) > 0
    at, rows = _first(response, _COMPARED)
    at, rows = at[there[rows]], rows[there[rows]]
    inside, of = _first(context, 4 * _COMPARED)
    known = np.sort(mix(context.hashes[inside] + mix(of.astype(np.uint64))))
    own = mix(response.hashes[at] + mix(rows.astype(np.uint64)))
    met = known[np.minimum(np.searchsorted(known, own), len(known) - 1)] == own if len(known) else own == 0
    share = np.bincount(rows, met, len(there)) / np.maximum(np.bincount(rows, minlength=len(there)), 1)
    classes = np.searchsorted(_LONG, byte_lengths(texts.response), side="right")
    long = (classes[:, None] == np.arange(len(_LONG) + 1)) & there[:, None]
    same = (np.searchsorted(_SHARES, share, side="right")[:, None] == np.arange(len(_SHARES) + 1)) & there[:, None]
    return Signs(np.hstack([long, same]).astype(np.int64), np.full(len(_LONG) + len(_SHARES) + 2, 0.5))


def _together(*signs: Signs) -> Signs:
    always = Signs(np.ones((len(signs[0].values), 1), np.int64), np.ones(1))
    both = (*signs, always)
    return Signs(np.hstack([one.values for one in both]), np.concatenate([one.units for one in both]))


def task_signs(views: Views, sums: Floats) -> Signs:
    """Return the sums of the task rules, the shapes of the row, its lengths and its context."""
    return _together(_sums(sums, 0.3), _shapes(views), _lengths(views.texts), _read(views.texts))


def domain_signs(sums: Floats) -> Signs:
    """Return the sums of the terms of each domain."""
    return _together(_sums(sums, 0.15))


def difficulty_signs(views: Views, sums: Floats, tasks: Labels) -> Signs:
    """Return the sums of the difficulty rules, the task type, shapes and lengths."""
    types = np.array(rules("task").labels, dtype=object)
    own = Signs((tasks[:, None] == types).astype(np.int64), np.full(len(types), 0.5))
    return _together(_sums(sums, 0.3), own, _shapes(views), _lengths(views.texts))


class Evidence(NamedTuple):
    """All that a batch shows for one tag: what its lexicon says and by which sums, languages, n-grams and signs."""

    labels: tuple[str, ...]
    fallback: str
    sums: Floats
    lexicon: Tagged
    languages: Labels
    grams: Callable[[], list[Grams]]
    signs: Callable[[], Signs]


def task_evidence(views: Views) -> Evidence:
    """Return what a batch shows of its task types."""
    file, sums, texts = rules("task"), scores(rules("task"), views), views.texts
    said = decide(sums, file.labels, file.fallback, file.doubt)
    grams, signs = (lambda: asked(texts)), (lambda: task_signs(views, sums))
    return Evidence(file.labels, file.fallback, sums, said, texts.language, grams, signs)


def domain_evidence(views: Views, tasks: Labels) -> Evidence:
    """Return what a batch shows of its domains; ``tasks`` are the task types of its rows."""
    known, sums, texts = domains.terms(), domains.sums(views.texts, tasks), views.texts
    grams, signs = (lambda: about(texts)), (lambda: domain_signs(sums))
    return Evidence(known.labels, known.fallback, sums, domains.decided(sums), texts.language, grams, signs)


def difficulty_evidence(views: Views, tasks: Labels) -> Evidence:
    """Return what a batch shows of its difficulty; ``tasks`` are the task types of its rows."""
    file, sums, texts = rules("difficulty"), scores(rules("difficulty"), views, tasks), views.texts
    said = decide(sums, file.labels, file.fallback, file.doubt)
    grams, signs = (lambda: asked(texts)), (lambda: difficulty_signs(views, sums, tasks))
    return Evidence(file.labels, file.fallback, sums, said, texts.language, grams, signs)
