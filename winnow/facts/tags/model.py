"""The learned tagger: for each tag a linear model in whole numbers, kept as one Parquet file named by its digest.

A label's score is ``weights of n-grams / sqrt(number of n-grams) * fine + weights of signs * coarse``, each weight
summed over what the row has. Both sums are of integers, and what follows them is single operations that IEEE 754 rounds
in one way, so a row has the same tag on any machine. Confidence is read from a table of score margins, made from rows
that training had not seen.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.tags.features import BITS, Evidence, Grams, Signs
from winnow.facts.tags.rules import Tagged
from winnow.harness.errors import UserError
from winnow.storage.parquet import read_table, write_table
from winnow.storage.types import Bools, Floats, Ints, Labels

SCHEMA = pa.schema(
    [("tag", pa.string()), ("feature", pa.int32()), ("weights", pa.list_(pa.int16())), ("about", pa.string())]
)
"""One row = one feature of a tag: bucket of an n-gram, or ``-1 - column`` of a sign. ``about`` stands in the row of a
tag without weights, as JSON."""
_ABOUT = np.iinfo(np.int32).min
_PLAIN = ("labels", "fine", "coarse", "least", "taught", "languages")


class Linear(NamedTuple):
    """The model of one tag. ``grams`` and ``signs`` hold the weights of a feature (first axis) for each label."""

    labels: tuple[str, ...]
    buckets: Ints
    grams: Ints
    signs: Ints
    fine: float
    coarse: float
    margins: Floats
    confidences: Floats
    least: float
    taught: tuple[str, ...]
    languages: tuple[str, ...]


SURE = 0.5
"""Confidence from which a lexicon is believed where the model was not taught."""


def stands(taught: Sequence[str], languages: Sequence[str], lexicon: Tagged, of: Labels) -> Bools:
    """Return a mask of the rows whose tag is the lexicon's: it is sure, of a label or in a language (``of`` each row)
    that no labelled row of the training had.
    """
    unknown = ~np.isin(lexicon.labels.astype(str), taught) | ~np.isin(of.astype(str), languages)
    return unknown & (lexicon.confidence >= SURE)


def sparse(grams: Sequence[Grams], buckets: Ints, rows: int) -> Any:
    """Return which of ``buckets`` (second axis) each row has, as a sparse matrix of ones."""
    from scipy.sparse import csr_matrix

    slots = np.full(1 << BITS, -1, np.int32)
    slots[buckets] = np.arange(len(buckets), dtype=np.int32)
    keys = []
    for own in grams:
        slot = slots[own.buckets]
        met = np.flatnonzero(slot >= 0)
        keys.append(own.rows[met] * max(len(buckets), 1) + slot[met])
    key = np.sort(np.concatenate(keys))
    key = key[np.append(True, key[1:] != key[:-1])[: len(key)]]
    row, slot = np.divmod(key, max(len(buckets), 1))
    bounds = np.searchsorted(row, np.arange(rows + 1))
    return csr_matrix((np.ones(len(slot), np.int32), slot, bounds), shape=(rows, len(buckets)))


def scored(model: Linear, grams: Sequence[Grams], signs: Signs) -> Floats:
    """Return the score of each row (first axis) for each label."""
    rows = len(signs.values)
    matrix = sparse(grams, model.buckets, rows)
    met = np.maximum(np.diff(matrix.indptr), 1)
    fine = (matrix @ model.grams.astype(np.int32)) / np.sqrt(met.astype(np.float64))[:, None]
    coarse = signs.values.astype(np.float64) @ model.signs.astype(np.float64)  # whole numbers: exact in any order
    return fine * model.fine + coarse * model.coarse


def margins(scores: Floats) -> tuple[Ints, Floats]:
    """Return the best label of each row and how far its score is above the next."""
    best = scores.argmax(axis=1)
    top = np.partition(scores, -2, axis=1)
    return best, top[:, -1] - top[:, -2]


def decided(model: Linear, evidence: Evidence) -> Tagged:
    """Return the label of each row, the fallback where its confidence is below ``model.least``; see :func:`stands`."""
    if len(evidence.sums) == 0:
        return Tagged(np.zeros(0, object), np.zeros(0))
    best, margin = margins(scored(model, evidence.grams(), evidence.signs()))
    sure = model.confidences[np.searchsorted(model.margins, margin, side="right")]
    labels = np.where(sure >= model.least, np.array(model.labels, dtype=object)[best], evidence.fallback)
    kept = stands(model.taught, model.languages, evidence.lexicon, evidence.languages)
    return Tagged(np.where(kept, evidence.lexicon.labels, labels), np.where(kept, evidence.lexicon.confidence, sure))


def as_table(models: dict[str, Linear], made: dict[str, Any]) -> pa.Table:
    """Return the models as the table that is kept; ``made`` says by what each was made (for people)."""
    rows: list[tuple[str, int, list[int], str | None]] = []
    for tag, model in models.items():
        head = {
            **{name: getattr(model, name) for name in _PLAIN},
            "margins": model.margins.tolist(),
            "confidences": model.confidences.tolist(),
            "made": made[tag],
        }
        rows.append((tag, int(_ABOUT), [], json.dumps(head, ensure_ascii=False, sort_keys=True)))
        rows += [(tag, -1 - column, weights, None) for column, weights in enumerate(model.signs.tolist())]
        rows += [(tag, int(at), own, None) for at, own in zip(model.buckets, model.grams.tolist(), strict=True)]
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(SCHEMA.names)}, schema=SCHEMA)


def as_bytes(table: pa.Table) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that keeps the table; the name is a digest of the bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.parquet"
        write_table(path, table, SCHEMA)
        return _digest(path), path.read_bytes()


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


@cache
def load(path: Path) -> dict[str, Linear]:
    """Return the model of each tag in the file ``path``.

    A file that is missing, or is not what its name says, is a :class:`UserError`.
    """
    import scipy.sparse  # noqa: F401 - now, so that workers that are forked later have it

    if not path.is_file():
        raise UserError(
            f"{path} is missing: annotate.tag_model in params.yaml names a model that is not there; bring it back "
            "from Git, or run winnow train-tags."
        )
    if _digest(path) != path.stem:
        raise UserError(f"{path} is damaged: its name is not the digest of its bytes; bring it back from Git.")
    table = read_table(path)
    features = table["feature"].to_numpy()
    tags = np.array(table["tag"].to_pylist(), dtype=object)
    models = {}
    for at in np.flatnonzero(features == _ABOUT):
        head = json.loads(table["about"][int(at)].as_py())
        of_tag = tags == tags[at]
        signs, grams = (
            _weights(table, of_tag & side) for side in ((features < 0) & (features > _ABOUT), features >= 0)
        )
        labels = tuple(head["labels"])
        models[str(tags[at])] = Linear(
            labels=labels,
            taught=tuple(head["taught"]),
            languages=tuple(head["languages"]),
            buckets=features[of_tag & (features >= 0)].astype(np.int64),
            grams=grams.reshape(-1, len(labels)),
            signs=signs.reshape(-1, len(labels)),
            fine=head["fine"],
            coarse=head["coarse"],
            margins=np.array(head["margins"], np.float64),
            confidences=np.array(head["confidences"], np.float64),
            least=head["least"],
        )
    return models


def _weights(table: pa.Table, rows: Any) -> Ints:
    return np.array(table["weights"].combine_chunks().filter(pa.array(rows)).flatten(), np.int64)
