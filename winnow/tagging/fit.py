"""Multinomial logistic regression in NumPy and SciPy, cross-validated by group, in whole numbers at the end.

A model starts from its lexicon: a label of which no row teaches anything is said where the lexicon says so, and rows
with labels move the others from there. Folds are cut by the opening words of the instruction, so that no wording is
learned and asked at once. Confidence is the share of right labels among held-out rows with such a margin of scores,
made to rise with the margin.
"""

from typing import Any, NamedTuple

import numpy as np

from winnow.facts.tags.model import Linear, margins, scored, sparse, stands
from winnow.facts.tags.rules import Tagged
from winnow.storage.types import Bools, Floats, Ints, Labels
from winnow.tagging.labels import BY_ROW, Rows

FOLDS = 5
GRAMS = 10_000  # n-grams that a model weighs: the most frequent
_SEEN = (2, 4)  # rows with a label, or rows at all, that must hold an n-gram
_PENALTY = {"task": 0.1, "domain": 0.03, "difficulty": 0.1}  # L2, on weights of unit-length rows
_WEAK = {"task": 0.03, "domain": 0.3, "difficulty": 0.1}
"""Weight of a row that a lexicon labelled. The rules for tasks are less right than a model on what people labelled, so
there they count next to nothing; the terms of domains teach what exam questions lack: cooking, sport, Chinese."""
_ALONE = 0.3  # the same where no row has the label, or is of the language, but by a lexicon
_NOTHING = (
    0.015  # the same where the lexicon sees nothing: such a row is mostly about something that it has no word for
)
_TRUST = 0.5  # score that one point of a lexicon's sum gives its label before anything is learned
_STEPS = 60  # of L-BFGS
_SPOKEN = 100  # labelled rows of a language from which it counts as taught
_BINS = 20  # of margins, in the table of confidences
LEAST = {"task": 0.3, "domain": 0.3, "difficulty": 0.0}
"""Confidence below which a tag is ``other`` or ``general``; a row always has some difficulty."""


class Fitted(NamedTuple):
    """A model and what it said of rows that it had not seen: label and truth of each row that has a true label."""

    model: Linear
    said: Labels
    truth: Labels
    sources: Labels
    sure: Floats


def _features(rows: Rows, true: Bools) -> Ints:
    """Return the buckets worth a weight: the most frequent of those that enough rows hold."""
    size = int(rows.grams.buckets.max(initial=0)) + 1
    keys = np.sort(rows.grams.rows * size + rows.grams.buckets)
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    row, bucket = np.divmod(keys, size)
    of_true = np.bincount(bucket[true[row]], minlength=size)
    of_all = np.bincount(bucket, minlength=size)
    first = np.flatnonzero(of_true >= _SEEN[0])
    first = first[np.argsort(-of_true[first], kind="stable")[:GRAMS]]
    second = np.setdiff1d(np.flatnonzero(of_all >= _SEEN[1]), first)
    second = second[np.argsort(-of_all[second], kind="stable")[: GRAMS // 4]]
    return np.sort(np.concatenate([first, second]))


def _languages(rows: Rows) -> list[str]:
    """Return the languages that enough labelled rows have."""
    names, counts = np.unique(rows.languages[~rows.weak].astype(str), return_counts=True)
    return [str(name) for name in names[counts >= _SPOKEN]]


def _weights(tag: str, rows: Rows) -> Floats:
    """Return the weight of each row: all labels that are known weigh the same together; a lexicon's row weighs less."""
    labels, weak = rows.labels, rows.weak
    names, at, counts = np.unique(labels[~weak].astype(str), return_inverse=True, return_counts=True)
    known = np.isin(labels.astype(str), names) & np.isin(rows.languages.astype(str), _languages(rows))
    weights = np.where(known, _WEAK[tag], _ALONE)
    weights[labels == rows.fallback] = _NOTHING
    weights[~weak] = np.clip(counts.mean() / counts, 0.3, 5.0)[at]
    return weights


def _regressed(features: Any, targets: Ints, weights: Floats, start: Floats, penalty: float) -> Floats:
    """Return the weights (feature, label) of least weighted log loss plus ``penalty / 2`` times their squares.

    ``start`` holds the score of each row for each label before any feature is weighed.
    """
    from scipy.optimize import minimize

    features = features.astype(np.float32)
    transposed, labels, before = features.T.tocsr(), start.shape[1], start.astype(np.float32)
    truth = np.zeros((len(targets), labels), np.float32)
    truth[np.arange(len(targets)), targets] = 1
    each = weights.astype(np.float32)[:, None]

    def loss(flat: Floats) -> tuple[float, Floats]:
        scores = before + features @ flat.reshape(-1, labels).astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        total = odds.sum(axis=1, keepdims=True)
        value = -(each * truth * (scores - np.log(total))).sum(dtype=np.float64) + penalty / 2 * (flat @ flat)
        slope = (transposed @ (each * (odds / total - truth))).ravel().astype(np.float64) + penalty * flat
        return float(value), slope

    found = minimize(
        loss,
        np.zeros(features.shape[1] * labels),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "maxcor": 4},
    )
    return found.x.reshape(-1, labels)


def _fit(tag: str, rows: Rows, train: Bools) -> Linear:
    """Return the model of the rows ``train``, all of which have a label, without its table of confidences."""
    from scipy.sparse import csr_matrix, diags_array, hstack

    buckets = _features(_some(rows, train), ~rows.weak[train])
    own = _some(rows, train)
    grams = sparse([own.grams], buckets, len(own.labels))
    length = np.sqrt(np.maximum(np.diff(grams.indptr), 1))
    signs = csr_matrix(own.signs.values * own.signs.units)
    features = hstack([diags_array(1 / length) @ grams, signs]).tocsr()
    targets = np.array([rows.names.index(label) for label in own.labels])
    names = len(rows.names)
    lexicon = np.eye(len(own.signs.units), names) * _TRUST / 4  # its sums are the first signs, in quarters
    weights = _regressed(features, targets, _weights(tag, own), own.signs.values @ lexicon, _PENALTY[tag])
    of_grams, of_signs = weights[: len(buckets)], weights[len(buckets) :] * own.signs.units[:, None] + lexicon
    fine, coarse = np.abs(of_grams).max(initial=1e-9) / 127, np.abs(of_signs).max(initial=1e-9) / 32767
    return Linear(
        rows.names,
        buckets,
        np.rint(of_grams / fine).astype(np.int64),
        np.rint(of_signs / coarse).astype(np.int64),
        float(fine),
        float(coarse),
        np.zeros(0),
        np.ones(1),
        LEAST[tag],
        tuple(sorted({str(label) for label in own.labels[~own.weak]})),
        tuple(_languages(own)),
    )


def _some(rows: Rows, mask: Bools) -> Rows:
    """Return the rows of ``mask``."""
    at = np.full(len(mask), -1)
    at[mask] = np.arange(mask.sum())
    kept = mask[rows.grams.rows]
    grams = rows.grams._replace(rows=at[rows.grams.rows[kept]], buckets=rows.grams.buckets[kept])
    signs = rows.signs._replace(values=rows.signs.values[mask])
    columns: dict[str, Any] = {name: getattr(rows, name)[mask] for name in BY_ROW}
    return rows._replace(**columns, grams=grams, signs=signs)


def _calibrated(margin: Floats, right: Bools) -> tuple[Floats, Floats]:
    """Return margins, and the confidence below the first, between each two and above the last: it never falls."""
    order = np.argsort(margin, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    shares = [(float(right[part].sum()) + 1) / (len(part) + 2) for part in parts]
    rising = [[share, len(part)] for share, part in zip(shares, parts, strict=True)]
    pooled: list[list[float]] = []  # pool adjacent violators: bins that fall are joined to one with their mean
    for share, count in rising:
        pooled.append([share, count, 1])
        while len(pooled) > 1 and pooled[-2][0] >= pooled[-1][0]:
            high, low = pooled.pop(), pooled.pop()
            total = high[1] + low[1]
            pooled.append([(high[0] * high[1] + low[0] * low[1]) / total, total, high[2] + low[2]])
    starts = np.cumsum([0, *(int(bins) for _, _, bins in pooled)])[1:-1]
    edges = np.array([margin[parts[start][0]] for start in starts], np.float64)
    return edges, np.array([share for share, _, _ in pooled]).round(3)


def fitted(tag: str, rows: Rows) -> Fitted | None:
    """Return the model of a tag with its held-out answers; ``None`` where fewer than two labels are known."""
    usable = rows.labels != None  # noqa: E711 - element by element
    true = usable & ~rows.weak
    if len(set(rows.labels[true])) < 2:
        return None
    folds = rows.groups % FOLDS
    best, margin, kept = np.zeros(len(usable), np.int64), np.zeros(len(usable)), np.zeros(len(usable), bool)
    for fold in range(FOLDS):
        asked = true & (folds == fold)
        if asked.any():
            model = _fit(tag, rows, usable & (folds != fold))
            some = _some(rows, asked)
            best[asked], margin[asked] = margins(scored(model, [some.grams], some.signs))
            lexicon = Tagged(some.guesses, some.certain)
            kept[asked] = stands(model.taught, model.languages, lexicon, some.languages)
    said = np.array(rows.names, object)[best]
    own = true & ~kept
    edges, confidences = _calibrated(margin[own], said[own] == rows.labels[own])
    sure = confidences[np.searchsorted(edges, margin, side="right")]
    said = np.where(kept, rows.guesses, np.where(sure >= LEAST[tag], said, rows.fallback))
    model = _fit(tag, rows, usable)._replace(margins=edges, confidences=confidences)
    return Fitted(model, said[true], rows.labels[true], rows.sources[true], sure[true])
