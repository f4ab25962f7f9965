"""Prompts that say an item of a test set in other words: the highest cosine to an item, by TF-IDF or a local model.

The rarity of a word comes from the items alone, so that a row's value never depends on other rows.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity import tfidf
from winnow.similarity.embed import Encoder, Vectors, encoded, encoder
from winnow.storage.types import Floats, Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE

_BLOCK = 4_096  # rows whose products with all items are in memory at a time


class Alike(NamedTuple):
    """Rows and items of a table, and their cosine."""

    rows: Ints
    items: Ints
    cosine: Floats


@cache
def _encoder(model: str) -> Encoder:
    return encoder(model, "overlaps")


@dataclass(frozen=True)
class Meaning:
    """The vectors of all items, and how those of rows are made: ``tfidf``, or ``embed`` with the folder of a model."""

    method: str
    floor: float
    model: str
    idf: Floats
    vectors: Any

    def alike(self, table: pa.Table) -> Alike:
        """Return for each row of a table of records the item that its prompt is most like, from the floor on."""
        context, asked = views.context(table), views.instruction(table)
        texts = pc.binary_join_element_wise(context, asked, "\n")
        if self.method == "tfidf":
            return _joined([self._sparse(start, some) for start, some in slices(normalised(texts), SLICE)])
        encode = _encoder(self.model)
        blocks = range(0, len(texts), _BLOCK)
        return _joined([self._dense(start, encode, texts.slice(start, _BLOCK)) for start in blocks])

    def _sparse(self, start: int, texts: pa.Array) -> Alike:
        products = _matrix(texts, self.idf) @ self.vectors
        best = np.asarray(products.argmax(axis=1)).ravel()
        return self._kept(start, best, np.asarray(products.max(axis=1).todense()).ravel())

    def _dense(self, start: int, encode: Encoder, texts: pa.Array) -> Alike:
        products = encoded(encode, texts) @ self.vectors
        return self._kept(start, products.argmax(axis=1), products.max(axis=1).astype(np.float64))

    def _kept(self, start: int, items: Ints, cosine: Floats) -> Alike:
        rows = np.flatnonzero(np.round(cosine, 4) >= self.floor)
        return Alike(rows + start, items[rows].astype(np.int64), np.minimum(np.round(cosine[rows], 4), 1.0))


def meaning_of(texts: list[str], method: str, floor: float, model: str) -> Meaning:
    """Return the vectors of the texts of all items, shape (features, items)."""
    column = pa.array(texts, pa.string())
    if method == "embed":
        vectors: Vectors = encoded(_encoder(model), column).T.copy()
        return Meaning(method, floor, model, np.zeros(0), vectors)
    values, _ = tfidf.features(normalised(column))
    idf = tfidf.rarity(tfidf.frequencies(values), len(texts))
    return Meaning(method, floor, model, idf, _matrix(normalised(column), idf).T.tocsr())


def _matrix(texts: pa.Array, idf: Floats) -> Any:
    from scipy.sparse import csr_matrix

    features, weights, bounds = tfidf.weighted(*tfidf.features(texts), idf)
    return csr_matrix((weights, features, bounds), shape=(len(texts), 1 << tfidf.BITS))


def _joined(parts: list[Alike]) -> Alike:
    if not parts:
        return Alike(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return Alike(*(np.concatenate([part[at] for part in parts]) for at in range(3)))
